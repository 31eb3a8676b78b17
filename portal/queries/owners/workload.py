"""The workload of owners: the open, critical and overdue findings of each owner, in one customer or several.

The numbers come from the tenant's newest snapshot (`Snapshot.work`) if it is up to date; otherwise, treatments are
counted. The database adds up the numbers, because reading one row for each owner in each customer would take longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from portal.queries.owners.owned_findings import WORK, work_parameters
from portal.treatment.scores import Totals
from portal.treatment.selectors.owners import eligible_owner_roles
from portal.treatment.selectors.scores import CustomerTotals, customer_totals
from portal.treatment.selectors.valid_snapshots import valid_owner_counts
from portal.treatment.states import ShownState
from tenants.models import Person, Tenant


@dataclass(slots=True)
class Load:
    """The numbers of findings of one owner, or of findings without an owner, in one customer or in all customers."""

    open: int = 0
    critical: int = 0
    overdue: int = 0
    acknowledged: int = 0

    def add(self, other: Load) -> None:
        """Add the numbers of another `Load` to this one."""
        self.open += other.open
        self.critical += other.critical
        self.overdue += other.overdue
        self.acknowledged += other.acknowledged


@dataclass(slots=True)
class OwnerLoad:
    """The work of one owner; `person` is None for findings without an owner.

    - `customers`: the number of customers in which the owner has findings; `only_customer`: the id of the customer if
      there is only one
    - `by_customer`: the work in each customer, for findings without an owner and for the person `opened` (an argument
      of `workload`); empty for all other owners
    - `cannot_act`: in at least one customer, the person owns findings but may not work on them
    """

    person: Person | None
    total: Load = field(default_factory=Load)
    customers: int = 0
    only_customer: UUID | None = None
    by_customer: dict[UUID, Load] = field(default_factory=dict)
    cannot_act: bool = False

    @property
    def name(self) -> str:
        """The owner's name, or “Unassigned” if there is no owner."""
        return self.person.get_full_name() if self.person else "Unassigned"


class Workload(NamedTuple):
    """The owners with work, sorted by the number of overdue findings, then by the number of open findings, largest
    first. Findings without an owner come last.

    `unknown` are the customers without any known verdict, including customers that were never assessed. The numbers of
    findings of these customers are unknown, not 0.
    """

    rows: list[OwnerLoad]
    unknown: list[Tenant]


def workload(tenants: Sequence[Tenant], now: datetime, opened: UUID | None = None) -> Workload:
    """Return the work of the owners. The number of queries does not depend on the number of tenants.

    For the person `opened`, the work in each customer is returned too.
    """
    found: dict[UUID, OwnerLoad] = {}
    assigned: dict[UUID, Load] = {}
    for owner, tenant_id, only, customers, cannot_act, *numbers in _owned(tenants, now, opened):
        load = Load(*numbers)
        if owner is None:
            assigned[tenant_id] = load
        elif tenant_id is not None:
            found.setdefault(owner, OwnerLoad(None)).by_customer[tenant_id] = load
        else:
            row = found.setdefault(owner, OwnerLoad(None))
            row.total, row.customers, row.cannot_act = load, customers, cannot_act
            row.only_customer = only if customers == 1 else None
    people = Person.objects.only("name", "email", "is_active").in_bulk(list(found))
    for owner, row in found.items():
        row.person = people[owner]
    rows = sorted(found.values(), key=lambda row: (-row.total.overdue, -row.total.open, row.name.casefold()))
    figures = customer_totals(tenants, now)
    unassigned = _unassigned(figures, assigned)
    unknown = [one for one in tenants if _is_unknown(figures[one.pk].totals)]
    return Workload([*rows, unassigned] if unassigned.customers else rows, unknown)


def _is_unknown(totals: Totals) -> bool:
    return totals.is_unknown or not any(totals.states.values())


# This query must compute shown states and dates in the same way as `portal.treatment.states`.
_OWNED: Final = """
SELECT owner_id, tenant_id, count(*) FILTER (WHERE NOT is_acknowledged), count(*) FILTER (WHERE NOT is_acknowledged AND
  rank = 0), count(*) FILTER (WHERE due < %(now)s), count(*) FILTER (WHERE is_acknowledged)
FROM (
  SELECT t.owner_id, t.tenant_id, t.finding_rank AS rank, t.finding_failing_since + p.days * interval '1 day' AS due,
    COALESCE(t.acknowledged_failing_since = t.finding_failing_since, false) AS is_acknowledged
  FROM (WORK) t
  JOIN unnest(%(tenants)s::uuid[], %(ranks)s::int[], %(days)s::int[]) AS p (tenant_id, rank, days)
    ON p.tenant_id = t.tenant_id AND p.rank = t.finding_rank
  WHERE t.finding_state = 'open' AND NOT COALESCE(t.excepted_sha256 = t.finding_sha256 AND t.excepted_from <= %(now)s
    AND t.excepted_until > %(now)s, false)
) work GROUP BY owner_id, tenant_id
""".replace("(WORK)", f"({WORK.replace('OWNER', 'owner_id IS NOT NULL')})")


