"""A customer with findings, a connected fake of a ticket system, and the steps that workers take."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from assessments.models import Finding
from portal.tickets.actions.check import run_checks
from portal.tickets.actions.plan import plan_tickets
from portal.tickets.actions.poll import poll
from portal.tickets.actions.rules import save_rule
from portal.tickets.actions.send import send_due
from portal.tickets.actions.systems import add_system
from portal.tickets.connectors import CONNECTORS
from portal.tickets.connectors.base import Draft
from portal.tickets.models import Ticket, TicketRule, TicketSystem
from tenants.actors import System
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope, tenant_scope
from tests import factories
from tests.portal.tickets.fakes.server import FakeSystem
from tests.portal.treatment.findings import FAILING, make

BY = System("tests")
PASSING: dict[str, Any] = {"outcome": "pass", "state": "resolved", "failing_since": None}
UNKNOWN: dict[str, Any] = {"outcome": "unknown", "state": "unknown", "unknown_because": "forbidden"}
CONTROL = "storage-secure-transfer"


class CustomerWithTickets:
    """A customer of an organization with one connected system and one rule for all findings."""

    def __init__(
        self, fake: FakeSystem, per: str = "control", owner: Organization | None = None, **rule: Any
    ) -> None:
        self.fake = fake
        self.organization = owner or factories.organization()
        self.tenant = factories.tenant(self.organization, name="Contoso")
        with organization_scope(self.organization):
            self.system = connect(fake, self.organization)
            self.rule = add_rule(self.system, per=per, **rule)

    def add(self, number: int = 0, tenant: Tenant | None = None, **fields: Any) -> Finding:
        """Add a failing finding."""
        place = tenant or self.tenant
        with tenant_scope(place.pk):
            return make(place, {**FAILING, **fields}, number)

    def change(self, finding: Finding, fields: dict[str, Any]) -> None:
        """Change a finding as an assessment does."""
        with tenant_scope(finding.tenant_id):
            Finding.objects.filter(pk=finding.pk).update(**fields)

    def work(self, tenant: Tenant | None = None) -> int:
        """Plan and send, as the workers do after an assessment; return how many attempts succeeded."""
        plan_tickets(tenant_id=(tenant or self.tenant).pk)
        return self.send()

    def send(self) -> int:
        """Open, close and reopen the tickets that are due; return how many attempts succeeded."""
        return send_due(organization_id=self.organization.pk, until=time.monotonic() + 30)

    def check(self) -> int:
        """Test the connections that somebody asked to test."""
        return run_checks(organization_id=self.organization.pk, until=time.monotonic() + 30)

    def poll(self) -> int:
        """Read the tickets back, even if this was done a moment ago."""
        with organization_scope(self.organization):
            TicketSystem.objects.update(polled_at=timezone.now() - timedelta(minutes=6))
        return poll(organization_id=self.organization.pk, until=time.monotonic() + 30)

    def wait(self) -> None:
        """Make the next attempts due, and end the pauses of systems."""
        past = timezone.now() - timedelta(hours=5)
        with organization_scope(self.organization):
            TicketSystem.objects.update(paused_until=None)
            Ticket.objects.filter(tried_at__isnull=False).update(tried_at=past)
            Ticket.objects.filter(work=Ticket.Work.WAITING).update(due_at=past)

    def tickets(self) -> list[Ticket]:
        """The tickets of all customers."""
        with organization_scope(self.organization):
            return list(Ticket.objects.order_by("created_at", "pk"))

    def ticket(self) -> Ticket:
        """The only ticket."""
        (found,) = self.tickets()
        return found

    def reload(self) -> TicketSystem:
        """The system as it is stored now."""
        with organization_scope(self.organization):
            return TicketSystem.objects.get(pk=self.system.pk)


def connect(fake: FakeSystem, organization: Organization, **given: Any) -> TicketSystem:
    """Connect the fake system. Needs the scope of the organization."""
    values = {
        "kind": fake.kind,
        "name": f"Our {fake.kind}",
        "address": fake.address,
        "project": fake.project,
        "values": fake.values,
        **given,
    }
    return add_system(organization=organization, by=BY, **values)


def add_rule(system: TicketSystem, **given: Any) -> TicketRule:
    """Add a rule for all findings. Needs the scope of the organization."""
    values: dict[str, Any] = {"system": system, "name": "All", "per": "control", "customers": None, **given}
    return save_rule(organization=system.organization, by=BY, rule=None, **values)


def ids(tickets: list[Ticket]) -> list[UUID]:
    return [one.pk for one in tickets]


DRAFT = Draft(
    title="[Contoso] Open",
    facts={"Customer": "Con`toso @everyone"},
    lines=["Why."],
    items=["nsg-web", "[link](https://evil.example) @mira"],
    link="https://surety.msp.example/t/contoso/",
    marker="surety-1",
)


def tracker(fake: FakeSystem, **values: str) -> Any:
    return CONNECTORS[fake.kind].connect(fake.address, {**fake.values, **values})
