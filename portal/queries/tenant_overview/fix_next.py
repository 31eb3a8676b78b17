"""Find the controls to fix first, ordered by the severity of their open findings, then by the number of these findings.

Reports use the same order (`urgency`), but choose from the findings in the report.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Count, Min, QuerySet

from assessments.models import Finding
from portal.treatment.due_dates import due_date, past_due
from portal.treatment.models import ControlCount
from portal.treatment.models.control_count import OUTCOME_OF_STATE
from portal.treatment.selectors.valid_snapshots import valid_shown_counts
from portal.treatment.states import CHANGES_SHOWN_STATE, ShownState, shown_state
from tenants.models import Person, Tenant

MAX_GROUPS: Final = 5
_RANKS: Final = list(Finding.Severity.values)


@dataclass(slots=True)
class FixGroup:
    """The open findings of one control that have the same severity. A control can have several groups, because the
    context of a resource can change the severity of a finding.

    - `open`: failing, neither acknowledged nor excepted
    - `counts`: {verdict: number of subjects of the control}, whatever the severity of their findings
    - `treated`: the number of the control's failures that are acknowledged or excepted, whatever their severity
    - `owners`: the owners of the open findings, starting with the owner of the most findings; `unassigned`: how many
      open findings have no owner
    - `due`: the earliest due date; `overdue`: how many open findings are overdue
    """

    control: str
    severity: str
    open: int
    counts: dict[str, int] = field(default_factory=dict)
    treated: int = 0
    owners: list[Person] = field(default_factory=list)
    unassigned: int = 0
    due: datetime | None = None
    overdue: int = 0

    @property
    def judged(self) -> int:
        """The number of subjects to which the control applies."""
        return sum(self.counts.values()) - self.counts.get("not_applicable", 0)

    @property
    def other_open(self) -> int:
        """The number of the control's open findings that have another severity."""
        return self.counts.get("fail", 0) - self.open - self.treated


def urgency(severity: str, open_: int, control: str) -> tuple[int, int, str]:
    """Return the sort key of a control's open findings of one severity. The most urgent has the smallest key."""
    return _RANKS.index(severity), -open_, control


def fix_next(
    tenant: Tenant,
    visible: QuerySet[Finding],
    now: datetime,
    limit: int = MAX_GROUPS,
    *,
    complete: bool = False,
) -> list[FixGroup]:
    """Return the controls to fix first, from the findings that the person may see.

    If `complete` is set, the person may see all findings of the tenant. The numbers then come from the tenant's
    snapshot, if the snapshot is up to date. Sends three to five queries.
    """
    failing = visible.filter(tenant=tenant, state=Finding.State.OPEN).order_by()
    groups = _stored(tenant, now) if complete else None
    if groups is None:
        groups = _most_urgent(failing, now)[:limit]
        if groups:
            _add_counts(groups, visible, tenant)
    groups = groups[:limit]
    if groups:
        _add_owners(groups, failing, tenant, now)
    return groups


def _stored(tenant: Tenant, now: datetime) -> list[FixGroup] | None:
    """Return all controls with open findings from the numbers in the tenant's snapshot, the most urgent first.

    Return None if these numbers are outdated.
    """
    valid = valid_shown_counts([tenant.pk], now).order_by().values("tenant_id")
    rows = list(ControlCount.objects.filter(tenant=tenant, tenant_id__in=valid))
    if not rows:
        return None
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    treated: Counter[str] = Counter()
    for row in rows:
        treated[row.control] += row.acknowledged + row.excepted
        for state, outcome in OUTCOME_OF_STATE.items():
            counts[row.control][outcome] += getattr(row, state)
    found = []
    for row in rows:
        number = row.open - row.acknowledged - row.excepted
        if number > 0:
            found.append(
                FixGroup(row.control, row.severity, number, dict(+counts[row.control]), treated[row.control])
            )
    return _sorted(found)


def _most_urgent(failing: QuerySet[Finding], now: datetime) -> list[FixGroup]:
    """Group the open findings by severity and control, and return the groups, the most urgent first.

    The open findings are all failures minus the acknowledged and excepted failures. The shown state is computed only
    for the few failures whose treatment can change it.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for *key, number in failing.values_list("severity", "control").annotate(number=Count("*")):
        counts[*key] += number
    rows = (
        failing.filter(CHANGES_SHOWN_STATE)
        .annotate(shown=shown_state(now))
        .exclude(shown=ShownState.OPEN)
        .values_list("severity", "control")
        .annotate(number=Count("*"))
    )
    treated: Counter[str] = Counter()
    for severity, control, number in rows:
        counts[severity, control] -= number
        treated[control] += number
    return _sorted(
        FixGroup(control, severity, number, treated=treated[control])
        for (severity, control), number in (+counts).items()
    )


def _sorted(groups: Iterable[FixGroup]) -> list[FixGroup]:
    return sorted(groups, key=lambda group: urgency(group.severity, group.open, group.control))


def _add_counts(groups: Sequence[FixGroup], visible: QuerySet[Finding], tenant: Tenant) -> None:
    rows = (
        visible.filter(tenant=tenant, control__in=[group.control for group in groups])
        .exclude(state=Finding.State.GONE)
        .order_by()
        .values_list("control", "outcome")
        .annotate(number=Count("*"))
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for control, outcome, number in rows:
        found[control][outcome] = number
    for group in groups:
        group.counts = found[group.control]


def _add_owners(
    groups: Sequence[FixGroup], failing: QuerySet[Finding], tenant: Tenant, now: datetime
) -> None:
    by_key = {(group.control, group.severity): group for group in groups}
    rows = (
        failing.filter(control__in=[group.control for group in groups])
        .annotate(shown=shown_state(now))
        .filter(shown=ShownState.OPEN)
        .values_list("control", "severity", "treatment__owner_id")
        .annotate(
            number=Count("*"),
            late=Count("pk", filter=past_due(tenant.due_days, now)),
            first=Min("failing_since"),
        )
        .order_by("-number")
    )
    owners: dict[tuple[str, str], list[object]] = defaultdict(list)
    for control, severity, owner_id, number, late, first in rows:
        group = by_key.get((control, severity))
        if group is None:
            continue
        group.overdue += late
        due = due_date(tenant.due_days, severity, first)
        if due is not None and (group.due is None or due < group.due):
            group.due = due
        if owner_id is None:
            group.unassigned = number
        else:
            owners[control, severity].append(owner_id)
    people = Person.objects.in_bulk({pk for found in owners.values() for pk in found})
    for key, ids in owners.items():
        by_key[key].owners = [people[pk] for pk in ids if pk in people]
