"""The findings of all customers by control, and facets with their numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from assessments.models import Finding
from portal.queries.all_findings import conditions
from portal.queries.all_findings.filters import PART_COLUMNS, SHOWN, AllFindingsFilter, Part
from portal.queries.all_findings.sources import (
    Cell,
    Sources,
    facet_counts,
    filtered_counts,
    sources_of,
    treated,
)
from portal.treatment.models.control_count import STATES, TREATED
from portal.treatment.states import ShownState
from tenants.models import Tenant

# Shown states of subjects to which the control does not apply or that no longer exist.
_NOT_JUDGED: Final = (ShownState.NOT_APPLICABLE, ShownState.GONE)


@dataclass(slots=True)
class AllFindingsGroup:
    """The findings of one control in all customers.

    `count`: the number of matching findings; `customers`: the number of customers that have them. `states`: {shown
    state: number} of the findings of the chosen customers, ignoring the filter by state; `subjects` ignores the filter
    by severity too, so it counts all subjects of the control. `assessed_customers`: the number of customers in which
    the control applies to something.
    """

    control: str
    severity: str
    count: int
    customers: int
    assessed_customers: int
    states: Counter[str]
    subjects: Counter[str]


@dataclass(slots=True)
class AllFindings:
    """The groups that match a filter, and for each parameter {value: number of findings that the value would match}.

    `sources`: where the numbers come from. `is_partly_counted`: some values were not counted, because
    the caller did not want them.
    """

    groups: list[AllFindingsGroup]
    facets: dict[str, Counter[str]]
    assessed_customers: int
    sources: Sources
    is_partly_counted: bool = False

    @property
    def total(self) -> int:
        """The number of matching findings."""
        return sum(group.count for group in self.groups)


def all_findings(
    tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime, *, counts_values: bool = True
) -> AllFindings:
    """Group and count the findings of these tenants.

    A facet is counted without the filter that the facet itself sets. `counts_values`: whether to count the values of
    the filters of `conditions` too.
    """
    sources = sources_of(tenants, chosen, now)
    facets: dict[str, Counter[str]] = defaultdict(Counter)
    groups: list[AllFindingsGroup] = []
    by_tenant: dict[UUID, int] = {}
    for kind, key, rank, count, customers, assessed, *numbers in _grouped(sources, tenants, chosen, now):
        if kind == "control":
            states, subjects = _by_state(numbers[: len(SHOWN)]), _by_state(numbers[len(SHOWN) :])
            facets["state"].update(states)
            if count:
                severity = Finding.Severity.values[rank]
                groups.append(AllFindingsGroup(key, severity, count, customers, assessed, states, subjects))
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
    # A filter by owners reads the findings of these owners in all states, because treatments do not store the state.
    by_owner = "owner" in chosen.values
    read = sum(facets["state"].values()) if by_owner else sum(group.count for group in groups)
    is_countable = read <= conditions.MAX_COUNTED and not conditions.reads_many(listed, chosen.values)
    if is_countable and counts_values:
        facets |= conditions.counts(listed, chosen.values, chosen.matching_controls(), now)
    return AllFindings(
        groups, facets, len(by_tenant), sources, is_partly_counted=is_countable and not counts_values
    )


def _by_state(numbers: Sequence[int | None]) -> Counter[str]:
    return Counter({state: number for state, number in zip(SHOWN, numbers, strict=True) if number})


def must_read_many(tenants: Sequence[Tenant], chosen: AllFindingsFilter) -> bool:
    """Return whether the findings must be counted one by one, because no stored count fits the filters, and these
    tenants have more than `conditions.MAX_READ` findings. Reading them can take a second.
    """
    is_stored = chosen.part is not None or conditions.stored_facets(chosen.values) is not None
    listed = [tenant for tenant in tenants if chosen.has_slug_of(tenant) and chosen.has_label_of(tenant)]
    return not is_stored and conditions.reads_many(listed, chosen.values)


def _grouped(
    sources: Sources, tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime
) -> list[tuple[Any, ...]]:
    """Return rows of (kind, key, severity, count, customers, assessed customers, a number for each shown
    state, and the same numbers without the filter by severity).

    `kind` is `control`, `severity`, `section` or `customer`; all but controls have null after the count. The database
    adds up the cells, because Python would need a second for 200 customers.
    """
    if not tenants:
        return []
    controls = chosen.matching_controls()
    filtered, filtered_params = filtered_counts(sources, tenants, chosen, controls, now)
    of_facet, facet_params = facet_counts(sources)
    others = sources.others(tenants)
    moves, move_params = _moves(others, now)
    by_state = ", ".join(f"coalesce(sum(number) FILTER (WHERE state = '{state}'), 0)::int" for state in SHOWN)
    # Join the treated findings only if there are any: most pages have none, and the join takes a sixth of the query's
    # time.
    join = "LEFT JOIN moved m USING (tenant_id, control, severity)" if others else ""
    summed = ", ".join(
        f"c.{state} + coalesce(m.{state}, 0) AS {state}" if others else f"c.{state}" for state in SHOWN
    )
    in_verdicts = ", ".join(state if state in STATES else "0" for state in SHOWN)
    judged = " + ".join(state for state in SHOWN if state not in _NOT_JUDGED)
    states = [state for state in chosen.values.get("state", ()) if state in SHOWN]
    number = " + ".join(states if "state" in chosen.values else SHOWN) or "0"
    stored = ", ".join(f"{_as_shown(state, sources.part)} AS {state}" for state in SHOWN)
    sums = ", ".join(f"(sum({state}) FILTER (WHERE in_severity))::bigint" for state in SHOWN)
    all_sums = ", ".join(f"sum({state})::bigint" for state in SHOWN)
    # Reading stored counts again for each kind of row is faster than materializing them.
    is_stored = not (sources.counted or sources.by_facet or sources.filtered or others)
    nulls = ", ".join("NULL::bigint" for _ in (*SHOWN, *SHOWN))
    sql = f"""
    WITH counted AS (
      SELECT tenant_id, control, severity, section, {stored}
      FROM treatment_controlcount WHERE tenant_id = ANY(%s) AND {_is_in_part(sources.part)}
      UNION ALL
      SELECT tenant_id, control, severity, section, {in_verdicts}
      FROM treatment_controlcount WHERE tenant_id = ANY(%s)
      UNION ALL
      SELECT tenant_id, control, severity, section, {in_verdicts}
      FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], {", ".join("%s::int[]" for _ in STATES)})
        AS c (tenant_id, control, severity, section, {", ".join(STATES)})
      UNION ALL
      SELECT tenant_id, control, severity, section, {", ".join(SHOWN)} FROM ({of_facet}) AS of_facet
      UNION ALL
      SELECT tenant_id, control, severity, section, {by_state}
      FROM ({filtered}) AS f (tenant_id, control, severity, section, state, number) GROUP BY 1, 2, 3, 4
    ){moves}, numbered AS {"NOT " if is_stored else ""}MATERIALIZED (
      SELECT *, {number} AS number, {judged} AS judged
      FROM (
        SELECT c.tenant_id, c.control, c.severity, c.section, {summed},
          array_position(%s::text[], c.severity::text) - 1 AS rank,
          %s OR c.severity = ANY(%s) AS in_severity, %s OR c.section = ANY(%s) AS in_section,
          c.tenant_id = ANY(%s) AS in_tenant
        FROM counted c {join} WHERE %s OR c.control = ANY(%s)
      ) AS cells
    )
    SELECT 'control', control, (min(rank) FILTER (WHERE in_severity))::int,
        (sum(number) FILTER (WHERE in_severity))::bigint,
        {_customers("number", "in_severity")}, {_customers("judged")}, {sums}, {all_sums}
      FROM numbered JOIN (
        SELECT id, set_bit(repeat('0', %s)::varbit, place::int - 1, 1) AS bit
        FROM unnest(%s::uuid[]) WITH ORDINALITY AS listed (id, place)
      ) AS listed ON listed.id = tenant_id
      WHERE in_section GROUP BY control
    UNION ALL
    SELECT *, NULL, NULL, {nulls} FROM (
      SELECT
        CASE WHEN GROUPING(severity) = 0 THEN 'severity' WHEN GROUPING(section) = 0 THEN 'section' ELSE 'customer' END,
        coalesce(severity, section, tenant_id::text), NULL::int,
        (CASE
          WHEN GROUPING(severity) = 0 THEN sum(number) FILTER (WHERE in_section AND in_tenant)
          WHEN GROUPING(section) = 0 THEN sum(number) FILTER (WHERE in_severity AND in_tenant)
          ELSE sum(number) FILTER (WHERE in_severity AND in_section)
        END)::bigint AS number
      FROM numbered GROUP BY GROUPING SETS ((severity), (section), (tenant_id))
    ) AS of_facet WHERE number IS NOT NULL
    """  # noqa: S608 - names of columns and states of the code only
    severities, sections = (list(chosen.values.get(name, ())) for name in ("severity", "section"))
    listed = [tenant.pk for tenant in tenants if chosen.has_slug_of(tenant) and chosen.has_label_of(tenant)]
    params = [
        list(sources.by_shown_state),
        list(sources.by_verdict),
        *_columns(sources.counted),
        *facet_params,
        *filtered_params,
        *move_params,
        list(Finding.Severity.values),
        not severities,
        severities,
        not sections,
        sections,
        listed,
        controls is None,
        sorted(controls or ()),
        len(listed),
        listed,
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _customers(column: str, condition: str = "true") -> str:
    """Return the number of customers with a cell whose number in the column is above 0, as an SQL expression.

    A customer can have several cells of a control. Each customer has a bit, because combining bits takes a fifth of the
    time of counting distinct ids.
    """
    return f"coalesce(bit_count(bit_or(bit) FILTER (WHERE {column} > 0 AND {condition})), 0)"


def _moves(tenants: Sequence[Tenant], now: datetime) -> tuple[str, tuple[Any, ...]]:
    """Return the subqueries that move treated findings to their shown states, and their parameters; both empty if there
    are no tenants."""
    if not tenants:
        return "", ()
    rows, params = treated(tenants, now).query.sql_with_params()
    moved = ", ".join(
        f"(coalesce(sum(number) FILTER (WHERE shown = '{state}'), 0)"
        f" - coalesce(sum(number) FILTER (WHERE state = '{state}'), 0))::int AS {state}"
        for state in SHOWN
    )
    sql = f""", treated (tenant_id, control, severity, state, shown, number) AS ({rows}),
    moved AS (SELECT tenant_id, control, severity, {moved} FROM treated GROUP BY 1, 2, 3)"""  # noqa: S608 - SQL of the ORM
    return sql, tuple(params)


def _as_shown(state: str, part: Part) -> str:
    """Return the number of a part's findings with a shown state as an SQL expression over the stored counts of a
    control."""
    if part != Part.ALL:
        return PART_COLUMNS[part].get(state, "0")
    if state in TREATED:
        return state
    return " - ".join([state, *(shown for shown, verdict in TREATED.items() if verdict == state)])


def _is_in_part(part: Part) -> str:
    """Return the SQL condition that a stored row counts a finding of the part."""
    return "true" if part == Part.ALL else f"{' + '.join(PART_COLUMNS[part].values())} > 0"


def _columns(cells: Sequence[Cell]) -> list[list[Any]]:
    """Return the cells as lists, one for each column of `ControlCount`."""
    return [
        [cell.tenant_id for cell in cells],
        [cell.control for cell in cells],
        [cell.severity for cell in cells],
        [cell.section for cell in cells],
        *([cell.states[state] for cell in cells] for state in STATES),
    ]
