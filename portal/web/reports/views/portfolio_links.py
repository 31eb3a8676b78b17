"""Create and revoke links to a portfolio report. `links.report_link` is the public page of these links too."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from portal import links
from portal.distribution.actions.links import MAX_USES, create_link, ends_at, links_of, revoke_link
from portal.distribution.models import PortfolioLink
from portal.portfolio_reports.models import PortfolioReport
from portal.web.components.form_parts import refused
from portal.web.reports.views.links import LinkForm
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.ids import parse_uuid
from tenants.roles import Capability


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def add(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Create a link. Only the response to this form shows the link."""
    organization = access.organization(slug, needs=Capability.REPORT)
    rows = PortfolioReport.objects.filter(
        organization=organization, number=number, state=PortfolioReport.State.READY
    )
    report = rows.select_related("organization").first()
    if report is None:
        raise NotFound("This report does not exist or has no file. Check its number.")
    maximum = organization.report_link_days
    form = LinkForm(maximum, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        "organization": organization,
        "report": report,
        "maximum": maximum,
        "uses": MAX_USES,
    }
    if form.is_bound and form.is_valid():
        try:
            link, token = create_link(report=report, by=person(), **form.cleaned_data)
        except (InvalidInput, Conflict) as error:
            refused(form, error)
        else:
            address = links.absolute(links.report_link(token))
            found = context | {"link": link, "address": address}
            return render(request, "organization/portfolio_link.html", found)
    status = 400 if form.is_bound else 200
    return render(request, "organization/portfolio_link.html", context | {"form": form}, status=status)


@require_POST
def revoke(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Revoke a link."""
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
