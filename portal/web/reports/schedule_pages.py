"""Show the form of a report schedule, remove a schedule, and confirm the email addresses of its recipients. The pages
of customers and of organizations share these functions.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.distribution.actions.schedules import (
    Schedule,
    add_schedule,
    change_schedule,
    confirm_addresses,
    remove_schedule,
    schedule_values,
)
from portal.web.components.form_parts import refused
from portal.web.reports.schedule_changes import show_conflict
from portal.web.reports.schedule_form import ReportScheduleForm
from portal.web.shared import stale_forms
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants.errors import Conflict, InvalidInput
from tenants.models import Organization, Tenant
from tenants.values.stale_values import Part


def edit_schedule(
    request: HttpRequest, place: Tenant | Organization, row: Schedule | None, *, template: str, listed: str
) -> HttpResponse:
    """Show the form of a schedule, or save the form and redirect to the list of schedules.

    `listed` is the URL name of the list. If `row` is None, the form adds a schedule.
    """
    data = request.POST if request.method == "POST" else None
    form = ReportScheduleForm(place, data, row)
    start: Part = schedule_values(row) if row else {}
    others = None
    if row is not None and form.is_bound:
        start = stale_forms.start_of(request, form, start)
    if form.is_bound and form.is_valid():
        try:
            if row is None:
                saved = add_schedule(place=place, by=person(), choices=form.choices())
            else:
                saved = change_schedule(schedule=row, by=person(), choices=form.choices(), expected=start)
        except (InvalidInput, Conflict) as error:
            if row is None or error.code != stale_forms.CODE:
                refused(form, error)
            else:
                others, form, start = show_conflict(row, form, start)
        else:
            messages.success(request, f"Schedule “{form.cleaned_data['name']}” saved.{_waiting(saved)}")
            return redirect(listed, slug=place.slug)
    context = {
        "tenant" if isinstance(place, Tenant) else "organization": place,
        "row": row,
        "form": form,
        "start": stale_forms.write_start(start),
        "others": others,
    }
    return render(request, template, context, status=409 if others else 400 if form.is_bound else 200)


def _waiting(row: Schedule) -> str:
    """Return a sentence about the addresses that an administrator must still confirm. The sentence begins with a space.
    Return an empty text if there are no such addresses.

    If the report of the schedule changes, addresses that were already confirmed must be confirmed again.
    """
    if not (waiting := row.unconfirmed_addresses):
        return ""
    if len(waiting) == 1:
        return f" No report is sent to {waiting[0]} until an administrator confirms this address."
    return f" No report is sent to {len(waiting)} addresses until an administrator confirms them."


def remove(request: HttpRequest, row: Schedule) -> None:
    """Remove a schedule; its reports remain."""
    with reported(request, f"Schedule “{row.name}” removed. Its reports remain."):
        remove_schedule(schedule=row, by=person())


def confirm(
    request: HttpRequest, row: Schedule, *, listed: str, slug: str, out_of_date: Callable[[], HttpResponse]
) -> HttpResponse:
    """Confirm the email addresses of the schedule's recipients who have no account in Surety.

    If the addresses have changed since the page was opened, return `out_of_date()`.
    """
    try:
        confirm_addresses(schedule=row, by=person(), seen=request.POST.get("seen", ""))
    except Conflict as error:
        messages.error(request, error.message)
        return out_of_date()
    messages.success(request, f"Addresses of “{row.name}” confirmed.")
    return redirect(listed, slug=slug)
