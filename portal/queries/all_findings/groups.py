"""Group the findings of all customers by control, and count the findings for each value of the facets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from assessments.models import Finding
from portal.queries.all_findings import conditions
from portal.queries.all_findings.facet_cells import facet_cells
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
from portal.treatment.states import NOT_JUDGED
from tenants.models import Tenant

_RANKS: Final = {severity: rank for rank, severity in enumerate(Finding.Severity.values)}


@dataclass(slots=True)
class AllFindingsGroup:
    """The findings of one control in all customers.

    - `count`: the number of matching findings; `customers`: the number of customers that have matching findings
    - `states`: {shown state: number of findings of the chosen customers}; the filter by state is ignored
    - `subjects`: like `states`, but the filter by severity is ignored too
    - `assessed_customers`: the number of customers in which the control applies to something
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
    """The groups that match a filter, and the counts of the facets. `facets` is {parameter: {value: number of findings
    that the value would match}}.

    `sources` states where the numbers come from. `facets` lacks the facets of the module `conditions` if there are too
    many findings to count, or if the caller did not ask for them (`counts_values`). `is_partly_counted` is set if only
    the caller is the reason.
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


@dataclass(frozen=True, slots=True)
class _Counted:
    """Numbers of findings, filtered by control, search and `conditions.NAMES`.

    - `cells`: (control, severity, section, a number for each state of `SHOWN`) in the chosen customers
    - `customers`: {control: (number of chosen customers with findings that match all filters, number of chosen
      customers in which the control applies to something)}
    - `by_tenant`: {tenant: number of findings that match all filters except customer and label}
    """

    cells: Sequence[tuple[str, str, str, Sequence[int]]]
    customers: dict[str, tuple[int, int]]
    by_tenant: dict[UUID, int]


def all_findings(
    tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime, *, counts_values: bool = True
) -> AllFindings:
    """Group and count the findings of these tenants. A facet is counted without its own filter.

    If `counts_values` is false, the values of the filters of the module `conditions` are not counted.
    """
    sources = sources_of(tenants, chosen, now)
    counted = _counted(sources, tenants, chosen, now)
    facets: dict[str, Counter[str]] = defaultdict(Counter)
    groups: dict[str, AllFindingsGroup] = {}
    severities, sections = (chosen.values.get(name) for name in ("severity", "section"))
    states = set(chosen.values.get("state", SHOWN))
    for control, severity, section, numbers in counted.cells:
        by_state = Counter({state: number for state, number in zip(SHOWN, numbers, strict=True) if number})
        matching = sum(number for state, number in by_state.items() if state in states)
        in_severity = severities is None or severity in severities
        if in_severity:
            facets["section"][section] += matching
        if sections is not None and section not in sections:
            continue
        facets["severity"][severity] += matching
        group = groups.get(control)
        if group is None:
            customers = counted.customers[control]
            group = groups[control] = AllFindingsGroup(control, "", 0, *customers, Counter(), Counter())
        group.subjects.update(by_state)
        if in_severity:
            facets["state"].update(by_state)
            group.states.update(by_state)
            group.count += matching
            group.severity = min(group.severity or severity, severity, key=_RANKS.__getitem__)
    found = [group for group in groups.values() if group.count]
    by_tenant = counted.by_tenant
    for tenant in tenants:
        number = by_tenant.get(tenant.pk, 0)
        if chosen.has_label_of(tenant):
            facets["customer"][tenant.slug] = number
        if chosen.has_slug_of(tenant):
            facets["label"].update(dict.fromkeys(tenant.labels, number))
    listed = [tenant for tenant in tenants if chosen.has_slug_of(tenant) and chosen.has_label_of(tenant)]
    # `read` is the number of findings that the database must read to count the values. If owners are chosen, the
    # database must read their findings in all states, because treatments do not store the shown state.
    by_owner = "owner" in chosen.values
    read = sum(facets["state"].values()) if by_owner else sum(group.count for group in found)
    is_countable = read <= conditions.MAX_COUNTED and not conditions.reads_many(listed, chosen.values)
    if is_countable and counts_values:
        facets |= conditions.counts(listed, chosen.values, chosen.matching_controls(), now)
    return AllFindings(
        found, facets, len(by_tenant), sources, is_partly_counted=is_countable and not counts_values
    )


def must_read_many(tenants: Sequence[Tenant], chosen: AllFindingsFilter) -> bool:
    """Return whether the request can take a second, because many findings must be counted one by one.

    This is the case if no stored count fits the filters and the tenants have more than `conditions.MAX_READ` findings.
    """
    is_stored = chosen.part is not None or conditions.stored_facets(chosen.values) is not None
    listed = [tenant for tenant in tenants if chosen.has_slug_of(tenant) and chosen.has_label_of(tenant)]
    return not is_stored and conditions.reads_many(listed, chosen.values)


def _counted(
    sources: Sources, tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime
) -> _Counted:
    """Count the findings of these tenants. The database adds up the numbers, because Python would need a second to add
    up the numbers of 200 customers.
    """
    listed = [tenant.pk for tenant in tenants if chosen.has_slug_of(tenant) and chosen.has_label_of(tenant)]
    if sources.facets and sources.by_facet and not sources.filtered and len(listed) == len(tenants):
        return _of_facets(sources.facets, listed, chosen)
    rows, params = _rows(sources, tenants, chosen, now)
    if not rows:
        return _Counted([], {}, {})
    others = sources.others(tenants)
    moves, move_params = _moves(others, now)
    # Join the numbers of treated findings only if some tenants (`others`) need them. For most pages, no tenant does,
    # and the join would take a sixth of the query's time.
    join = "LEFT JOIN moved m USING (tenant_id, control, severity)" if others else ""
    summed = ", ".join(
        f"c.{state} + coalesce(m.{state}, 0) AS {state}" if others else f"c.{state}" for state in SHOWN
    )
    number = " + ".join(state for state in SHOWN if state in chosen.values.get("state", SHOWN)) or "0"
    judged = " + ".join(state for state in SHOWN if state not in NOT_JUDGED)
    controls = chosen.matching_controls()
    severities, sections = (list(chosen.values.get(name, ())) for name in ("severity", "section"))
    nulls = ", ".join("NULL" for _ in SHOWN[1:])
    # Reading stored counts twice is faster than materializing them.
    is_stored = not (sources.counted or sources.by_facet or sources.filtered or others)
    sql = f"""
    WITH counted AS ({rows}){moves}, numbered AS {"NOT " if is_stored else ""}MATERIALIZED (
      SELECT c.tenant_id, c.control, c.severity, c.section, {summed} FROM counted c {join}
      WHERE {"c.control = ANY(%s)" if controls is not None else "true"}
    ), cells AS MATERIALIZED (
      SELECT control, severity, section,
        {"severity = ANY(%s)" if severities else "true"} AS in_severity,
        {"section = ANY(%s)" if sections else "true"} AS in_section,
        bit_or(bit) FILTER (WHERE {number} > 0) AS matching, bit_or(bit) FILTER (WHERE {judged} > 0) AS judged,
        {", ".join(f"sum({state})::bigint AS {state}" for state in SHOWN)}
      FROM (
        SELECT id, set_bit(repeat('0', %s)::varbit, place::int - 1, 1) AS bit
        FROM unnest(%s::uuid[]) WITH ORDINALITY AS listed (id, place)
      ) AS listed JOIN numbered ON numbered.tenant_id = listed.id
      GROUP BY control, severity, section
    )
    SELECT 'cell', control, severity, section, NULL::bigint, {", ".join(SHOWN)} FROM cells
    UNION ALL
    SELECT 'control', control, NULL, NULL, {_customers("matching", "in_severity")}, {_customers("judged")}, {nulls}
      FROM cells WHERE in_section GROUP BY control
    UNION ALL
    SELECT 'customer', tenant_id::text, NULL, NULL, sum({number})::bigint, NULL, {nulls}
      FROM numbered
      WHERE {"severity = ANY(%s)" if severities else "true"} AND {"section = ANY(%s)" if sections else "true"}
      GROUP BY tenant_id
    """  # noqa: S608 - names of columns and states of the code only
    both = [values for values in (severities, sections) if values]
    of_controls = [] if controls is None else [sorted(controls)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *move_params, *of_controls, *both, len(listed), listed, *both])
        found = cursor.fetchall()
    return _Counted(
        [(row[1], row[2], row[3], row[5:]) for row in found if row[0] == "cell"],
        {row[1]: (row[4], row[5]) for row in found if row[0] == "control"},
        {UUID(row[1]): row[4] for row in found if row[0] == "customer"},
    )


def _of_facets(
    facets: Mapping[str, Sequence[str]], ids: Sequence[UUID], chosen: AllFindingsFilter
) -> _Counted:
    """Count the findings of these tenants by adding up their stored numbers (`FacetCount`) for the chosen
    values.
    """
    values = chosen.values
    cells, customers, by_tenant = facet_cells(
        facets,
        ids,
        chosen.matching_controls(),
        values.get("severity"),
        values.get("section"),
        counted=values.get("state", SHOWN),
        judged=[state for state in SHOWN if state not in NOT_JUDGED],
    )
    numbers = [(*key, [found.get(state, 0) for state in SHOWN]) for key, found in cells.items()]
    return _Counted(numbers, customers, by_tenant)


def _rows(
    sources: Sources, tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime
) -> tuple[str, list[Any]]:
    """Return a query for the numbers of findings from all sources, as SQL with its parameters.

    Its rows are (tenant, control, severity, section, a number for each shown state). Several rows can have the same
    first four values; their numbers must be added up.
    """
    key = "tenant_id, control, severity, section"
    in_verdicts = ", ".join(state if state in STATES else f"0 AS {state}" for state in SHOWN)
    shown = ", ".join(f"{_as_shown(state, sources.part)} AS {state}" for state in SHOWN)
    by_state = ", ".join(
        f"coalesce(sum(number) FILTER (WHERE state = '{state}'), 0)::int AS {state}" for state in SHOWN
    )
    parts: list[tuple[str, str, Sequence[Any]]] = []  # (columns, source of the rows, parameters)
    if sources.by_shown_state:
        stored = f"treatment_controlcount WHERE tenant_id = ANY(%s) AND {_is_in_part(sources.part)}"
        parts.append((shown, stored, [list(sources.by_shown_state)]))
    if sources.by_verdict:
        stored = "treatment_controlcount WHERE tenant_id = ANY(%s)"
        parts.append((in_verdicts, stored, [list(sources.by_verdict)]))
    if sources.counted:
        types = ", ".join(["%s::uuid[]", *["%s::text[]"] * 3, *["%s::int[]"] * len(STATES)])
        cells = f"unnest({types}) AS c ({key}, {', '.join(STATES)})"
        parts.append((in_verdicts, cells, _columns(sources.counted)))
    if sources.by_facet:
        of_facet, params = facet_counts(sources)
        parts.append((", ".join(SHOWN), f"({of_facet}) AS of_facet", params))
    if sources.filtered:
        filtered, params = filtered_counts(sources, tenants, chosen, chosen.matching_controls(), now)
        parts.append((by_state, f"({filtered}) AS f ({key}, state, number) GROUP BY {key}", params))
    sql = " UNION ALL ".join(f"SELECT {key}, {columns} FROM {source}" for columns, source, _ in parts)  # noqa: S608 - names of columns, and SQL of this module
    return sql, [value for _, _, params in parts for value in params]


def _customers(bits: str, condition: str = "true") -> str:
    """Return an SQL expression that counts the customers of a control.

    A customer counts once, but can have several rows. So each customer has one bit in `bits`, and the expression
    combines the bits of the rows. This takes a fifth of the time that counting distinct ids takes.
    """
    return f"coalesce(bit_count(bit_or({bits}) FILTER (WHERE {condition})), 0)"


def _moves(tenants: Sequence[Tenant], now: datetime) -> tuple[str, tuple[Any, ...]]:
    """Return SQL subqueries and their parameters. If there are no tenants, return an empty text and no parameters.

    The subqueries compute how treatments change the number of findings in each shown state, for each tenant, control
    and severity.
    """
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
    """Return an SQL expression for how many findings of the part have this shown state. It uses columns of
    `ControlCount`.
    """
    if part != Part.ALL:
        return PART_COLUMNS[part].get(state, "0")
    if state in TREATED:
        return state
    return " - ".join([state, *(shown for shown, verdict in TREATED.items() if verdict == state)])


def _is_in_part(part: Part) -> str:
    """Return the SQL condition that a row of `ControlCount` counts at least one finding of the part."""
    return "true" if part == Part.ALL else f"{' + '.join(PART_COLUMNS[part].values())} > 0"


def _columns(cells: Sequence[Cell]) -> list[list[Any]]:
    """Return a list for each column of `ControlCount`, with the values of the cells."""
    return [
        [cell.tenant_id for cell in cells],
        [cell.control for cell in cells],
        [cell.severity for cell in cells],
        [cell.section for cell in cells],
        *([cell.states[state] for cell in cells] for state in STATES),
    ]
