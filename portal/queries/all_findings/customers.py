"""Count, in each customer, the findings of one control by shown state and by owner, and the overdue findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count

from assessments.models import Finding
from portal.queries.all_findings import conditions
from portal.queries.all_findings.filters import PART_COLUMNS, AllFindingsFilter, Part
from portal.queries.all_findings.sources import (
    Cell,
    Sources,
    facet_counts,
    filtered_counts,
    sources_of,
    treated,
)
from portal.treatment.models import ControlCount
from portal.treatment.models.control_count import STATES, TREATED
from portal.treatment.models.facet_count import SHOWN
from portal.treatment.selectors.scores import past_due_in
from portal.treatment.states import NOT_JUDGED, ShownState, shown_state
from tenants.models import Tenant

_KEY = ("tenant_id", "control", "severity", "section")


class CustomerLine(NamedTuple):
    """A customer and its findings of one control.

    - `counts`: the number of findings by shown state
    - `number`: the number of findings in the states that the filter selects; without a filter by state, the number of
      findings on subjects to which the control applies (`judged`)
    - `subjects`: like `counts`, but without the filter by severity
    """

    tenant: Tenant
    counts: Counter[str]
    number: int
    subjects: Counter[str]


def judged(states: Mapping[str, int]) -> int:
    """Return the number of findings on subjects to which the control applies. `states` is {shown state: number of
    findings}.
    """
    return sum(number for state, number in states.items() if state not in NOT_JUDGED)


def customers_of(
    control: str,
    tenants: Sequence[Tenant],
    chosen: AllFindingsFilter,
    now: datetime,
    sources: Sources | None = None,
) -> list[CustomerLine]:
    """Return the customers in which findings of the control match the filter. Customers with more open findings come
    first.

    The filters by section and control are ignored. `sources` is the result of `sources_of`, if the caller has it.
    """
    matching = {
        tenant.pk: tenant for tenant in tenants if chosen.has_slug_of(tenant) and chosen.has_label_of(tenant)
    }
    # Counts are stored by control and severity. The findings of one control can have several severities, so add up the
    # counts.
    severities = chosen.values.get("severity", ())
    by_tenant: dict[UUID, Counter[str]] = defaultdict(Counter)
    subjects: dict[UUID, Counter[str]] = defaultdict(Counter)
    for cell in cells_of(control, list(matching.values()), chosen, now, sources):
        subjects[cell.tenant_id].update(cell.states)
        if not severities or cell.severity in severities:
            by_tenant[cell.tenant_id].update(cell.states)
    states = chosen.values.get("state", ())
    found = [
        CustomerLine(matching[tenant_id], counts, number, subjects[tenant_id])
        for tenant_id, counts in by_tenant.items()
        if (number := sum(counts[state] for state in states) if states else judged(counts))
    ]
    found.sort(key=lambda line: (-line.counts[ShownState.OPEN], -line.number, line.tenant.name.casefold()))
    return found


def cells_of(
    control: str,
    tenants: Sequence[Tenant],
    chosen: AllFindingsFilter,
    now: datetime,
    sources: Sources | None = None,
) -> list[Cell]:
    """Count the findings of a control that match the filters of the module `conditions`. Return a cell for each
    customer and severity, with the numbers by shown state.

    `sources` is the result of `sources_of`, if the caller has it.
    """
    sources = sources or sources_of(tenants, chosen, now)
    ids = {tenant.pk for tenant in tenants}
    found = {
        (cell.tenant_id, cell.severity): replace(cell, states=Counter(cell.states))
        for cell in sources.counted
        if cell.control == control and cell.tenant_id in ids
    }
    for cell in _stored_cells(control, sources, ids):
        found[cell.tenant_id, cell.severity] = cell
    for cell in _facet_cells(control, sources) if sources.by_facet & ids else ():
        if cell.tenant_id in ids:
            found[cell.tenant_id, cell.severity] = cell
    for cell in _filtered_cells(control, tenants, chosen, now, sources) if sources.filtered & ids else ():
        found[cell.tenant_id, cell.severity] = cell
    others = sources.others(tenants)
    rows = treated(others, now).filter(control=control) if others else ()
    for tenant_id, _, severity, state, shown, number in rows:
        # `found` lacks the cell if an assessment wrote these findings after the query that filled `found`.
        if (one := found.get((tenant_id, severity))) is not None:
            one.states[state] -= number
            one.states[shown] += number
    return list(found.values())


def _stored_cells(control: str, sources: Sources, ids: set[UUID]) -> list[Cell]:
    stored = ids & (sources.by_shown_state | sources.by_verdict)
    if not stored:
        return []
    rows = ControlCount.objects.filter(tenant_id__any_of=stored, control=control).order_by()
    if sources.part != Part.ALL:
        columns = PART_COLUMNS[sources.part]
        return [
            Cell(tenant_id, slug, severity, section, Counter(dict(zip(columns, numbers, strict=True))))
            for tenant_id, slug, severity, section, *numbers in rows.values_list(*_KEY, *columns.values())
        ]
    found = []
    for tenant_id, slug, severity, section, *numbers in rows.values_list(*_KEY, *STATES, *TREATED):
        states = Counter(dict(zip(STATES, numbers, strict=False)))
        if tenant_id in sources.by_shown_state:
            for (shown, state), number in zip(TREATED.items(), numbers[len(STATES) :], strict=True):
                states[state] -= number
                states[shown] += number
        found.append(Cell(tenant_id, slug, severity, section, states))
    return found


def _facet_cells(control: str, sources: Sources) -> list[Cell]:
    found: dict[tuple[UUID, str], Cell] = {}
    sql, params = facet_counts(sources)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) AS of_facet WHERE control = %s", [*params, control])  # noqa: S608 - SQL of our code
        for tenant_id, _, severity, section, *numbers in cursor.fetchall():
            key = (tenant_id, severity)
            cell = found.setdefault(key, Cell(tenant_id, control, severity, section, Counter()))
            cell.states.update(dict(zip(SHOWN, numbers, strict=True)))
    return list(found.values())


def _filtered_cells(
    control: str, tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime, sources: Sources
) -> list[Cell]:
    found: dict[tuple[UUID, str], Cell] = {}
    with connection.cursor() as cursor:
        cursor.execute(*filtered_counts(sources, tenants, chosen, {control}, now))
        for tenant_id, _, severity, section, state, number in cursor.fetchall():
            key = (tenant_id, severity)
            cell = found.setdefault(key, Cell(tenant_id, control, severity, section, Counter()))
            cell.states[state] += number
    return list(found.values())


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The numbers of open findings of a control in one tenant: {owner or None: number}, and how many are overdue."""

    owners: Mapping[UUID | None, int]
    overdue: int


def open_work(
    control: str, tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime
) -> dict[UUID, OpenWork]:
    """Return, for each tenant, who owns the open findings of a control, and how many are overdue.

    Only the filter by severity and the filters of the module `conditions` apply.
    """
    found = conditions.matching(tenants, chosen.values, now)
    if severities := chosen.values.get("severity"):
        found = found.filter(severity__in=severities)
    rows = (
        found.filter(control=control, state=Finding.State.OPEN)
        .annotate(shown=shown_state(now))
        .filter(shown=ShownState.OPEN)
        .values_list("tenant_id", "treatment__owner_id")
        .annotate(number=Count("*"), late=Count("pk", filter=past_due_in(list(tenants), now)))
        .order_by("-number")
    )
    owners: dict[UUID, dict[UUID | None, int]] = defaultdict(dict)
    overdue: Counter[UUID] = Counter()
    for tenant_id, owner_id, number, late in rows:
        owners[tenant_id][owner_id] = number
        overdue[tenant_id] += late
    return {tenant_id: OpenWork(mine, overdue[tenant_id]) for tenant_id, mine in owners.items()}
