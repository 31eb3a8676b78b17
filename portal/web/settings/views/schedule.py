"""A tenant's schedule of assessments."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments.actions.schedules import set_schedule
from assessments.schedules import Planned, planned
from portal.web.components.form_parts import refused
from portal.web.shared.local_times import local
from portal.web.shared.schedule_form import ScheduleForm, default_label
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import InvalidInput
from tenants.roles import Capability

UPCOMING: Final = 5


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change the schedule."""
    tenant = access.tenant(slug, needs=Capability.ASSESS)
    now = timezone.now()
    found = planned(tenant, now)
    form = ScheduleForm(
        request.POST if request.method == "POST" else None,
        choice=found.choice,
        default=default_label(tenant),
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_schedule(tenant=tenant, by=person(), wanted=form.wanted())
        except InvalidInput as error:
            refused(form, error)
        else:
            after = planned(tenant, timezone.now())
            text = f" Next start: {local(after.next_at, after.zone)}." if after.next_at else ""
            messages.success(request, f"Schedule saved. {after.label}.{text}")
            return redirect("schedule", slug=slug)
    context = {
        "tenant": tenant,
        "form": form,
        "found": found,
        "upcoming": [] if found.is_paused else _upcoming(found, now),
        "last_due_at": local(found.row.last_due_at, found.zone) if found.row else "",
        "missed_from": local(found.row.missed_from, found.zone) if found.row else "",
        "missed_until": local(found.row.missed_until, found.zone) if found.row else "",
    }
    return render(request, "settings/schedule.html", context, status=400 if form.is_bound else 200)


def _upcoming(found: Planned, now: datetime) -> list[dict[str, Any]]:
    if found.timetable is None:
        return []
    starts = found.timetable.starts_between(
        now, datetime.max.replace(tzinfo=now.tzinfo), found.zone, found.tenant.pk
    )
    return [{"local": local(at, found.zone), "at": at} for at in islice(starts, UPCOMING)]
