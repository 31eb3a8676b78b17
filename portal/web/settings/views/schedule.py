"""Show and change a customer's schedule of assessments."""

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
from assessments.timing.schedules import Planned, missed_are_replaced, planned
from portal.treatment.selectors.baselines import SCHEDULE
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.baseline_notes import baseline_notes
from portal.web.shared.forms.schedule import ScheduleForm, default_label, schedule_text
from portal.web.shared.local_times import local
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput
from tenants.roles import Capability
from tenants.values.stale_values import Part, last_change

UPCOMING: Final = 5


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ASSESS)
    now = timezone.now()
    found = planned(tenant, now)
    form = ScheduleForm(
        request.POST if request.method == "POST" else None,
        choice=found.choice,
        default=default_label(tenant),
    )
    shown, others = {"schedule": found.choice}, None
    if request.method == "POST":
        shown = stale_forms.start_of(request, form, shown)
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()
        try:
            set_schedule(tenant=tenant, by=person(), wanted=wanted, expected=str(shown.get("schedule", "")))
        except Conflict:
            found = planned(tenant, now)
            others = _conflict(found, shown, wanted)
            form = ScheduleForm(choice=wanted, default=default_label(tenant))
            shown = {"schedule": found.choice}
        except InvalidInput as error:
            refused(form, error)
        else:
            after = planned(tenant, timezone.now())
            text = f" Next start: {local(after.next_at, after.zone)}." if after.next_at else ""
            messages.success(request, f"Schedule saved. {after.label}.{text}")
            return redirect("schedule", slug=slug)
    context = {
        "tenant": tenant,
        "baseline_notes": baseline_notes(tenant, SCHEDULE),
        "form": form,
        "start": stale_forms.write_start(shown),
        "others": others,
        "found": found,
        "upcoming": [] if found.is_paused else _upcoming(found, now),
        "last_due_at": local(found.row.last_due_at, found.zone) if found.row else "",
        "missed_are_replaced": found.row is not None and missed_are_replaced(found.row),
        "missed_from": local(found.row.missed_from, found.zone) if found.row else "",
        "missed_until": local(found.row.missed_until, found.zone) if found.row else "",
    }
    status = 409 if others else 400 if form.is_bound else 200
    return render(request, "settings/schedule.html", context, status=status)


def _conflict(found: Planned, start: Part, wanted: str) -> dict[str, Any]:
    """Return what the page shows about a schedule that somebody else saved in the meantime."""
    target = f"schedule:{found.row.pk}" if found.row else ""
    others, _ = stale_forms.conflict(
        {"schedule": "Schedule"},
        start,
        {"schedule": found.choice},
        {"schedule": wanted},
        last_change(found.tenant, ["schedule.changed"], target),
        lambda _, value: schedule_text(found.tenant, str(value)),
    )
    return others


def _upcoming(found: Planned, now: datetime) -> list[dict[str, Any]]:
    if found.timetable is None:
        return []
    starts = found.timetable.starts_between(
        now, datetime.max.replace(tzinfo=now.tzinfo), found.zone, found.tenant.pk
    )
    return [{"local": local(at, found.zone), "at": at} for at in islice(starts, UPCOMING)]
