"""Include the subscriptions of a customer in its assessments, or exclude them with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.queries.subscriptions import (
    SubscriptionFilter,
    group_choices,
    listed_subscriptions,
    tag_choices,
)
from portal.web.components.form_parts import end_of, last_day
from portal.web.shared.visible import person
from tenants import access
from tenants.actions import include_subscription
from tenants.errors import Refusal
from tenants.models import Situation, Subscription
from tenants.roles import Capability

# A subscription that the service principals no longer see can be excluded too. Otherwise its findings would stay
# unknown.
CHOOSABLE: Final = (Situation.INCLUDED, Situation.EXCLUDED, Situation.VANISHED)


@require_http_methods(["GET", "HEAD", "POST"])
def subscriptions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change which subscriptions are assessed."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    rows = list(listed_subscriptions(tenant))
    chosen = SubscriptionFilter(request.GET.get("group", ""), request.GET.get("tag", ""))
    # The form contains only the shown subscriptions, so the others keep what is stored.
    entries = choices(request, filter(chosen.matches, rows))
    if request.method == "POST" and save_choices(request, entries):
        messages.success(request, "Subscriptions saved. The next assessment covers the included ones.")
        return redirect("tenant-settings", slug)
    context = {
        "tenant": tenant,
        "entries": entries,
        "chosen": chosen,
        "groups": group_choices(rows),
        "tags": tag_choices(rows),
    }
    return render(
        request, "settings/subscriptions.html", context, status=400 if request.method == "POST" else 200
    )


def choices(request: HttpRequest, rows: Iterable[Subscription]) -> list[dict[str, Any]]:
    """Return the subscriptions that a person can include or exclude, with what the person chose or what is stored."""
    return [_choice(request, row) for row in rows if row.situation in CHOOSABLE]


def save_choices(request: HttpRequest, entries: list[dict[str, Any]]) -> bool:
    """Save all choices, or none if one is refused. Return whether they were saved."""
    if any(entry["error"] or entry["until_error"] for entry in entries):
        return False
    try:
        with transaction.atomic():
            # Lock all rows first, in the order of `include_after_exclusion`: each change then takes the journal's lock.
            keys = [entry["row"].pk for entry in entries]
            list(Subscription.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True))
            for entry in entries:
                include_subscription(
                    by=person(),
                    subscription=entry["row"],
                    included=entry["included"],
                    reason=entry["reason"],
                    until=entry["until"],
                )
    except Refusal as error:
        messages.error(request, error.message)
        return False
    return True


def _choice(request: HttpRequest, row: Subscription) -> dict[str, Any]:
    if request.method != "POST":
        return {
            "row": row,
            "included": row.included,
            "reason": row.exclusion_reason,
            "until": row.excluded_until,
            "until_text": f"{last_day(row.excluded_until):%Y-%m-%d}" if row.excluded_until else "",
            "error": "",
            "until_error": "",
        }
    included = f"include-{row.pk}" in request.POST
    reason = request.POST.get(f"reason-{row.pk}", "").strip()
    error = "" if included or reason else "Enter why this subscription is not assessed."
    text = request.POST.get(f"until-{row.pk}", "").strip()[:20]
    until, until_error = (None, "") if included else _until(text, row.excluded_until)
    return {
        "row": row,
        "included": included,
        "reason": reason,
        "until": until,
        "until_text": text,
        "error": error,
        "until_error": until_error,
    }


def _until(text: str, stored: datetime | None) -> tuple[datetime | None, str]:
    """Return the end of the chosen day in UTC, and what is wrong with it."""
    if not text:
        return None, ""
    try:
        found = end_of(date.fromisoformat(text))
    except ValueError:
        return None, "Enter a day, such as 2027-03-31, or leave this empty."
    if found != stored and found <= timezone.now():
        return None, "Enter a day that is not over, or leave this empty."
    return found, ""
