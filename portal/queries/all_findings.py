"""The findings of all customers, counted by control and customer: groups, and facets with their numbers.

Numbers come from the counts that snapshots store (`ControlCount`). If an assessment has written findings since a
tenant's snapshot, that tenant's findings are counted instead. Treatments, such as exceptions, change the shown state of
a few findings. Snapshots store the numbers of these findings too. If a tenant's treatments have changed since its
snapshot, its treated findings are read instead, and each is moved from the count of its verdict to the count of its
shown state, as in `portal.treatment.selectors.scores`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, QuerySet

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.queries import all_findings_conditions as conditions
from portal.queries.parameters import Parameters, text_of, values_of
from portal.treatment.models import ControlCount
from portal.treatment.models.control_count import STATES, TREATED
from portal.treatment.selectors.scores import (
    past_due_in,
    up_to_date_snapshots,
    valid_shown_counts,
    verdicts_by_control,
)
from portal.treatment.states import CHANGES_SHOWN_STATE, TREATABLE, ShownState, shown_state
from tenants.models import Tenant

# Parameters of the address by which findings are filtered, in the order of the page's facets.
NAMES: Final = ("severity", "state", "customer", "label", "section", "control", *conditions.NAMES)
# The shown states that are counted.
_SHOWN: Final = tuple(state.value for state in ShownState if state != ShownState.GONE)
# Shown states of subjects to which the control does not apply or that no longer exist.
_NOT_JUDGED: Final = (ShownState.NOT_APPLICABLE, ShownState.GONE)
# No rows, with the types of the columns that `_treated` returns.
_NO_TREATED: Final = (
    "SELECT NULL::uuid, NULL::text, NULL::text, NULL::text, NULL::text, 0::bigint WHERE false"
)


@dataclass(slots=True)
class Cell:
    """The findings of one tenant, control and severity: {state: number}."""

    tenant_id: UUID
    control: str
    severity: str
    section: str
    states: Counter[str]


def cells_of(control: str, tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime) -> list[Cell]:
    """Return the cells of one control by shown state, under the filters of `all_findings_conditions`."""
    sources = _sources(tenants, chosen, now, control)
    found = {(cell.tenant_id, cell.severity): cell for cell in sources.counted if cell.control == control}
    columns = ("tenant_id", "control", "severity", "section", *STATES, *TREATED)
    stored = ControlCount.objects.filter(
        tenant_id__any_of=[*sources.by_shown_state, *sources.by_verdict], control=control
    )
    for tenant_id, slug, severity, section, *numbers in stored.order_by().values_list(*columns):
        states = Counter(dict(zip(STATES, numbers, strict=False)))
        if tenant_id in sources.by_shown_state:
            for (shown, state), number in zip(TREATED.items(), numbers[len(STATES) :], strict=True):
                states[state] -= number
                states[shown] += number
        found[tenant_id, severity] = Cell(tenant_id, slug, severity, section, states)
    treated = _treated(sources.others(tenants), chosen, now).filter(control=control)
    for tenant_id, _, severity, state, shown, number in treated:
        # An assessment may have written between the two queries.
        if (cell := found.get((tenant_id, severity))) is not None:
            cell.states[state] -= number
            cell.states[shown] += number
    return list(found.values())


def _treated(tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime) -> QuerySet[Finding, Any]:
    """Return (tenant, control, severity, state, shown state, number) of the findings whose shown state may differ."""
    if chosen.reads_findings:
        rows = conditions.matching(tenants, chosen.values, now)
    else:
        rows = Finding.objects.filter(tenant_id__any_of=[tenant.pk for tenant in tenants])
    return (
        rows.filter(CHANGES_SHOWN_STATE, state__in=TREATABLE)
        .annotate(shown=shown_state(now))
        .values_list("tenant_id", "control", "severity", "state", "shown")
        .annotate(number=Count("id"))
        .order_by()
    )


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where the numbers of each tenant come from.

    `by_shown_state`: tenants whose stored counts are up to date. `by_verdict`: tenants whose stored counts are up to
    date except for treated findings. `counted`: the findings of all other tenants, counted by state of the verdict.
    """

    by_shown_state: frozenset[UUID]
    by_verdict: frozenset[UUID]
    counted: list[Cell]

    def others(self, tenants: Sequence[Tenant]) -> list[Tenant]:
        """Return the tenants whose treated findings must be read."""
        return [tenant for tenant in tenants if tenant.pk not in self.by_shown_state]


