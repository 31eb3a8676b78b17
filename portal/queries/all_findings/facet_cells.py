"""Add up, over all customers, the stored numbers (`FacetCount`) of the findings that match the chosen filter values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from portal.queries.all_findings.sources import facet_rows, unnested
from portal.treatment.models.facet_count import SHOWN

type Cells = dict[tuple[str, str, str], dict[str, int]]


def facet_cells(
    facets: Mapping[str, Sequence[str]],
    ids: Sequence[UUID],
    controls: Collection[str] | None,
    severities: Sequence[str] | None,
    sections: Sequence[str] | None,
    counted: Collection[str],
    judged: Collection[str],
) -> tuple[Cells, dict[str, tuple[int, int]], dict[UUID, int]]:
    """Return three mappings with numbers for the tenants `ids`, whose stored numbers must all be up to date.

    - {(control, severity, section): {state: number of findings}}
    - {control: (number of tenants with matching findings, number of tenants with judged findings)}
    - {tenant: number of matching findings}

    Matching findings have a chosen severity, a chosen section and a state in `counted`. Judged findings have a chosen
    section and a state in `judged`. `controls`, `severities` and `sections` are the chosen ones, or None for all. Only
    findings of the chosen controls are counted.
    """
    rows, params = facet_rows(facets, ids)
    with connection.cursor() as cursor:
        # A row of `FacetCount` has a list of numbers for each state. First find the states whose lists contain a number
        # other than 0. Do not unnest the lists of the other states, because unnesting takes most of the time.
        flags = ", ".join(f"coalesce(bool_or(0 <> ANY ({state})), false)" for state in SHOWN)
        cursor.execute(f"SELECT {flags} FROM ({rows}) AS found", params)  # noqa: S608 - names of columns
        states = [state for state, is_present in zip(SHOWN, cursor.fetchone(), strict=True) if is_present]
        if not states:
            return {}, {}, {}
        number = " + ".join(state for state in states if state in counted) or "0"
        is_judged = " + ".join(state for state in states if state in judged) or "0"
        nulls = ", ".join("NULL" for _ in states)
        in_severity, of_severity = _is_one_of("severity", severities)
        in_section, of_section = _is_one_of("section", sections)
        in_control, of_control = _is_one_of("control", controls)
        sql = f"""
        WITH listed AS (
          SELECT id, set_bit(repeat('0', %s)::varbit, place::int - 1, 1) AS bit
          FROM unnest(%s::uuid[]) WITH ORDINALITY AS listed (id, place)
        ), cells AS MATERIALIZED (
          SELECT tenant_id, control, severity, section,
            bit_or(bit) FILTER (WHERE {number} > 0 AND {in_severity}) AS matching,
            bit_or(bit) FILTER (WHERE {is_judged} > 0) AS judged,
            (sum({number}) FILTER (WHERE {in_severity} AND {in_section}))::bigint AS number,
            {", ".join(f"sum({state})::bigint AS {state}" for state in states)}
          FROM (
            SELECT found.tenant_id, listed.bit, {unnested(states)}
            FROM ({rows}) AS found JOIN listed ON listed.id = found.tenant_id
          ) AS numbered
          WHERE {in_control}
          GROUP BY GROUPING SETS ((control, severity, section), (tenant_id))
        )
        SELECT tenant_id, control, severity, section, number, NULL::bigint, {", ".join(states)} FROM cells
        UNION ALL
        SELECT NULL, control, NULL, NULL, {_tenants("matching")}, {_tenants("judged")}, {nulls}
          FROM cells WHERE control IS NOT NULL AND {in_section} GROUP BY control
        """  # noqa: S608 - names of columns and states of the code only
        of_both = [*of_severity, *of_section]
        given = [len(ids), list(ids), *of_severity, *of_both, *params, *of_control, *of_section]
        cursor.execute(sql, given)
        found = cursor.fetchall()
    return (
        {tuple(row[1:4]): dict(zip(states, row[6:], strict=True)) for row in found if row[3] is not None},
        {row[1]: (row[4], row[5]) for row in found if row[1] is not None and row[3] is None},
        {row[0]: row[4] for row in found if row[0] is not None and row[4] is not None},
    )


def _tenants(bits: str) -> str:
    """Return an SQL expression for the number of tenants whose bit is set in at least one row. `bits` is an SQL
    expression for a bit string with one bit for each tenant.
    """
    return f"coalesce(bit_count(bit_or({bits})), 0)"


def _is_one_of(column: str, values: Collection[str] | None) -> tuple[str, list[Any]]:
    """Return the SQL condition that the column has one of the values, and its parameters. None permits all values."""
    return ("true", []) if values is None else (f"{column} = ANY(%s)", [sorted(values)])
