"""Decide where the numbers of all customers' findings come from.

Each tenant's snapshot stores numbers of several kinds, which can be outdated:

- Numbers by verdict (`ControlCount`): if an assessment has written findings since the snapshot, the tenant's findings
  are counted instead.
- Numbers by shown state: if treatments such as exceptions have changed since the snapshot, the numbers by verdict are
  used and corrected. For this, the treated findings are read: each is subtracted from the number of its verdict and
  added to the number of its shown state, as in `portal.treatment.selectors.scores`.
- Numbers of unassigned findings and numbers of overdue findings, by shown state: if a treatment or an owner has changed
  since the snapshot, the findings are counted instead.
- Numbers for the values of one filter of the module `conditions`, and for the values of some pairs of filters
  (`facet_counts`): if these numbers are outdated, the findings are counted instead (`filtered_counts`). For other
  combinations of filters, no numbers are stored, so the findings are always counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db.models import Count, QuerySet

from assessments.models import Finding
from portal.queries.all_findings import conditions
from portal.queries.all_findings.filters import AllFindingsFilter, Part
from portal.treatment.models import ControlCount, FacetCount
from portal.treatment.models.facet_count import SHOWN
from portal.treatment.selectors.facet_counts import counts_of_values, valid_facet_counts
from portal.treatment.selectors.valid_snapshots import (
    up_to_date_snapshots,
    valid_owner_counts,
    valid_shown_counts,
)
from portal.treatment.selectors.verdict_counts import verdicts_by_control
from portal.treatment.states import CHANGES_SHOWN_STATE, TREATABLE, shown_state
from tenants.models import Tenant

# A query without rows, for the case that no finding can match. `{}` stands for the columns with states.
_NOTHING: Final = (
    "SELECT NULL::uuid AS tenant_id, NULL::text AS control, NULL::text AS severity, NULL::text AS section, {},"
    " 0::bigint AS number WHERE false"
)


@dataclass(slots=True)
class Cell:
    """The numbers of findings by state, for one tenant, control and severity. `section` belongs to the control."""

    tenant_id: UUID
    control: str
    severity: str
    section: str
    states: Counter[str]


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of each tenant's numbers.

    - `by_shown_state`: tenants whose stored counts of `part` by shown state are up to date
    - `by_verdict`: tenants whose stored counts are up to date except for treated findings
    - `by_facet`: tenants whose stored counts (`FacetCount`) of `facets`, {filter: chosen values}, are up to date
    - `filtered`: tenants in which the findings that match the chosen filters are counted
    - `counted`: the numbers of findings by state of the verdict, for the tenants that are in none of the sets above
    """

    part: Part
    by_shown_state: frozenset[UUID] = frozenset()
    by_verdict: frozenset[UUID] = frozenset()
    by_facet: frozenset[UUID] = frozenset()
    facets: Mapping[str, Sequence[str]] | None = None
    filtered: frozenset[UUID] = frozenset()
    counted: list[Cell] = field(default_factory=list)

    def others(self, tenants: Sequence[Tenant]) -> list[Tenant]:
        """Return the tenants whose treated findings must be read."""
        known = self.by_shown_state | self.by_facet | self.filtered
        return [tenant for tenant in tenants if tenant.pk not in known]


def sources_of(tenants: Sequence[Tenant], chosen: AllFindingsFilter, now: datetime) -> Sources:
    """Return where the numbers of these tenants come from."""
    ids = [tenant.pk for tenant in tenants]
    part = chosen.part
    if part is None:
        facets = conditions.stored_facets(chosen.values)
        stored = valid_facet_counts(facets, ids, now) if facets else None
        by_facet = frozenset(() if stored is None else stored.order_by().values_list("tenant_id", flat=True))
        return Sources(Part.ALL, by_facet=by_facet, facets=facets, filtered=frozenset(ids) - by_facet)
    if part != Part.ALL:
        valid = frozenset(valid_owner_counts(ids, now).order_by().values_list("tenant_id", flat=True))
        return Sources(part, valid, filtered=frozenset(ids) - valid)
    by_shown_state = frozenset(valid_shown_counts(ids, now).order_by().values_list("tenant_id", flat=True))
    others = [pk for pk in ids if pk not in by_shown_state]
    fresh = set(up_to_date_snapshots(others).values_list("tenant_id", flat=True)) if others else set()
    # Ignore snapshots of earlier versions of Surety, which have no counts by control.
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
    return Sources(part, by_shown_state, by_verdict, counted=list(cells.values()))


def treated(tenants: Sequence[Tenant], now: datetime) -> QuerySet[Finding, Any]:
    """Count the treated findings, whose shown state may differ from the state of their verdict. Return rows of (tenant,
    control, severity, state, shown state, number).
    """
    return (
        conditions.matching(tenants, {}, now)
        .filter(CHANGES_SHOWN_STATE, state__in=TREATABLE)
        .annotate(shown=shown_state(now))
        .values_list("tenant_id", "control", "severity", "state", "shown")
        .annotate(number=Count("id"))
        .order_by()
    )