def _sources(
    tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime, control: str | None = None
) -> _Sources:
    """Return where the numbers of these tenants come from.

    Some filters (`all_findings_conditions`) cannot be answered from stored counts. With such a filter, count the
    findings themselves; if `control` is given, only the findings of this control.
    """
    if chosen.reads_findings:
        matching = conditions.matching(tenants, chosen.values, now)
        counted = _counted_cells(matching if control is None else matching.filter(control=control))
        return _Sources(frozenset(), frozenset(), counted)
    ids = [tenant.pk for tenant in tenants]
    by_shown_state = frozenset(valid_shown_counts(ids, now).values_list("tenant_id", flat=True))
    rest = [pk for pk in ids if pk not in by_shown_state]
    fresh = set(up_to_date_snapshots(rest).values_list("tenant_id", flat=True)) if rest else set()
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
    missing = [pk for pk in rest if pk not in by_verdict]
    for tenant_id, counts in (verdicts_by_control(missing) if missing else {}).items():
        for (control, severity, section, _, state), number in counts.items():
            cell = cells.setdefault(
                (tenant_id, control, severity), Cell(tenant_id, control, severity, section, Counter())
            )
            cell.states[state] += number
    return _Sources(by_shown_state, by_verdict, list(cells.values()))


def _counted_cells(found: QuerySet[Finding]) -> list[Cell]:
    """Count these findings by tenant, control, severity and state."""
    cells: dict[tuple[UUID, str, str], Cell] = {}
    columns = ("tenant_id", "control", "severity", "section", "state")
    for tenant_id, control, severity, section, state, number in (
        found.order_by().values_list(*columns).annotate(number=Count("pk"))
    ):
        key = (tenant_id, control, severity)
        cell = cells.setdefault(key, Cell(tenant_id, control, severity, section, Counter()))
        cell.states[state] += number
    return list(cells.values())


