"""Serve an organization's own service principals, and the subscriptions that customers delegated with Azure
Lighthouse.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.web.organization.undecided import NOTHING_SELECTED, REFUSED, chosen_home, exclude_selected
from portal.web.shared.action_messages import reported
from portal.web.shared.credentials import expiry
from portal.web.shared.visible import person
from tenants import access
from tenants.actions.delegations import assign_delegations, exclude_delegations, undo_delegation_decision
from tenants.actions.foreign_subscriptions import MAX_REASON
from tenants.azure.delegations import DelegatedSubscription, listed_delegations, with_customers
from tenants.models import Delegation, Directory, ManagingPrincipal, Organization
from tenants.roles import Capability

PER_PAGE: Final = 100
PAGE: Final = "lighthouse"


def lighthouse(request: HttpRequest, slug: str) -> HttpResponse:
    """List the service principals of the organization and the delegated subscriptions. Undecided subscriptions come
    first.
    """
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    page = Paginator(listed_delegations(organization), PER_PAGE).get_page(request.GET.get("page"))
    found = with_customers(organization, page.object_list)
    context = {
        "organization": organization,
        "principals": [_principal(row) for row in _principals(organization)],
        "page": page,
        "undecided": [one for one in found if not one.row.decision],
        "decided": [one for one in found if one.row.decision],
        "max_reason": MAX_REASON,
    }
    return render(request, "organization/lighthouse.html", context)


@require_POST
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Assign each selected subscription to the chosen customer. If no customer was chosen, assign it to the only
    customer that has the home directory of the subscription.
    """
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    chosen = with_customers(organization, _selected(request, organization))
    try:
        received = assign_delegations(
            by=person(),
            organization=organization,
            assignments={one.row.pk: _home(request, one) for one in chosen},
        )
    except REFUSED as error:
        messages.error(request, error.message)
    else:
        if received:
            text = (
                f"{len(received)} assigned. The next assessments of the customers read these subscriptions."
            )
            messages.success(request, text)
        else:
            messages.warning(request, NOTHING_SELECTED)
    return redirect(PAGE, slug=slug)


@require_POST
def exclude(request: HttpRequest, slug: str) -> HttpResponse:
    """Exclude the selected subscriptions with the reason."""
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    chosen = _selected(request, organization)
    ids = [row.pk for row in chosen]
    exclude_selected(
        request,
        chosen,
        lambda reason: exclude_delegations(by=person(), organization=organization, ids=ids, reason=reason),
    )
    return redirect(PAGE, slug=slug)


@require_POST
def undo(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Make a decided subscription undecided again."""
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    row = _get(organization, pk)
    with reported(request, f"The decision to assign or exclude {row} is undone.", refusal=REFUSED):
        undo_delegation_decision(by=person(), delegation=row)
    return redirect(PAGE, slug=slug)


def _selected(request: HttpRequest, organization: Organization) -> list[Delegation]:
    return [_get(organization, pk) for pk in dict.fromkeys(request.POST.getlist("subscription"))]


def _get(organization: Organization, pk: object) -> Delegation:
    rows = Delegation.objects.filter(organization=organization)
    rows = rows.select_related("organization", "tenant", "principal")
    return access.get(
        Delegation, pk, needs=Capability.ORGANIZATION, queryset=rows.defer("principal__credential")
    )


def _home(request: HttpRequest, one: DelegatedSubscription) -> Directory:
    directory = one.row.home_directory_id
    missing = f"No customer has the directory {directory}. Register a customer with this directory first."
    return chosen_home(request, one, missing=missing)


def _principals(organization: Organization) -> list[ManagingPrincipal]:
    rows = ManagingPrincipal.objects.filter(organization=organization).defer("credential")
    return list(rows.order_by("created_at", "pk"))


def _principal(row: ManagingPrincipal) -> dict[str, Any]:
    return {
        "row": row,
        "expiry": expiry(row.expires_at),
        "cloud": row.cloud.label or "Custom cloud",
    }
