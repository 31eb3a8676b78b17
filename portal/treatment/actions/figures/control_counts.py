"""Count a tenant's findings by control, for `ControlCount`, and by owner, for `Snapshot.work`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from portal.treatment.models import ControlCount
from portal.treatment.models.control_count import OVERDUE, STATES, TREATED, UNASSIGNED, UNASSIGNED_OVERDUE
from portal.treatment.selectors.owned_counts import OverdueCount, OwnedCount
from portal.treatment.selectors.scores import TreatedCount
from portal.treatment.selectors.verdict_counts import ControlVerdicts
from portal.treatment.states import ShownState
from tenants.models import Tenant

_COLUMNS: Final = (*STATES, *TREATED, *UNASSIGNED.values(), *OVERDUE.values(), *UNASSIGNED_OVERDUE.values())


class ControlNumbers:
    """The counts of a tenant's findings. Call `add_unassigned` after `add_treated`, whose counts it uses.

    - `numbers`: {(control, severity): {column of `ControlCount`: count}}
    - `sections`: {(control, severity): section of the catalogue}
    """

    def __init__(self, verdicts: ControlVerdicts) -> None:
        self.sections: dict[tuple[str, str], str] = {}
        self.numbers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for (control, severity, section, _, state), number in verdicts.items():
            self.sections[control, severity] = section
            self.numbers[control, severity][state] += number

    def add_treated(self, treated: Iterable[TreatedCount]) -> None:
        """Count the findings whose shown state differs from their verdict, for example excepted instead of failing."""
        for one in treated:
            if one.shown in TREATED and one.state == TREATED[one.shown]:
                self._add(one.control, one.severity, one.shown, one.number)

    def add_unassigned(self, owned: Iterable[OwnedCount]) -> None:
        """Count the findings without an owner, by shown state: all findings minus the findings with an owner."""
        for found in self.numbers.values():
            for state in STATES:
                moved = sum(found[shown] for shown, verdict in TREATED.items() if verdict == state)
                found[UNASSIGNED[state]] = found[state] - moved
            for shown in TREATED:
                found[UNASSIGNED[shown]] = found[shown]
        for one in owned:
            self._add(one.control, one.severity, UNASSIGNED[one.shown], -one.number)

    def add_overdue(self, overdue: Iterable[OverdueCount], owned: Iterable[OwnedCount]) -> None:
        """Count the overdue findings, and the overdue findings without an owner."""
        for late in overdue:
            for column in (OVERDUE[late.shown], UNASSIGNED_OVERDUE[late.shown]):
                self._add(late.control, late.severity, column, late.number)
        for one in owned:
            if one.is_late and one.shown in UNASSIGNED_OVERDUE:
                self._add(one.control, one.severity, UNASSIGNED_OVERDUE[one.shown], -one.number)

    def _add(self, control: str, severity: str, column: str, number: int) -> None:
        # Skip controls that are missing from `verdicts`: an assessment has written their first findings since
        # `verdicts` was read. Such an assessment makes the stored numbers out of date, so they are counted again soon.
        if (found := self.numbers.get((control, severity))) is not None:
            found[column] += number


def replace_control_counts(tenant: Tenant, numbers: ControlNumbers) -> None:
    """Store the counts by control. Rows that have not changed are not written, so most calls write no row."""
    rows = {
        key: (numbers.sections[key], *(max(0, found[column]) for column in _COLUMNS))
        for key, found in numbers.numbers.items()
    }
    # Read and compare the stored rows as tuples, which takes a fraction of the time that model instances would take.
    stored = {
        (control, severity): (pk, tuple(values))
        for pk, control, severity, *values in ControlCount.objects.filter(tenant=tenant).values_list(
            "pk", "control", "severity", "section", *_COLUMNS
        )
    }
    outdated = {pk for key, (pk, values) in stored.items() if rows.get(key) != values}
    ControlCount.objects.filter(tenant=tenant, pk__in=outdated).delete()
    ControlCount.objects.bulk_create(
        ControlCount(
            tenant=tenant,
            control=key[0],
            severity=key[1],
            **dict(zip(("section", *_COLUMNS), values, strict=True)),
        )
        for key, values in rows.items()
        if key not in stored or stored[key][0] in outdated
    )


def work_of_owners(owned: Iterable[OwnedCount]) -> list[list[Any]]:
    """Return [owner's id, open, open and critical, overdue, acknowledged] of each owner, for `Snapshot.work`."""
    found: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in owned:
        if one.shown not in OVERDUE:
            continue
        is_open = one.shown == ShownState.OPEN
        row = found[one.owner]
        row[0] += one.number if is_open else 0
        row[1] += one.number if is_open and one.severity == "critical" else 0
        row[2] += one.number if one.is_late else 0
        row[3] += 0 if is_open else one.number
    return [[str(owner), *numbers] for owner, numbers in sorted(found.items())]
