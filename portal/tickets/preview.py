"""Preview the tickets that a rule would open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.tickets.matching import applied, wanted_tickets
from portal.tickets.models import Ticket, TicketPlace, TicketRule
from tenants.models import Tenant

MAX_CUSTOMERS: Final = 200
"""The maximum number of customers that the preview examines."""


@dataclass(frozen=True, slots=True)
class CustomerPreview:
    """The effect of a rule on one customer.

    `new` is the number of tickets that the rule would open. `present` is the number of tickets that the rule asks for
    and that exist already. If `project` is empty, the rule would open no ticket.
    """

    tenant: Tenant
    project: str
    new: int
    present: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The tickets that a rule would open. `is_cut` is True if only the first customers were examined."""

    customers: Sequence[CustomerPreview]
    is_cut: bool

    @property
    def new(self) -> int:
        """The number of tickets that would be opened."""
        return sum(one.new for one in self.customers)

    @property
    def present(self) -> int:
        """The number of tickets that the rule asks for and that exist already."""
        return sum(one.present for one in self.customers)


def preview(rule: TicketRule, tenants: Sequence[Tenant], now: datetime) -> Preview:
    """Return which tickets an unsaved rule would open for these customers if it were the only rule.

    Call this function in the organization's scope (`tenants.scope`). The caller passes only customers to which the rule
    applies.
    """
    places = dict(
        TicketPlace.objects.filter(system=rule.system_id, tenant__in=tenants).values_list(
            "tenant_id", "project"
        )
    )
    found = []
    for tenant in tenants[:MAX_CUSTOMERS]:
        project = places.get(tenant.pk, rule.system.project)
        wanted = {one.key for one in wanted_tickets(tenant, [applied(rule, project or "-")], now)}
        rows = Ticket.objects.filter(tenant=tenant, system=rule.system_id, key__in=wanted)
        present = rows.count() if wanted else 0
        if wanted:
            new = len(wanted) - present if project else 0
            found.append(CustomerPreview(tenant, project, new, present))
    found.sort(key=lambda one: (-one.new, one.tenant.name))
    return Preview(found, len(tenants) > MAX_CUSTOMERS)


def customers_of(rule: TicketRule, tenants: Sequence[Tenant], chosen: Sequence[Tenant]) -> list[Tenant]:
    """Return the customers to which the rule applies. If the rule has labels, a customer must have one of these labels.
    If the rule is only for chosen customers, a customer must be one of `chosen`.
    """
    allowed = {one.pk for one in chosen}
    return [
        tenant
        for tenant in tenants
        if (not rule.only_chosen or tenant.pk in allowed)
        and (not rule.labels or set(rule.labels) & set(tenant.labels))
    ]
