"""Serve the schedules of a customer's reports: list, form, pause, removal, confirmation of email addresses, and an
immediate run.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assessments.timing.schedules import zone_of
from portal.distribution.actions.runs import run_now
from portal.distribution.models import ReportSchedule
from portal.distribution.recipients import may_confirm, seen_digest
from portal.distribution.selectors import listed_schedules
from portal.web.reports import schedule_pages
from portal.web.reports.schedule_changes import switch_to
from portal.web.reports.schedule_pages import edit_schedule
from portal.web.shared.action_messages import reported
from portal.web.shared.local_times import local
from portal.web.shared.visible import may, person
from tenants import access
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.roles import Capability

LISTED: Final = "report-schedules"


def schedules(request: HttpRequest, slug: str) -> HttpResponse:
    """List the customer's schedules. For each schedule, show its next and its last run."""
    return _list(request, access.tenant(slug, needs=Capability.READ_REPORTS))


def _list(request: HttpRequest, tenant: Tenant, status: int = 200) -> HttpResponse:
    zone = zone_of(tenant)
    rows = [
        {
            "found": found,
            "row": found.schedule,
            "next": local(found.schedule.next_at, zone),
            "seen": seen_digest(found.schedule),
        }
        for found in listed_schedules(tenant)
    ]
    context = {
        "tenant": tenant,
        "rows": rows,
        "may_change": may(Capability.REPORT, tenant),
        "may_confirm": may_confirm(tenant),
        "zone": zone.key,
    }
    return render(request, "reports/schedules.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.REPORT)
    return _edit(request, tenant, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.REPORT)
    row = _of(tenant, pk)
    if row.origin_id is not None:
        raise NotFound(
            "This schedule belongs to the organization. Change it on the page “Report schedules” of the"
            " organization."
        )
    return _edit(request, tenant, row)


def _edit(request: HttpRequest, tenant: Tenant, row: ReportSchedule | None) -> HttpResponse:
    return edit_schedule(request, tenant, row, template="reports/schedule.html", listed=LISTED)


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Pause a schedule, or resume it."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    row = _of(tenant, pk)
    switch_to(request, row)
    return redirect(LISTED, slug=slug)


@require_POST
def remove(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Remove a schedule. The reports that the schedule has built remain."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    row = _of(tenant, pk)
    schedule_pages.remove(request, row)
    return redirect(LISTED, slug=slug)


@require_POST
def confirm(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Confirm the email addresses of the schedule's recipients who have no account in Surety. If the addresses changed
    in the meantime, show the present addresses.
    """
    tenant = access.tenant(slug, needs=Capability.MEMBERS)
    row = _of(tenant, pk)
    return schedule_pages.confirm(
        request, row, listed=LISTED, slug=slug, out_of_date=lambda: _list(request, tenant, status=409)
    )


@require_POST
def run(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Build the schedule's report now. The scheduled times do not change."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    row = _of(tenant, pk)
    with reported(request, f"Schedule “{row.name}” runs now. The list of reports shows its progress."):
        run_now(schedule=row, by=person())
    return redirect(LISTED, slug=slug)


def _of(tenant: Tenant, pk: str) -> ReportSchedule:
    return access.of_tenant(
        tenant, ReportSchedule, pk, needs=Capability.READ_REPORTS, related=("tenant__organization",)
    )
