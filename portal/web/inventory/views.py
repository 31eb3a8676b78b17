"""Serve the inventory of a customer: the list, one resource, and the comparison of two of its versions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from assessments.estate.differences import differences
from assessments.models import Resource, ResourceVersion
from assessments.presentation.finding_fixes import directory_of
from assessments.resource_versions import DamagedVersion, read
from assessments.selectors import search_words
from portal.changes.approved import approvals_of
from portal.queries.inventory.actors import attributions, deletion
from portal.queries.inventory.export import table
from portal.queries.inventory.filters import InventoryFilter, InventorySearch, numbers_of_open_findings
from portal.queries.inventory.history import history, version_ids, versions_between, versions_of
from portal.queries.subscriptions import unassessed_places
from portal.web.inventory import rows
from portal.web.inventory.approvals import approval_card
from portal.web.inventory.facets import facets
from portal.web.shared.azure_portal import portal_address
from portal.web.shared.differences import differences as difference_rows
from portal.web.shared.parameters import parameters_of
from portal.web.shared.spreadsheet_responses import csv_response
from portal.web.shared.visible import may, unit_names
from tenants import access
from tenants.ids import parse_uuid
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
VERSIONS_PER_PAGE: Final = 20
MAX_CHOICES: Final = 200


def inventory(request: HttpRequest, slug: str) -> HttpResponse:
    """List the resources that match the filters."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    now = timezone.now()
    chosen = InventoryFilter.parse(parameters_of(request.GET))
    search = InventorySearch(tenant, chosen, now)
    paginator = Paginator(search.resources(), PER_PAGE)
    paginator.count = search.total
    page = paginator.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    places, numbers = unit_names(tenant), numbers_of_open_findings(shown, now)
    context = {
        "tenant": tenant,
        "page": page,
        "rows": rows.resources(tenant, shown, places, numbers, approvals_of(tenant, shown)),
        "facets": facets(search, request.GET, places),
        "asked": chosen,
        "sorts": rows.sorts(request.GET, chosen.order),
        "conditions": chosen.describe(places | search.types | search.groups),
        "unassessed": search.number_in(unassessed_places(tenant)),
        "ignored_terms": search_words(chosen.search)[1],
        "other_filters": [
            (name, value)
            for name, values in request.GET.lists()
            if name not in ("q", "page")
            for value in values
        ],
        "any": bool(shown) or Resource.objects.filter(tenant=tenant).exists(),
        "query": request.GET.urlencode(),
        "may_approve": may(Capability.ADMINISTER, tenant),
    }
    return render(request, "inventory/list.html", context)


def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Download the matching resources from all pages as CSV, streamed."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    now = timezone.now()
    search = InventorySearch(tenant, InventoryFilter.parse(parameters_of(request.GET)), now)
    return csv_response(table(tenant, search.resources(), unit_names(tenant), now), f"inventory-{slug}")


def _with_damage_explained(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a view of a resource. If a damaged version cannot be rebuilt, show an error page that names the version."""

    @wraps(view)
    def explained(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
        try:
            return view(request, slug, pk)
        except DamagedVersion as error:
            tenant, found = _resource(slug, pk)
            context = {"tenant": tenant, "resource": found, "message": error.message}
            return render(request, "inventory/damaged.html", context, status=409)

    return explained


@_with_damage_explained
def resource(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show one resource: its configuration, findings and history."""
    tenant, found = _resource(slug, pk)
    page = Paginator(version_ids(found), VERSIONS_PER_PAGE).get_page(request.GET.get("page"))
    start = (page.number - 1) * VERSIONS_PER_PAGE
    versions = versions_between(found, start, start + VERSIONS_PER_PAGE)
    newest = versions if page.number == 1 else versions_between(found, 0, 1)
    places = unit_names(tenant)
    context = {
        "tenant": tenant,
        "resource": found,
        "place": places.get(found.unit, found.unit),
        "portal_url": portal_address(directory_of(tenant, found.resource_id), found.resource_id),
        "parent": rows.parent(tenant, found),
        "findings": rows.findings(tenant, found, places, timezone.now()),
        "newest": newest.shown[0] if newest.shown else None,
        "approved": approval_card(tenant, found, newest.shown[0] if newest.shown else None),
        "configuration": rows.tree(newest.shown[0].document) if newest.shown else [],
        "tags": rows.tags(tenant, found),
        "page": page,
        "history": rows.history(
            tenant, history(found, versions), attributions(found, versions.shown, versions.older)
        ),
        "deletion": deletion(found) if page.number == 1 else None,
        "versions": page.paginator.count,
    }
    return render(request, "inventory/resource.html", context)


@_with_damage_explained
def compare(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show the differences between the versions `?from=` and `?to=`.

    People can choose from the newest `MAX_CHOICES` versions. By default, the page compares the oldest and the newest of
    these versions.
    """
    tenant, found = _resource(slug, pk)
    choices = list(versions_of(found)[:MAX_CHOICES])
    if not choices:
        raise Http404("The versions of this resource were deleted under the retention policy.")
    before, now = _versions(
        tenant,
        found,
        request.GET.get("from", str(choices[-1].pk)),
        request.GET.get("to", str(choices[0].pk)),
    )
    for row in (before, now):
        if all(row.pk != choice.pk for choice in choices):
            choices.append(row)
    changed = differences(before.document, now.document)
    context = {
        "tenant": tenant,
        "resource": found,
        "choices": choices,
        "before": before,
        "now": now,
        "differences": difference_rows(changed[: rows.MAX_COMPARED]),
        "more": max(0, len(changed) - rows.MAX_COMPARED),
    }
    return render(request, "inventory/compare.html", context)


def _resource(slug: str, pk: str) -> tuple[Tenant, Resource]:
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    return tenant, access.of_tenant(tenant, Resource, pk, needs=Capability.VIEW_ALL)


def _versions(tenant: Tenant, resource: Resource, *wanted: str) -> list[ResourceVersion]:
    rows = ResourceVersion.objects.filter(resource=resource).select_related("assessment")
    ids = [parse_uuid(text) for text in wanted]
    found = read(rows, tenant_id=tenant.pk, ids=[pk for pk in ids if pk is not None])
    if any(pk not in found for pk in ids):
        raise Http404(
            "This version of the resource does not exist. Choose one of the versions in the history of the resource."
        )
    return [found[pk] for pk in ids if pk is not None]
