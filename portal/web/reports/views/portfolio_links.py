"""Create, list and revoke links to a portfolio report. The links lead to the view `links.report_link`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from portal.distribution.actions.links import ends_at, links_of, revoke_link
from portal.distribution.models import PortfolioLink
from portal.portfolio_reports.models import PortfolioReport
from portal.web.reports.link_pages import create
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import NotFound
from tenants.ids import parse_uuid
from tenants.roles import Capability


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Create a link. Only the response to the submitted form shows the link."""
    organization = access.organization(slug, needs=Capability.REPORT)
    rows = PortfolioReport.objects.filter(
        organization=organization, number=number, state=PortfolioReport.State.READY
    )
    report = rows.select_related("organization").first()
    if report is None:
        raise NotFound("This report does not exist or has no file. Check its number.")
    return create(request, organization, report, template="organization/portfolio_link.html")


@require_POST
def revoke(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.REPORT)
    key = parse_uuid(pk)
    link = PortfolioLink.objects.filter(organization=organization, pk=key).first() if key else None
    if link is None:
        raise NotFound("This link does not exist, or you do not have access to it.")
    with reported(request, f"The link for {link.recipient} is revoked."):
        revoke_link(link=link, by=person())
    return redirect("portfolio-report", slug=slug, number=link.report_number)


def listed_links(report: PortfolioReport) -> list[dict[str, Any]]:
    """Return the links of a report, each with its end, for the page of the report. The newest link comes first."""
    rows = links_of(report).select_related("made_by", "revoked_by")
    return [{"link": row, "ends_at": ends_at(row, report.organization)} for row in rows]
