"""Choose the subscriptions that are assessed, on the page Subscriptions and in the registration.

The form contains the values with which it was opened (`portal.web.shared.stale_forms`). So a page that was open for a
long time does not undo later changes, and does not change subscriptions that were found later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from portal.queries.subscriptions import CHOOSABLE
from portal.web.components.form_parts import last_day
from portal.web.shared import stale_forms
from portal.web.shared.visible import person
from tenants.actions.subscriptions import Choice, choices_part, choose_subscriptions
from tenants.errors import Conflict, Refusal
from tenants.models import Subscription, Tenant
from tenants.values.days import end_of_day
from tenants.values.stale_values import LastChange, Part, last_change

_ACTIONS: Final = ("subscription.included", "subscription.left_out")


@dataclass(frozen=True, slots=True)
class SubscriptionChoices:
    """The rows of the form, and the values with which it is opened.

    If changes by other people prevented saving, `others` describes their changes.
    """

    entries: list[dict[str, Any]]
    start: str
    status: int = 200
    others: dict[str, Any] | None = None
    is_saved: bool = False


def subscription_choices(
    request: HttpRequest, tenant: Tenant, listed: Iterable[Subscription]
) -> SubscriptionChoices:
    """Return the form with the listed subscriptions. POST saves all sent choices. If one of them is refused, POST saves
    none of them.
    """
    rows = [row for row in listed if row.situation in CHOOSABLE]
    if request.method != "POST":
        return _stored(rows)
    start = stale_forms.read_start(request.POST.get("start", ""))
    if start is None or not all(map(_is_choice, start.values())):
        messages.error(request, stale_forms.MISSING)
        return _stored(rows, status=400)
    rows = [row for row in rows if str(row.pk) in start]
    start = {str(row.pk): start[str(row.pk)] for row in rows}
    entries = [_typed(request, row, start[str(row.pk)]) for row in rows]
    if not any(entry["error"] or entry["until_error"] for entry in entries):
        wanted = {entry["row"].pk: Choice(*(entry[key] for key in Choice._fields)) for entry in entries}
        try:
            choose_subscriptions(by=person(), choices=wanted, expected=start)
        except Conflict as error:
            if error.code != stale_forms.CODE:
                raise
            return _conflict(tenant, rows, start, {str(pk): one.part() for pk, one in wanted.items()})
        except Refusal as error:
            messages.error(request, error.message)
        else:
            return SubscriptionChoices(entries, "", is_saved=True)
    return SubscriptionChoices(entries, stale_forms.write_start(start), status=400)


def _stored(rows: list[Subscription], status: int = 200) -> SubscriptionChoices:
    part = choices_part(rows)
    return SubscriptionChoices(
        [_entry(row, part[str(row.pk)]) for row in rows], stale_forms.write_start(part), status
    )


def _conflict(tenant: Tenant, rows: list[Subscription], start: Part, typed: Part) -> SubscriptionChoices:
    now = choices_part(Subscription.objects.filter(pk__in=[row.pk for row in rows]))
    labels = {str(row.pk): row.display_name for row in rows}
    others, merged = stale_forms.conflict(labels, start, now, typed, _last(tenant, start, now), _text)
    entries = [_entry(row, merged[str(row.pk)]) for row in rows]
    return SubscriptionChoices(entries, stale_forms.write_start(now), status=409, others=others)


def _last(tenant: Tenant, start: Part, now: Part) -> LastChange | None:
    """Return the latest change of listed subscriptions since the page was opened. Return None if there was no
    change.
    """
    targets = [f"subscription:{key}" for key in now if now[key] != start[key]]
    found = [last_change(tenant, _ACTIONS, target) for target in targets]
    return max((one for one in found if one), key=lambda one: one.at, default=None)


def _entry(row: Subscription, choice: list[Any]) -> dict[str, Any]:
    included, reason, until = choice
    text = f"{last_day(datetime.fromisoformat(until)):%Y-%m-%d}" if until else ""
    return {
        "row": row,
        "included": bool(included),
        "reason": reason,
        "until_text": text,
        "error": "",
        "until_error": "",
    }


def _typed(request: HttpRequest, row: Subscription, start: list[Any]) -> dict[str, Any]:
    included = f"include-{row.pk}" in request.POST
    reason = request.POST.get(f"reason-{row.pk}", "").strip()
    text = request.POST.get(f"until-{row.pk}", "").strip()[:20]
    until, error = (None, "") if included else _until(text, start[2])
    return {
        "row": row,
        "included": included,
        "reason": reason,
        "until": until,
        "until_text": text,
        "error": "" if included or reason else "Enter why this subscription is not assessed.",
        "until_error": error,
    }


def _until(text: str, start: str) -> tuple[datetime | None, str]:
    """Return the time at which the entered day `text` ends in UTC, and an error message (empty for a valid day).

    `start` is the end of the exclusion that was stored when the form was opened. The form shows only the day of this
    end. If the person leaves the day unchanged, return the stored end, with its time of day.
    """
    if not text:
        return None, ""
    before = datetime.fromisoformat(start) if start else None
    try:
        day = date.fromisoformat(text)
        found = before if before and last_day(before) == day else end_of_day(day)
    except (ValueError, OverflowError):
        return None, "Enter a day, such as 2027-03-31, or leave this field empty."
    if found != before and found <= timezone.now():
        return None, "Enter today or a later day, or leave this field empty."
    return found, ""


def _is_choice(value: Any) -> bool:
    """Return whether a value from the browser has the form of `Choice.part`: [included, reason, end]."""
    match value:
        case [bool(), str(), str() as until]:
            try:
                end = datetime.fromisoformat(until) if until else None
                # `last_day` raises OverflowError for a day outside of Python's calendar, which has the years 1 to 9999.
                return end is None or (end.tzinfo is not None and bool(last_day(end)))
            except (ValueError, OverflowError):
                return False
    return False


def _text(_: str, value: Any) -> str:
    included, reason, until = value
    if included:
        return "Assessed"
    end = f", until {last_day(datetime.fromisoformat(until)):%Y-%m-%d}" if until else ""
    return f"Excluded: {reason}{end}"
