"""List an organization's ticket systems, ticket rules and failed tickets."""

from __future__ import annotations

from typing import Final

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.tickets import selectors
from portal.tickets.actions.systems import drop_ticket, retry_ticket
from portal.tickets.connectors import CONNECTORS
from portal.tickets.models import Ticket, TicketCursor
from portal.treatment.naming import control_problem
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.roles import Capability

PER_PAGE: Final = 50


def tickets(request: HttpRequest, slug: str) -> HttpResponse:
    """List the ticket systems, the rules and the failed tickets."""
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    cursors = TicketCursor.objects.filter(tenant__organization=organization)
    page = Paginator(selectors.dead_tickets(organization), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "organization": organization,
        "systems": [(row, CONNECTORS[row.kind].label) for row in selectors.systems(organization)],
        "rules": list(selectors.rules(organization)),
        "connectors": list(CONNECTORS.values()),
        "page": page,
        "dead": [(row, control_problem(row.control)) for row in page.object_list],
        "left_out": cursors.aggregate(number=Sum("left_out"))["number"] or 0,
    }
    return render(request, "tickets/list.html", context)


@require_POST
def retry(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    ticket = _dead(slug, pk)
    with reported(request, "The ticket is sent again."):
        retry_ticket(ticket=ticket, by=person())
    return redirect("tickets", slug=slug)


@require_POST
def drop(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    ticket = _dead(slug, pk)
    with reported(request, "The failed ticket is discarded."):
        drop_ticket(ticket=ticket, by=person())
    return redirect("tickets", slug=slug)


def _dead(slug: str, pk: str) -> Ticket:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    rows = Ticket.objects.filter(organization=organization)
    return access.get(Ticket, pk, needs=Capability.ORGANIZATION, queryset=rows)
