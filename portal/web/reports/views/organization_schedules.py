"""Serve schedules of reports for all customers of an organization, or for the customers with a label."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assessments.timing.schedules import zone_of
from portal.distribution.actions.portfolio_runs import run_now
from portal.distribution.actions.schedules import applies_to
from portal.distribution.models import OrganizationReportSchedule, PortfolioRun, ReportRun
from portal.distribution.recipients import may_confirm, seen_digest
from portal.distribution.selectors import names_by_id, recipient_labels
from portal.distribution.timetable import parse
from portal.portfolio_reports.models import PortfolioReport
from portal.web.reports import schedule_pages
from portal.web.reports.schedule_changes import switch_to
from portal.web.reports.schedule_pages import edit_schedule
from portal.web.shared.action_messages import reported
from portal.web.shared.local_times import local
from portal.web.shared.visible import person
from tenants import access
from tenants.models import Organization, Tenant
from tenants.roles import Capability

LISTED: Final = "organization-report-schedules"


def schedules(request: HttpRequest, slug: str) -> HttpResponse:
    """List the organization's schedules. For each schedule, show its number of customers and the results of its last
    run.
    """
    return _list(request, access.organization(slug, needs=Capability.ADMINISTER))


def _list(request: HttpRequest, organization: Organization, status: int = 200) -> HttpResponse:
    context = {
        "organization": organization,
        "rows": _rows(organization),
        "may_confirm": may_confirm(organization),
    }
    return render(request, "organization/report_schedules.html", context, status=status)


def _rows(organization: Organization) -> list[dict[str, Any]]:
    rows = list(OrganizationReportSchedule.objects.filter(organization=organization))
    runs = PortfolioRun.objects.filter(schedule__in=rows).order_by("schedule_id", "-due_at", "-pk")
    built = PortfolioReport.objects.filter(
        organization=OuterRef("organization"), number=OuterRef("report_number")
    )
    last = {run.schedule_id: run for run in runs.distinct("schedule_id").annotate(has_report=Exists(built))}
    newest = ReportRun.objects.filter(schedule__origin__in=rows).order_by("schedule_id", "-due_at", "-pk")
    states: dict[Any, dict[str, int]] = {}
    for origin, state in newest.distinct("schedule_id").values_list("schedule__origin", "state"):
        found = states.setdefault(origin, {})
        found[state] = found.get(state, 0) + 1
    names = names_by_id(pk for row in rows for pk in row.people)
    tenants = list(Tenant.objects.filter(organization=organization, archived_at=None).order_by("name", "pk"))
    customers = {row.pk: [tenant for tenant in tenants if applies_to(row, tenant)] for row in rows}
    ids = {pk: [tenant.pk for tenant in found] for pk, found in customers.items()}
    return [
        {
            "row": row,
            **_portfolio_run(row, last.get(row.pk), zone_of(organization)),
            "when": parse(row.timetable).label,
            "recipients": recipient_labels(row, names, ids[row.pk]),
            "waiting": row.unconfirmed_for(ids[row.pk]),
            "customers": customers[row.pk],
            "seen": seen_digest(row, ids[row.pk]),
            "results": [
                (ReportRun.State(state).label, number)
                for state, number in sorted(states.get(row.pk, {}).items())
            ],
        }
        for row in rows
    ]


def _portfolio_run(
    row: OrganizationReportSchedule, last: PortfolioRun | None, zone: ZoneInfo
) -> dict[str, Any]:
    """Return the last run of a schedule of portfolio reports, and the time of its next run in the organization's time
    zone. For a schedule of other reports, the time is an empty text.
    """
    return {"last": last, "next": local(row.next_at, zone) if row.is_portfolio else ""}


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    return _edit(request, organization, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    return _edit(request, organization, _of(organization, pk))


def _edit(
    request: HttpRequest, organization: Organization, row: OrganizationReportSchedule | None
) -> HttpResponse:
    template = "organization/report_schedule.html"
    return edit_schedule(request, organization, row, template=template, listed=LISTED)


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Pause a schedule for all its customers, or resume it."""
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    row = _of(organization, pk)
    switch_to(request, row)
    return redirect(LISTED, slug=slug)


@require_POST
def run(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Build the portfolio report of a schedule now."""
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    row = _of(organization, pk)
    done = (
        f"The report of “{row.name}” is being built. Surety then sends it to the recipients of the schedule."
    )
    with reported(request, done):
        run_now(schedule=row, by=person())
    return redirect(LISTED, slug=slug)


@require_POST
def remove(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Remove a schedule for all its customers. The reports that the schedule has built remain."""
    organization = access.organization(slug, needs=Capability.ADMINISTER)
    row = _of(organization, pk)
    schedule_pages.remove(request, row)
    return redirect(LISTED, slug=slug)


@require_POST
def confirm(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Confirm the email addresses of the schedule's recipients who have no account in Surety. If the addresses changed
    in the meantime, show the present addresses.
    """
    organization = access.organization(slug, needs=Capability.MEMBERS)
    row = _of(organization, pk)
    return schedule_pages.confirm(
        request, row, listed=LISTED, slug=slug, out_of_date=lambda: _list(request, organization, status=409)
    )


def _of(organization: Organization, pk: str) -> OrganizationReportSchedule:
    rows = OrganizationReportSchedule.objects.filter(organization=organization).select_related("organization")
    return access.get(OrganizationReportSchedule, pk, needs=Capability.ADMINISTER, queryset=rows)
