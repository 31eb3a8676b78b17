"""Include the subscriptions of a customer in its assessments, or exclude them with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.queries.subscriptions import listed_subscriptions
from portal.web.shared.visible import person
from tenants import access
from tenants.actions import include_subscription
from tenants.errors import SuretyError
from tenants.models import Situation, Subscription
from tenants.roles import Capability

# A subscription that is no longer seen can be excluded, so that its findings do not stay unknown.
CHOOSABLE: Final = (Situation.INCLUDED, Situation.EXCLUDED, Situation.VANISHED)


@require_http_methods(["GET", "HEAD", "POST"])
def subscriptions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and change which subscriptions are assessed."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    entries = choices(request, listed_subscriptions(tenant))
    if request.method == "POST" and save_choices(request, entries):
        messages.success(request, "Subscriptions saved. The next assessment covers the included ones.")
        return redirect("tenant-settings", slug)
    context = {"tenant": tenant, "entries": entries}
    return render(
        request, "settings/subscriptions.html", context, status=400 if request.method == "POST" else 200
    )


def choices(request: HttpRequest, rows: Iterable[Subscription]) -> list[dict[str, Any]]:
    """Return the subscriptions that a person can include or exclude, with what the person chose or what is stored."""
    return [_choice(request, row) for row in rows if row.situation in CHOOSABLE]


def save_choices(request: HttpRequest, entries: list[dict[str, Any]]) -> bool:
    """Save all choices, or none if one is refused. Return whether they were saved."""
    if any(entry["error"] for entry in entries):
        return False
    try:
        with transaction.atomic():
            for entry in entries:
                include_subscription(
                    by=person(),
                    subscription=entry["row"],
                    included=entry["included"],
                    reason=entry["reason"],
                )
    except SuretyError as error:
        messages.error(request, error.message)
        return False
    return True


def _choice(request: HttpRequest, row: Subscription) -> dict[str, Any]:
    if request.method != "POST":
        return {"row": row, "included": row.included, "reason": row.exclusion_reason, "error": ""}
    included = f"include-{row.pk}" in request.POST
    reason = request.POST.get(f"reason-{row.pk}", "").strip()
    error = "" if included or reason else "Enter why this subscription is not assessed."
    return {"row": row, "included": included, "reason": reason, "error": error}
