"""Where the numbers of all customers' findings come from.

Numbers come from the counts that snapshots store (`ControlCount`). If an assessment has written findings since a
tenant's snapshot, that tenant's findings are counted instead. Treatments, such as exceptions, change the shown state of
a few findings. Snapshots store the numbers of these findings too. If a tenant's treatments have changed since its
snapshot, its treated findings are read instead, and each is moved from the count of its verdict to the count of its
shown state, as in `portal.treatment.selectors.scores`.

Snapshots also store the numbers of unassigned and of overdue findings by shown state. They are used until any
treatment of the tenant changes, its owner included; then the tenant's findings are counted. Other filters of
`conditions` always count the findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from assessments.models import Finding
from portal.queries.all_findings import conditions
from portal.queries.all_findings.filters import AllFindingsFilter, Part
from portal.treatment.models import ControlCount
from portal.treatment.selectors.scores import (
    up_to_date_snapshots,
    valid_owner_counts,
    valid_shown_counts,
    verdicts_by_control,
)
from portal.treatment.states import CHANGES_SHOWN_STATE, TREATABLE, shown_state
from tenants.models import Tenant


@dataclass(slots=True)
class Cell:
    """The findings of one tenant, control and severity: {state: number}."""

    tenant_id: UUID
    control: str
    severity: str
    section: str
    states: Counter[str]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the numbers of each tenant come from.

    `by_shown_state`: tenants whose stored counts of `part` are up to date. `by_verdict`: tenants whose stored counts
    are up to date except for treated findings. `counted`: the findings of all other tenants, counted by state of the
    verdict.
    """

    part: Part
    by_shown_state: frozenset[UUID]
    by_verdict: frozenset[UUID]
    counted: list[Cell]

    def others(self, tenants: Sequence[Tenant]) -> list[Tenant]:
        """Return the tenants whose treated findings must be read."""
        return [tenant for tenant in tenants if tenant.pk not in self.by_shown_state]


def sources_of(tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime) -> Sources:
    """Return where the numbers of these tenants come from."""
    ids = [tenant.pk for tenant in tenants]
    part = chosen.part
    if part is None:
        return Sources(Part.ALL, frozenset(), frozenset(), _counted(tenants, chosen, now))
    if part != Part.ALL:
        valid = frozenset(valid_owner_counts(ids, now).order_by().values_list("tenant_id", flat=True))
        rest = [tenant for tenant in tenants if tenant.pk not in valid]
        return Sources(part, valid, frozenset(), _counted(rest, chosen, now) if rest else [])
    by_shown_state = frozenset(valid_shown_counts(ids, now).order_by().values_list("tenant_id", flat=True))
    others = [pk for pk in ids if pk not in by_shown_state]
    fresh = set(up_to_date_snapshots(others).values_list("tenant_id", flat=True)) if others else set()
    # Snapshots of earlier versions have no counts by control.
    by_verdict = frozenset(
        ControlCount.objects.filter(tenant_id__any_of=fresh)
        .order_by()
        .values_list("tenant_id", flat=True)
        .distinct()
        if fresh
        else ()
    )
    cells: dict[tuple[UUID, str, str], Cell] = {}
    missing = [pk for pk in others if pk not in by_verdict]
    for tenant_id, counts in (verdicts_by_control(missing) if missing else {}).items():
        for (control, severity, section, _, state), number in counts.items():
            cell = cells.setdefault(
                (tenant_id, control, severity), Cell(tenant_id, control, severity, section, Counter())
            )
            cell.states[state] += number
    return Sources(part, by_shown_state, by_verdict, list(cells.values()))


def treated(tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime) -> QuerySet[Finding, Any]:
    """Return (tenant, control, severity, state, shown state, number) of the findings whose shown state may differ."""
    return (
        conditions.matching(tenants, chosen.values, now)
        .filter(CHANGES_SHOWN_STATE, state__in=TREATABLE)
        .annotate(shown=shown_state(now))
        .values_list("tenant_id", "control", "severity", "state", "shown")
        .annotate(number=Count("id"))
        .order_by()
    )


def _counted(tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime) -> list[Cell]:
    """Count the findings that match the filters of `conditions` by tenant, control, severity and state."""
    found = conditions.matching(tenants, chosen.values, now)
    cells: dict[tuple[UUID, str, str], Cell] = {}
    columns = ("tenant_id", "control", "severity", "section", "state")
    for tenant_id, control, severity, section, state, number in (
        found.order_by().values_list(*columns).annotate(number=Count("pk"))
    ):
        key = (tenant_id, control, severity)
        cell = cells.setdefault(key, Cell(tenant_id, control, severity, section, Counter()))
        cell.states[state] += number
    return list(cells.values())