# The rows of this query are of three kinds: the sums of each owner over all tenants; the sums of each tenant over all
# owners; and, for the owner in the last parameter, the numbers in each tenant. The numbers of a tenant come from its
# snapshot or, if the snapshot is outdated, from `_OWNED`.
_SUMS: Final = """
WITH work (owner, tenant_id, open, critical, overdue, acknowledged) AS MATERIALIZED (
  SELECT (one ->> 0)::uuid, s.tenant_id, (one ->> 1)::int, (one ->> 2)::int, (one ->> 3)::int, (one ->> 4)::int
  FROM treatment_snapshot s CROSS JOIN LATERAL jsonb_array_elements(s.work) AS one WHERE s.id = ANY(%s)
  UNION ALL SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::int[], %s::int[], %s::int[])
), eligible AS MATERIALIZED ({eligible})
SELECT owner, tenant_id, min(tenant_id::text)::uuid, count(*), bool_or(NOT may_act), sum(open)::int, sum(critical)::int,
  sum(overdue)::int, sum(acknowledged)::int
FROM (
  SELECT w.*, (w.owner, w.tenant_id) IN (SELECT person_id, tenant_id FROM eligible WHERE tenant_id IS NOT NULL)
    OR (w.owner, o.organization_id) IN (SELECT person_id, organization_id FROM eligible WHERE tenant_id IS NULL)
    AS may_act
  FROM work w JOIN unnest(%s::uuid[], %s::uuid[]) AS o (tenant_id, organization_id) USING (tenant_id)
) AS one
GROUP BY GROUPING SETS ((owner), (tenant_id))
UNION ALL SELECT owner, tenant_id, NULL, 1, false, open, critical, overdue, acknowledged FROM work WHERE owner = %s
"""


def _owned(tenants: Sequence[Tenant], now: datetime, opened: UUID | None) -> list[tuple[Any, ...]]:
    """Count the findings with an owner. Return three kinds of rows:

    - for each owner: (owner, None, id of one of the owner's tenants, number of the owner's tenants, whether the owner
      cannot act in one of them, the numbers of a `Load`)
    - for each tenant: (None, tenant, three unused values, the numbers)
    - for each tenant of the owner `opened`: (`opened`, tenant, three unused values, the numbers)
    """
    if not tenants:
        return []
    ids = [tenant.pk for tenant in tenants]
    valid = dict(valid_owner_counts(ids, now).order_by().values_list("tenant_id", "pk"))
    counted = _counted([tenant for tenant in tenants if tenant.pk not in valid], now)
    members, of_members = eligible_owner_roles(tenants).query.sql_with_params()
    columns = [list(column) for column in zip(*counted, strict=True)] or [[]] * 6
    organizations = [tenant.organization_id for tenant in tenants]
    with connection.cursor() as cursor:
        cursor.execute(
            _SUMS.format(eligible=members),
            [list(valid.values()), *columns, *of_members, ids, organizations, opened],
        )
        return list(cursor.fetchall())


def _counted(tenants: Sequence[Tenant], now: datetime) -> list[tuple[Any, ...]]:
    """Return rows (owner, tenant, and the numbers of a `Load`) that count the open and acknowledged findings with an
    owner.
    """
    if not tenants:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OWNED, {**work_parameters(tenants), "now": now})
        return list(cursor.fetchall())


def _unassigned(figures: Mapping[UUID, CustomerTotals], assigned: Mapping[UUID, Load]) -> OwnerLoad:
    """Return the numbers of unassigned findings by customer. These are the numbers of all open and acknowledged
    findings minus the numbers of those with an owner.
    """
    row = OwnerLoad(None)
    for tenant_id, standing in figures.items():
        totals, owned = standing.totals, assigned.get(tenant_id, Load())
        # If an assessment changed the findings between the two queries, a difference can be negative. Then use 0.
        rest = Load(
            open=max(0, sum(totals.open.values()) - owned.open),
            critical=max(0, totals.open.get("critical", 0) - owned.critical),
            overdue=max(0, standing.overdue_total - owned.overdue),
            acknowledged=max(0, totals.states.get(ShownState.ACKNOWLEDGED, 0) - owned.acknowledged),
        )
        if rest != Load():
            row.by_customer[tenant_id] = rest
            row.total.add(rest)
    row.customers = len(row.by_customer)
    row.only_customer = next(iter(row.by_customer)) if row.customers == 1 else None
    return row
