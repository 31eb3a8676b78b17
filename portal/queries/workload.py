"""Who does what: the open, critical and overdue findings of each owner, in one customer or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count

from assessments.models import Finding
from portal.treatment.selectors.owners import eligible_owner_ids
from portal.treatment.selectors.scores import Standing, past_due_in, standings
from portal.treatment.states import WITH_DUE_DATE, ShownState, shown_state
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

    `unknown`: customers of which no check could be decided, so that their numbers are not known instead of 0.
    """

    rows: list[OwnerLoad]
    unknown: list[Tenant]


def workload(tenants: Sequence[Tenant], now: datetime) -> Workload:
    """Return the work of the owners. The number of queries does not depend on the number of tenants."""
    ids = [tenant.pk for tenant in tenants]
    loads = _owned(tenants, ids, now)
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
    figures = standings(tenants, now)
    unassigned = _unassigned(figures, loads)
    unknown = [one for one in tenants if figures[one.pk].states and not figures[one.pk].is_known]
    return Workload([*rows, unassigned] if unassigned.by_customer else rows, unknown)


def _owned(tenants: Sequence[Tenant], ids: Sequence[UUID], now: datetime) -> dict[tuple[UUID, UUID], Load]:
    """Return {(owner, tenant): load} of the failing findings that have an owner."""
    rows = (
        Finding.objects.filter(
            tenant_id__any_of=ids, state=Finding.State.OPEN, treatment__owner__isnull=False
        )
        .annotate(shown=shown_state(now))
        .values_list("treatment__owner", "tenant_id", "severity", "shown")
        .annotate(number=Count("pk"), late=Count("pk", filter=past_due_in(list(tenants), now)))
        .order_by()
    )
    found: dict[tuple[UUID, UUID], Load] = {}
    for owner, tenant_id, severity, shown, number, late in rows:
        load = found.setdefault((owner, tenant_id), Load())
        if shown == ShownState.OPEN:
            load.open += number
            load.critical += number if severity == Finding.Severity.CRITICAL else 0
        elif shown == ShownState.ACKNOWLEDGED:
            load.acknowledged += number
        if shown in WITH_DUE_DATE:
            load.overdue += late
    return {key: load for key, load in found.items() if load != Load()}


def _unassigned(figures: Mapping[UUID, Standing], owned: dict[tuple[UUID, UUID], Load]) -> OwnerLoad:
    """Return the unassigned findings of each customer: all its failing findings minus the owned ones."""
    row = OwnerLoad(None)
    for tenant_id, standing in figures.items():
        rest = Load(
            open=standing.open(),
            critical=standing.open("critical"),
            overdue=standing.overdue_total,
            acknowledged=standing.states.get(ShownState.ACKNOWLEDGED, 0),
        )
        for (_, place), load in owned.items():
            if place == tenant_id:
                rest.open -= load.open
                rest.critical -= load.critical
                rest.overdue -= load.overdue
                rest.acknowledged -= load.acknowledged
        # An assessment may write between the queries.
        rest = Load(max(0, rest.open), max(0, rest.critical), max(0, rest.overdue), max(0, rest.acknowledged))
        if rest != Load():
            row.by_customer[tenant_id] = rest
            row.total.add(rest)
    return row
