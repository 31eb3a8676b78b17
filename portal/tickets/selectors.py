"""Read ticket systems, rules and tickets. The queries return only rows that the open scope permits."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from assessments.models import Finding
from portal.tickets.models import Ticket, TicketComment, TicketRule, TicketSystem
from tenants.models import Organization, Tenant


def systems(organization: Organization) -> QuerySet[TicketSystem]:
    """Return the systems, with the numbers of their open, waiting and failed tickets."""
    rows = TicketSystem.objects.filter(organization=organization)
    return rows.annotate(
        open_tickets=Count("tickets", filter=Q(tickets__remote_state=Ticket.Remote.OPEN)),
        waiting=Count("tickets", filter=Q(tickets__work=Ticket.Work.WAITING)),
        dead=Count("tickets", filter=Q(tickets__work=Ticket.Work.DEAD)),
    ).order_by("name", "pk")


def rules(organization: Organization) -> QuerySet[TicketRule]:
    """Return the rules with their systems, oldest first."""
    rows = TicketRule.objects.filter(organization=organization).select_related("system")
    return rows.order_by("created_at", "pk")


def dead_tickets(organization: Organization) -> QuerySet[Ticket]:
    """Return the tickets that could not be sent, newest first."""
    rows = Ticket.objects.filter(organization=organization, work=Ticket.Work.DEAD)
    return rows.select_related("system", "tenant").order_by("-due_at", "-pk")


def tickets_of(finding: Finding, *, see_all: bool) -> QuerySet[Ticket]:
    """Return the tickets about a finding, with comments.

    If `see_all` is True, include tickets that are about all findings of the finding's control. The tickets are returned
    without their ticket system. The row of the system belongs to the organization, so it cannot be read in the scope of
    a customer.
    """
    comments = Prefetch("comments", queryset=TicketComment.objects.order_by("at", "pk"))
    rows = Ticket.objects.filter(tenant=finding.tenant_id, control=finding.control).exclude(remote_id="")
    rows = rows.filter(Q(finding=finding) | Q(finding__isnull=True) if see_all else Q(finding=finding))
    return rows.prefetch_related(comments).order_by("created_at", "pk")


def tickets_of_controls(tenant: Tenant, controls: Collection[str]) -> dict[str, list[Ticket]]:
    """Return {control: the tickets that are about all findings of this control in the customer}."""
    found: dict[str, list[Ticket]] = {}
    rows = Ticket.objects.filter(tenant=tenant, control__in=list(controls), finding__isnull=True)
    for ticket in rows.exclude(remote_id="").order_by("created_at", "pk"):
        found.setdefault(ticket.control, []).append(ticket)
    return found


def due_tenants(system_id: UUID, organization_id: UUID, now: object) -> list[UUID]:
    """Return the ids of the customers with tickets to send. The customer that has waited longest comes first.

    The organization's scope (`tenants.scope`) must be open.
    """
    rows = Ticket.objects.filter(
        organization=organization_id, system=system_id, work=Ticket.Work.WAITING, due_at__lte=now
    )
    return list(dict.fromkeys(rows.order_by("due_at").values_list("tenant_id", flat=True)[:1000]))