@dataclass(frozen=True, slots=True)
class AllFindingsFilter:
    """Filter of the findings of all customers.

    Values of one parameter are alternatives (OR); several parameters must all match (AND).

    `customer` holds slugs of tenants. `search` is a text; each of its words must occur in the title or the id of the
    control.
    """

    values: Mapping[str, Sequence[str]]
    search: str = ""

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter for the parameters of an address; unknown parameters are ignored."""
        return cls(
            {name: given for name in NAMES if (given := values_of(parameters, name))},
            text_of(parameters, "q"),
        )

    def has_slug_of(self, tenant: Tenant) -> bool:
        """Return whether the filter includes this customer by name."""
        return "customer" not in self.values or tenant.slug in self.values["customer"]

    def has_label_of(self, tenant: Tenant) -> bool:
        """Return whether the filter includes this customer by its labels."""
        return "label" not in self.values or not set(self.values["label"]).isdisjoint(tenant.labels)

    @property
    def reads_findings(self) -> bool:
        """Return whether the filter needs the findings, because stored counts do not answer it."""
        return any(name in self.values for name in conditions.NAMES)

    @property
    def active_count(self) -> int:
        """The number of filter values in use, including the search."""
        return sum(map(len, self.values.values())) + bool(self.search)


@dataclass(slots=True)
class AllFindingsGroup:
    """The findings of one control in all customers.

    `count`: the number of matching findings; `customers`: the number of customers that have them. `states`: {shown
    state: number} of all findings of the chosen customers, ignoring the filter by state. `assessed_customers`: the
    number of customers in which the control applies to something.
    """

    control: str
    severity: str
    count: int
    customers: int
    assessed_customers: int
    states: Counter[str]


@dataclass(slots=True)
class AllFindings:
    """The groups that match a filter, and for each parameter {value: number of findings that the value would match}."""

    groups: list[AllFindingsGroup]
    facets: dict[str, Counter[str]]
    assessed_customers: int

    @property
    def total(self) -> int:
        """The number of matching findings."""
        return sum(group.count for group in self.groups)


def all_findings(tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime) -> AllFindings:
    """Group and count the findings of these tenants.

    A facet is counted without the filter that the facet itself sets.
    """
    ids = [tenant.pk for tenant in tenants]
    facets: dict[str, Counter[str]] = defaultdict(Counter)
    groups: list[AllFindingsGroup] = []
    by_tenant: dict[UUID, int] = {}
    for kind, key, rank, count, customers, assessed, *numbers in _grouped(ids, tenants, chosen, now):
        if kind == "control":
            states = Counter({state: number for state, number in zip(_SHOWN, numbers, strict=True) if number})
            facets["state"].update(states)
            if count:
                severity = Finding.Severity.values[rank]
                groups.append(AllFindingsGroup(key, severity, count, customers, assessed, states))
        elif kind == "customer":
            by_tenant[UUID(key)] = count
        else:
            facets[kind][key] = count
    for tenant in tenants:
        number = by_tenant.get(tenant.pk, 0)
        if chosen.has_label_of(tenant):
            facets["customer"][tenant.slug] = number
        if chosen.has_slug_of(tenant):
            facets["label"].update(dict.fromkeys(tenant.labels, number))
    listed = [tenant for tenant in tenants if chosen.has_slug_of(tenant) and chosen.has_label_of(tenant)]
    if sum(group.count for group in groups) <= conditions.MAX_COUNTED:
        facets |= conditions.counts(listed, chosen.values, _matching_controls(chosen), now)
    return AllFindings(groups, facets, len(by_tenant))


def _grouped(
    ids: list[UUID], tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime
) -> list[tuple[Any, ...]]:
    """Return rows of (kind, key, severity, count, customers, assessed customers, a number for each shown
    state).

    `kind` is `control`, `severity`, `section` or `customer`; all but controls have null after the count. The database
    adds up the cells, because Python would need a second for 200 customers.
    """
    if not ids:
        return []
    sources = _sources(tenants, chosen, now)
    try:
        treated, treated_params = _treated(sources.others(tenants), chosen, now).query.sql_with_params()
    except EmptyResultSet:  # The chosen filters contradict each other, for example with an unknown value.
        treated, treated_params = _NO_TREATED, ()
    moved = ", ".join(
        f"(coalesce(sum(number) FILTER (WHERE shown = '{state}'), 0)"
        f" - coalesce(sum(number) FILTER (WHERE state = '{state}'), 0))::int AS {state}"
        for state in _SHOWN
    )
    summed = ", ".join(f"c.{state} + coalesce(m.{state}, 0) AS {state}" for state in _SHOWN)
    in_verdicts = ", ".join(state if state in STATES else "0" for state in _SHOWN)
    judged = " + ".join(state for state in _SHOWN if state not in _NOT_JUDGED)
    states = [state for state in chosen.values.get("state", ()) if state in _SHOWN]
    number = " + ".join(states if "state" in chosen.values else _SHOWN) or "0"
    sums = ", ".join(f"sum({state})::bigint AS {state}" for state in _SHOWN)
    nulls = ", ".join("NULL::bigint" for _ in _SHOWN)
    sql = f"""
    WITH counted AS (
      SELECT tenant_id, control, severity, section, {", ".join(f"{_as_shown(state)} AS {state}" for state in _SHOWN)}
      FROM treatment_controlcount WHERE tenant_id = ANY(%s)
      UNION ALL
      SELECT tenant_id, control, severity, section, {in_verdicts}
      FROM treatment_controlcount WHERE tenant_id = ANY(%s)
      UNION ALL
      SELECT tenant_id, control, severity, section, {in_verdicts}
      FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], {", ".join("%s::int[]" for _ in STATES)})
        AS c (tenant_id, control, severity, section, {", ".join(STATES)})
    ), treated (tenant_id, control, severity, state, shown, number) AS ({treated}),
    moved AS (SELECT tenant_id, control, severity, {moved} FROM treated GROUP BY 1, 2, 3),
    cells AS MATERIALIZED (
      SELECT c.tenant_id, c.control, c.severity, c.section, {summed},
        array_position(%s::text[], c.severity::text) - 1 AS rank,
        %s OR c.severity = ANY(%s) AS in_severity, %s OR c.section = ANY(%s) AS in_section,
        c.tenant_id = ANY(%s) AS in_tenant, %s OR c.control = ANY(%s) AS in_control
      FROM counted c LEFT JOIN moved m USING (tenant_id, control, severity)
    ), numbered AS (SELECT *, {number} AS number, {judged} AS judged FROM cells WHERE in_control)
    SELECT 'control', control, rank, number, customers, assessed, {", ".join(_SHOWN)}
    FROM (
      SELECT control, min(rank)::int AS rank, sum(number)::bigint AS number, {sums}
      FROM numbered WHERE in_severity AND in_section AND in_tenant GROUP BY control
    ) AS of_control JOIN (
      SELECT control, count(*) FILTER (WHERE number > 0) AS customers, count(*) FILTER (WHERE judged > 0) AS assessed
      FROM (
        SELECT control, sum(number) AS number, sum(judged) AS judged
        FROM numbered WHERE in_severity AND in_section AND in_tenant GROUP BY control, tenant_id
      ) AS of_customer GROUP BY control
    ) AS counted_customers USING (control)
    UNION ALL SELECT 'severity', severity, NULL, sum(number)::bigint, NULL, NULL, {nulls}
      FROM numbered WHERE in_section AND in_tenant GROUP BY severity
    UNION ALL SELECT 'section', section, NULL, sum(number)::bigint, NULL, NULL, {nulls}
      FROM numbered WHERE in_severity AND in_tenant GROUP BY section
    UNION ALL SELECT 'customer', tenant_id::text, NULL, sum(number)::bigint, NULL, NULL, {nulls}
      FROM numbered WHERE in_severity AND in_section GROUP BY tenant_id
    """  # noqa: S608 - names of columns and states of the code only
    controls = _matching_controls(chosen)
    severities, sections = (list(chosen.values.get(name, ())) for name in ("severity", "section"))
    params = [
        list(sources.by_shown_state),
        list(sources.by_verdict),
        *_columns(sources.counted),
        *treated_params,
        list(Finding.Severity.values),
        not severities,
        severities,
        not sections,
        sections,
        [tenant.pk for tenant in tenants if chosen.has_slug_of(tenant) and chosen.has_label_of(tenant)],
        controls is None,
        sorted(controls or ()),
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _as_shown(state: str) -> str:
    """Return the number of findings with a shown state as an SQL expression over the stored counts of a control."""
    if state in TREATED:
        return state
    return " - ".join([state, *(shown for shown, verdict in TREATED.items() if verdict == state)])


def _columns(cells: Sequence[Cell]) -> list[list[Any]]:
    """Return the cells as lists, one for each column of `ControlCount`."""
    return [
        [cell.tenant_id for cell in cells],
        [cell.control for cell in cells],
        [cell.severity for cell in cells],
        [cell.section for cell in cells],
        *([cell.states[state] for cell in cells] for state in STATES),
    ]


def _matching_controls(chosen: AllFindingsFilter) -> set[str] | None:
    """Return the chosen controls whose title or id has all words of the search; None if all controls match."""
    words = chosen.search.casefold().split()
    if not words and "control" not in chosen.values:
        return None
    return {
        slug
        for slug, control in catalogue().items()
        if slug in chosen.values.get("control", (slug,))
        and all(word in f"{control.title} {control.problem} {slug}".casefold() for word in words)
    }


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The open findings of a control in one tenant: {owner or None: number}, and how many are overdue."""

    owners: Mapping[UUID | None, int]
    overdue: int


def open_work(
    control: str, tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime
) -> dict[UUID, OpenWork]:
    """Return who owns the open findings of a control in each tenant, and how many are past their due date.

    Only findings that match the filters of `all_findings_conditions` count.
    """
    rows = (
        conditions.matching(tenants, chosen.values, now)
        .filter(control=control, state=Finding.State.OPEN)
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
    return {tenant_id: OpenWork(found, overdue[tenant_id]) for tenant_id, found in owners.items()}
