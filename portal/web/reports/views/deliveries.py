"""Resend a mail with a report."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from portal.distribution.actions import portfolio_deliveries
from portal.distribution.actions.deliveries import send_again
from portal.distribution.models import PortfolioDelivery, ReportDelivery
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.roles import Capability


@require_POST
def send(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Send the report again to one of its recipients."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    row = access.of_tenant(
        tenant, ReportDelivery, pk, needs=Capability.REPORT, related=("tenant", "run", "person")
    )
    with reported(request, f"The report is sent again to {row.recipient}."):
        send_again(delivery=row, by=person())
    return redirect("report", slug=slug, number=row.run.report_number)


@require_POST
def send_portfolio(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Send the portfolio report again to one of its recipients."""
    organization = access.organization(slug, needs=Capability.REPORT)
    rows = PortfolioDelivery.objects.filter(organization=organization)
    row = access.get(
        PortfolioDelivery,
        pk,
        needs=Capability.REPORT,
        queryset=rows.select_related("organization", "run", "person"),
    )
    with reported(request, f"The report is sent again to {row.recipient}."):
        portfolio_deliveries.send_again(delivery=row, by=person())
    return redirect("portfolio-report", slug=slug, number=row.run.report_number)