def filtered_counts(
    sources: Sources,
    tenants: Sequence[Tenant],
    chosen: AllFindingsFilter,
    controls: Collection[str] | None,
    now: datetime,
) -> tuple[str, tuple[Any, ...]]:
    """Return a query, as SQL with its parameters, that counts the matching findings of the tenants in
    `sources.filtered`.

    The rows are (tenant, control, severity, section, shown state, number). Several rows can have the same first five
    values; their numbers, of which some can be negative, must be added up. `controls` are the controls to count; None
    means all.
    """
    filtered = [tenant for tenant in tenants if tenant.pk in sources.filtered]
    if not filtered:
        return _NOTHING.format("NULL::text AS state"), ()
    values = chosen.values
    rows = conditions.matching(filtered, values, now)
    if controls is not None:
        rows = rows.filter(control__in=controls)
    if conditions.reads_treatments(values):
        return _sql(rows.annotate(shown=shown_state(now, conditions.treatment_of(values))), "shown")
    # Filters that do not read treatments match many findings, but few of these findings are treated. So all matching
    # findings are counted by verdict, which only reads an index. Then the treated findings are moved from the count of
    # their verdict to the count of their shown state.
    verdicts, params = _sql(rows, "state")
    changed = rows.filter(CHANGES_SHOWN_STATE, state__in=TREATABLE).annotate(shown=shown_state(now))
    moved, moved_params = _sql(changed, "shown", "state")
    sql = f"""
    SELECT tenant_id, control, severity, section, state, number FROM ({verdicts}) AS verdicts
    UNION ALL
    SELECT tenant_id, control, severity, section, one.state, one.number
    FROM ({moved}) AS moved CROSS JOIN LATERAL (VALUES (shown, number), (state, -number)) AS one (state, number)
    """  # noqa: S608 - SQL of the ORM
    return sql, (*params, *moved_params)


def facet_counts(sources: Sources) -> tuple[str, tuple[Any, ...]]:
    """Return a query, as SQL with its parameters, that reads the stored numbers of the tenants in `sources.by_facet`.

    The rows are (tenant, control, severity, section, a number for each state of `facet_count.SHOWN`). If
    several values of a facet are chosen, each has rows of its own, so several rows can be alike in the first four
    columns.
    """
    if not sources.facets or not sources.by_facet:
        nulls = ", ".join(f"0 AS {state}" for state in SHOWN)
        return (
            "SELECT NULL::uuid AS tenant_id, NULL::text AS control, NULL::text AS severity, NULL::text AS section,"
            f" {nulls} WHERE false"
        ), ()
    sql, params = facet_rows(sources.facets, list(sources.by_facet))
    return f"SELECT tenant_id, {unnested(SHOWN)} FROM ({sql}) AS found", params  # noqa: S608 - SQL of the ORM


def unnested(states: Collection[str]) -> str:
    """Return the SQL columns that turn each row of `FacetCount` into one row for each control and severity: `control`,
    `severity`, `section` and the numbers of `states`.

    All lists are unnested in the columns of one SELECT, so PostgreSQL reads them side by side: the first items form the
    first row. This takes two thirds of the time that a lateral join takes.
    """
    texts = {"control": "controls", "severity": "severities", "section": "sections"}
    columns = texts | {state: state for state in states}
    return ", ".join(f"unnest(found.{lists}) AS {name}" for name, lists in columns.items())


def facet_rows(facets: Mapping[str, Sequence[str]], ids: Sequence[UUID]) -> tuple[str, tuple[Any, ...]]:
    """Return a query, as SQL with its parameters. It reads the rows of `FacetCount` for these values and tenants."""
    rows = FacetCount.objects.filter(counts_of_values(facets), tenant_id__any_of=list(ids))
    columns = ("tenant_id", "controls", "severities", "sections", *SHOWN)
    sql, params = rows.order_by().values(*columns).query.sql_with_params()
    return sql, tuple(params)


def _sql(rows: QuerySet[Finding], *states: str) -> tuple[str, tuple[Any, ...]]:
    """Return a query that counts the findings by tenant, control, severity, section and the columns `states`."""
    columns = ("tenant_id", "control", "severity", "section", *states)
    counted = rows.order_by().values_list(*columns).annotate(number=Count("*"))
    try:
        sql, params = counted.query.sql_with_params()
    except EmptyResultSet:  # No finding can match, for example because a filter has an unknown value.
        return _NOTHING.format(", ".join(f"NULL::text AS {name}" for name in states)), ()
    return sql, tuple(params)
