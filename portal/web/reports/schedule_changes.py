"""Resolve conflicts when two people change a report schedule at the same time. Pages of customers and of organizations
use this module.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest

from portal.distribution.actions.schedules import Schedule, place_of, schedule_values, set_schedule_enabled
from portal.distribution.models import PORTFOLIO
from portal.distribution.timetable import parse
from portal.portfolio_reports.models import PortfolioReport
from portal.reports.kinds import KINDS
from portal.web.reports.schedule_form import ReportScheduleForm
from portal.web.shared import stale_forms
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants.values.stale_values import Part, last_change

_LABELS: Final = {
    "name": "Name",
    "label": "Customers",
    "kind": "Kind",
    "framework": "Framework",
    "timetable": "How often",
    "people": "Recipients with an account",
    "addresses": "Other addresses",
    "classification": "Classification",
    "paper": "Paper",
    "language": "Language",
    "without_names": "Leave out names",
}
_CHANGED: Final = ("report_schedule.changed",)


def show_conflict(
    row: Schedule, form: ReportScheduleForm, start: Part
) -> tuple[dict[str, Any], ReportScheduleForm, Part]:
    """Return what somebody else has changed meanwhile, the form with the merged values, and the stored values."""
    row.refresh_from_db()
    now = schedule_values(row)
    place = place_of(row)
    last = last_change(place, _CHANGED, f"reportschedule:{row.pk}")
    typed = form.part(now)
    # Name only the people whom the form offers as recipients. `start` comes from the browser, so it could contain
    # anybody's id.
    people = dict(form.offered)
    kinds = {key: kind.name for key, kind in KINDS.items()} | {PORTFOLIO: PortfolioReport.kind_name}

    def text(name: str, value: Any) -> str:
        if name == "people":
            return ", ".join(people.get(pk, "A person") for pk in value or ()) or "none"
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, list):
            return ", ".join(map(str, value)) or "none"
        if name == "timetable":
            return _timetable_label(str(value))
        return kinds.get(str(value), str(value or "none")) if name == "kind" else str(value or "none")

    labels = {name: label for name, label in _LABELS.items() if name in now}
    others, merged = stale_forms.conflict(labels, start, now, typed, last, text)
    return others, ReportScheduleForm(place, None, row, part=merged), now


def _timetable_label(timetable: str) -> str:
    """Return a timetable in words. `timetable` can come from the browser. If it is not valid, return it unchanged."""
    try:
        return parse(timetable).label
    except ValueError:
        return timetable


def switch_to(request: HttpRequest, row: Schedule) -> None:
    """Pause or resume a schedule, as the parameter `enabled` of the request says.

    The request names the wanted state. So if two people pause a schedule at the same time, the second request does not
    resume it.
    """
    enabled = {"yes": True, "no": False}.get(request.POST.get("enabled", ""))
    if enabled is None:
        messages.error(request, "Choose whether to pause or to resume the schedule.")
        return
    with reported(request, f"Schedule “{row.name}” {'resumed' if enabled else 'paused'}."):
        set_schedule_enabled(schedule=row, by=person(), enabled=enabled)
