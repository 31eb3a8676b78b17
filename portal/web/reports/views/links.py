"""Create and revoke links to a report. Also serve the public page where anybody with a link downloads the file."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from portal.distribution.actions.links import OpenedLink, ends_at, open_link, revoke_link, use_link
from portal.distribution.models import ReportLink
from portal.reports.models import Report
from portal.web.reports.link_pages import create
from portal.web.reports.verify_limits import TryAgain, count_request
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability

REQUESTS_PER_MINUTE: Final = 30


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Create a link. Only the response to the submitted form shows the link."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    rows = Report.objects.filter(tenant=tenant, number=number, state=Report.State.READY)
    report = rows.select_related("tenant__organization").first()
    if report is None:
        raise NotFound("This report does not exist or has no file. Check the number of the report.")
    return create(request, tenant, report, template="reports/link.html")


@require_POST
def revoke(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.REPORT)
    link = access.of_tenant(tenant, ReportLink, pk, needs=Capability.REPORT, related=("tenant",))
    with reported(request, f"The link for {link.recipient} is revoked."):
        revoke_link(link=link, by=person())
    return redirect("report", slug=slug, number=link.report_number)


# No CSRF check is needed, because the link's token, not a session, authorizes the download. A check would also fail,
# because this page's referrer policy makes browsers send `Origin: null`, which the CSRF check refuses.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the report to which the link leads. POST sends the file.

    Only a POST counts as a use of the link, because mail filters open every link with GET.
    """
    reason = (
        f"This network address has sent {REQUESTS_PER_MINUTE} requests within a minute, which is the limit of"
        " this page."
    )
    try:
        count_request(request, "report-links", REQUESTS_PER_MINUTE, reason)
        response = _file(request, token) if request.method == "POST" else _page(request, token)
    except TryAgain as error:
        response = _problem(request, "busy", HTTPStatus.TOO_MANY_REQUESTS, reason=str(error))
        response.headers["Retry-After"] = str(error.seconds)
    except NotFound:
        response = _problem(request, "unknown", HTTPStatus.NOT_FOUND)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _page(request: HttpRequest, token: str) -> HttpResponseBase:
    with open_link(token) as found:
        shown = _shown(found)
    # Render the page outside of the `with` block. Within the block, the scope of the transaction is the customer or
    # organization of the link, so signed-in people would not see their own navigation.
    return render(request, "reports/public_link.html", shown)


def _file(request: HttpRequest, token: str) -> HttpResponseBase:
    used = use_link(token, _address(request))
    if used.content is None:
        return _problem(request, "missing", HTTPStatus.SERVICE_UNAVAILABLE)
    return FileResponse(
        BytesIO(used.content),
        as_attachment=True,
        filename=used.report.file_name,
        content_type="application/pdf",
    )


def _shown(found: OpenedLink) -> dict[str, Any]:
    return {
        "state": "works",
        "report": found.report,
        "customer": found.customer,
        "organization": found.organization,
        "recipient": found.link.recipient,
        "ends_at": found.ends_at,
        "standing": found.standing,
        "sender": found.organization.name,
    }


def _problem(request: HttpRequest, state: str, status: HTTPStatus, **more: str) -> HttpResponseBase:
    return render(request, "reports/public_link.html", {"state": state, **more}, status=status)


def _address(request: HttpRequest) -> str:
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return "unknown"


def listed_links(tenant: Tenant, report: Report) -> list[dict[str, Any]]:
    """Return the links of a report, each with its end, for the page of the report. The newest link comes first."""
    rows = ReportLink.objects.filter(tenant=tenant, report_number=report.number)
    return [
        {"link": row, "ends_at": ends_at(row, tenant.organization)}
        for row in rows.select_related("made_by", "revoked_by")
    ]
