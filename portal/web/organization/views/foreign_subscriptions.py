"""List subscriptions of other directories that customers' service principals see, and assign or exclude these
subscriptions.
"""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.web.organization.place import AccessPlace
from portal.web.organization.undecided import NOTHING_SELECTED, REFUSED, chosen_home, exclude_selected
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.actions import Assignment, assign_foreign, exclude_foreign, undo_foreign_decision
from tenants.actions.foreign_subscriptions import MAX_REASON
from tenants.azure import foreign
from tenants.azure.foreign import ForeignSubscription
from tenants.models import Directory, Subscription
from tenants.roles import Capability

PER_PAGE: Final = 100
PAGE: Final = "foreign-subscriptions"


def foreign_subscriptions(request: HttpRequest, slug: str) -> HttpResponse:
    """List the foreign subscriptions of the customers that the person administers. Undecided subscriptions come
    first.
    """
    place = AccessPlace.of(slug, needs=Capability.ADMINISTER)
    rows = foreign.foreign_rows(place.tenants, every_home=place.whole)
    rows = rows.select_related("directory", "tenant", "service_principal", "decided_by")
    rows = rows.defer("service_principal__credential").order_by(
        "decision", "display_name", "subscription_id", "pk"
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    found = foreign.with_homes(page.object_list, place.tenants)
    context = {
        "organization": place.organization,
        "place": place,
        "page": page,
        "undecided": [one for one in found if not one.row.decision],
        "decided": [one for one in found if one.row.decision],
        "max_reason": MAX_REASON,
    }
    return render(request, "organization/foreign_subscriptions.html", context)


@require_POST
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Assign each selected subscription to the chosen customer. If no customer was chosen, assign it to the only
    customer that has the home directory of the subscription.
    """
    place = AccessPlace.of(slug, needs=Capability.ADMINISTER)
    chosen = foreign.with_homes(_selected(request, place), place.tenants)
    try:
        wanted = [Assignment(one.row, _home(request, one)) for one in chosen]
        received = assign_foreign(by=person(), assignments=wanted)
    except REFUSED as error:
        messages.error(request, error.message)
    else:
        waiting = sum(row.state == Subscription.WAITING for row in received)
        text = f"{len(received)} assigned."
        if waiting:
            text += (
                f" Surety cannot read {waiting} of these subscriptions yet. Run the command on the page, then"
                " start an assessment."
            )
        messages.success(request, text) if received else messages.warning(request, NOTHING_SELECTED)
    return redirect(PAGE, slug=slug)


@require_POST
def exclude(request: HttpRequest, slug: str) -> HttpResponse:
    """Exclude the selected subscriptions with the reason."""
    place = AccessPlace.of(slug, needs=Capability.ADMINISTER)
    chosen = _selected(request, place)
    exclude_selected(
        request, chosen, lambda reason: exclude_foreign(by=person(), subscriptions=chosen, reason=reason)
    )
    return redirect(PAGE, slug=slug)


@require_POST
def undo(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Make a decided subscription undecided again."""
    place = AccessPlace.of(slug, needs=Capability.ADMINISTER)
    row = _get(place, pk)
    with reported(request, f"The decision to assign or exclude {row} is undone.", refusal=REFUSED):
        undo_foreign_decision(by=person(), subscription=row)
    return redirect(PAGE, slug=slug)


def _selected(request: HttpRequest, place: AccessPlace) -> list[Subscription]:
    return [_get(place, pk) for pk in dict.fromkeys(request.POST.getlist("subscription"))]


def _get(place: AccessPlace, pk: object) -> Subscription:
    """Return a listed subscription.

    Raise NotFound if the page does not list the subscription, even if the subscription belongs to a customer that the
    person administers.
    """
    rows = foreign.foreign_rows(place.tenants, every_home=place.whole).select_related("directory", "tenant")
    return access.get(Subscription, pk, needs=Capability.ADMINISTER, queryset=rows)


def _home(request: HttpRequest, one: ForeignSubscription) -> Directory:
    missing = (
        f"You administer no other customer with the directory {one.row.home_directory_id}. Register a customer with"
        " this directory first."
    )
    return chosen_home(request, one, missing=missing)
