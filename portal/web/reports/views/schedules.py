"""Schedules of a customer's reports: list, form, pause, removal, confirmation of addresses, and a run now."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assessments.schedules import zone_of
from portal.distribution.actions.runs import run_now
from portal.distribution.actions.schedules import (
    add_schedule,
    change_schedule,
    confirm_addresses,
    described,
    remove_schedule,
)
from portal.distribution.models import ReportSchedule
from portal.distribution.recipients import may_confirm, seen_digest
from portal.distribution.selectors import listed_schedules
from portal.web.components.form_parts import refused
from portal.web.reports.schedule_changes import show_conflict, switch_to
from portal.web.reports.schedule_form import ReportScheduleForm
from portal.web.shared import meanwhile
from portal.web.shared.local_times import local
from portal.web.shared.reported import reported
from portal.web.shared.visible import may, person
from tenants import access
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.meanwhile import Part
from tenants.models import Tenant
from tenants.roles import Capability

SAVED = "Schedule “{name}” saved."


def schedules(request: HttpRequest, slug: str) -> HttpResponse:
    """List the customer's schedules with their next and last run."""
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
    data = request.POST if request.method == "POST" else None
    form = ReportScheduleForm(tenant, data, row)
    start: Part = described(row) if row else {}
    others = None
    if row is not None and form.is_bound:
        start = meanwhile.start_of(request, form, start)
    if form.is_bound and form.is_valid():
        try:
            if row is None:
                add_schedule(place=tenant, by=person(), choices=form.choices())
            else:
                change_schedule(schedule=row, by=person(), choices=form.choices(), expected=start)
        except (InvalidInput, Conflict) as error:
            if row is None or error.code != meanwhile.CODE:
                refused(form, error)
            else:
                others, form, start = show_conflict(row, form, start)
        else:
            messages.success(request, SAVED.format(name=form.cleaned_data["name"]))
            return redirect("report-schedules", slug=tenant.slug)
    context = {
        "tenant": tenant,
        "row": row,
        "form": form,
        "start": meanwhile.write_start(start),
        "others": others,
    }
    return render(
        request, "reports/schedule.html", context, status=409 if others else 400 if form.is_bound else 200
    )


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Pause a schedule, or let it continue."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    row = _of(tenant, pk)
    switch_to(request, row)
    return redirect("report-schedules", slug=slug)


@require_POST
def remove(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Remove a schedule; its reports remain."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    row = _of(tenant, pk)
    with reported(request, f"Schedule “{row.name}” removed. Its reports remain."):
        remove_schedule(schedule=row, by=person())
    return redirect("report-schedules", slug=slug)


@require_POST
def confirm(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Confirm the addresses of people without an account. If the page was out of date, show the present ones."""
    tenant = access.tenant(slug, needs=Capability.MEMBERS)
    row = _of(tenant, pk)
    try:
        confirm_addresses(schedule=row, by=person(), seen=request.POST.get("seen", ""))
    except Conflict as error:
        messages.error(request, error.message)
        return _list(request, tenant, status=409)
    messages.success(request, f"Addresses of “{row.name}” confirmed.")
    return redirect("report-schedules", slug=slug)


@require_POST
def run(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Build the report now, in addition to the scheduled reports."""
    tenant = access.tenant(slug, needs=Capability.REPORT)
    row = _of(tenant, pk)
    with reported(request, f"Schedule “{row.name}” runs now. The list of reports shows its progress."):
        run_now(schedule=row, by=person())
    return redirect("report-schedules", slug=slug)


def _of(tenant: Tenant, pk: str) -> ReportSchedule:
    return access.of_tenant(
        tenant, ReportSchedule, pk, needs=Capability.READ_REPORTS, related=("tenant__organization",)
    )
