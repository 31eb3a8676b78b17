"""Who does what: the open, critical and overdue findings of each owner, in one customer or several.

The numbers of each owner come from the tenant's newest snapshot (`Snapshot.work`) if nothing has changed them since;
otherwise, the tenant's treatments are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection

from portal.queries.owned_findings import WORK, work_parameters
from portal.treatment.selectors.owners import eligible_owner_ids
from portal.treatment.selectors.scores import Standing, standings, valid_owner_counts
from portal.treatment.states import ShownState
from tenants.models import Person, Tenant


@dataclass(slots=True)
class Load:
    """The number of findings of one owner, or of findings without an owner, in one customer or in all customers."""

    open: int = 0
    critical: int = 0
    overdue: int = 0
    acknowledged: int = 0

    def add(self, other: Load) -> None:
        """Add the numbers of another load."""
        self.open += other.open
        self.critical += other.critical
        self.overdue += other.overdue
        self.acknowledged += other.acknowledged


@dataclass(slots=True)
class OwnerLoad:
    """The work of one owner; `person` is None for findings without an owner.

    `cannot_act`: customers in which the person owns findings but may not work on them.
    """

    person: Person | None
    total: Load = field(default_factory=Load)
    by_customer: dict[UUID, Load] = field(default_factory=dict)
    cannot_act: set[UUID] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The owner's name."""
        return self.person.get_full_name() if self.person else "Unassigned"


class Workload(NamedTuple):
    """The owners with work, most overdue first, then most open findings; unassigned work comes last.

    `unknown`: customers for which no check could be decided, so their numbers are unknown and not 0.
    """

    rows: list[OwnerLoad]
    unknown: list[Tenant]


def workload(tenants: Sequence[Tenant], now: datetime) -> Workload:
    """Return the work of the owners. The number of queries does not depend on the number of tenants."""
    loads = _owned(tenants, now)
    people = Person.objects.only("name", "email", "is_active").in_bulk([pk for pk, _ in loads])
    eligible = eligible_owner_ids(tenants)
    found: dict[UUID, OwnerLoad] = {}
    for (owner, tenant_id), load in loads.items():
        row = found.setdefault(owner, OwnerLoad(people[owner]))
        row.by_customer[tenant_id] = load
        row.total.add(load)
        if owner not in eligible[tenant_id]:
            row.cannot_act.add(tenant_id)
    rows = sorted(found.values(), key=lambda row: (-row.total.overdue, -row.total.open, row.name.casefold()))
    figures = standings(tenants, now, by_section=False)
    unassigned = _unassigned(figures, loads)
    unknown = [one for one in tenants if figures[one.pk].totals.is_unknown]
    return Workload([*rows, unassigned] if unassigned.by_customer else rows, unknown)


# Shown states and dates as in `portal.treatment.states`.
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


def _owned(tenants: Sequence[Tenant], now: datetime) -> dict[tuple[UUID, UUID], Load]:
    """Return {(owner, tenant): load} of the failing findings that have an owner."""
    found: dict[tuple[UUID, UUID], Load] = {}
    stored = valid_owner_counts([tenant.pk for tenant in tenants], now).order_by()
    read = set()
    for tenant_id, rows in stored.values_list("tenant_id", "work"):
        read.add(tenant_id)
        for owner, *numbers in rows or ():
            found[UUID(owner), tenant_id] = Load(*numbers)
    others = [tenant for tenant in tenants if tenant.pk not in read]
    if others:
        with connection.cursor() as cursor:
            cursor.execute(_OWNED, {**work_parameters(others), "now": now})
            for owner_id, tenant_id, *numbers in cursor.fetchall():
                found[owner_id, tenant_id] = Load(*numbers)
    return found


def _unassigned(figures: Mapping[UUID, Standing], owned: dict[tuple[UUID, UUID], Load]) -> OwnerLoad:
    """Return the unassigned findings of each customer: all its failing findings minus the owned ones."""
    row = OwnerLoad(None)
    assigned: dict[UUID, Load] = defaultdict(Load)
    for (_, tenant_id), load in owned.items():
        assigned[tenant_id].add(load)
    for tenant_id, standing in figures.items():
        totals, rest = standing.totals, assigned[tenant_id]
        rest = Load(
            open=sum(totals.open.values()) - rest.open,
            critical=totals.open.get("critical", 0) - rest.critical,
            overdue=standing.overdue_total - rest.overdue,
            acknowledged=totals.states.get(ShownState.ACKNOWLEDGED, 0) - rest.acknowledged,
        )
        # An assessment may write between the queries.
        rest = Load(max(0, rest.open), max(0, rest.critical), max(0, rest.overdue), max(0, rest.acknowledged))
        if rest != Load():
            row.by_customer[tenant_id] = rest
            row.total.add(rest)
    return row
