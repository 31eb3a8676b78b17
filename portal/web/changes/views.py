"""Serve the changes of a customer: the list with facets, its export, and one change."""

from __future__ import annotations

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from assessments.models import Resource
from assessments.selectors import search_words
from assessments.timing.watching import watch_setting
from portal.changes.models import ResourceChange
from portal.queries.changes.export import table
from portal.queries.changes.filters import MAX_COUNTED, MAX_TOTAL, ChangeFilter, ChangeSearch
from portal.queries.changes.names import actor_names, labels_of_actors, object_label
from portal.queries.changes.visible import hide_verdicts, visible_changes
from portal.web.changes import rows
from portal.web.changes.facets import facets
from portal.web.changes.review import review_form
from portal.web.shared.parameters import parameters_of
from portal.web.shared.spreadsheet_responses import csv_response
from portal.web.shared.visible import may, person, unit_names
from tenants import access
from tenants.roles import Capability

PER_PAGE: Final = 50


def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """List the changes that match the filters, newest first."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    chosen = ChangeFilter.parse(parameters_of(request.GET))
    search = ChangeSearch(tenant, chosen, timezone.now())
    total = search.total()
    found = search.changes().select_related("approval").defer("approval__content")
    paginator = Paginator(found[:MAX_TOTAL], PER_PAGE)
    paginator.count = total
    page = paginator.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    places, names = unit_names(tenant), actor_names(tenant, shown)
    actors = labels_of_actors(shown, names)
    context = {
        "tenant": tenant,
        "page": page,
        "rows": rows.changes(tenant, shown, places, names),
        "facets": facets(search, request.GET, places, actors),
        "asked": chosen,
        "conditions": chosen.describe(places, actors),
        "resource": Resource.objects.filter(tenant=tenant, pk=chosen.resource).first()
        if chosen.resource
        else None,
        "is_cut": search.is_cut,
        "counted": MAX_COUNTED,
        "is_more": total == MAX_TOTAL,
        "older_open": search.older_open(),
        "ignored_terms": search_words(chosen.search)[1],
        "q": chosen.search,
        "search_fields": [
            (name, value)
            for name, values in request.GET.lists()
            if name not in ("q", "page")
            for value in values
        ],
        "any": bool(shown) or ResourceChange.objects.filter(tenant=tenant).exists(),
        "is_watched": watch_setting(tenant).is_on,
        "may_review": may(Capability.TREAT, tenant),
        "query": request.GET.urlencode(),
    }
    return render(request, "changes/list.html", context)


def as_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the matching changes as CSV."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    search = ChangeSearch(tenant, ChangeFilter.parse(parameters_of(request.GET)), timezone.now())
    return csv_response(table(tenant, search.changes(), unit_names(tenant)), f"changes-{slug}")


def change(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show one change: what changed, who may have done it, and its review."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    sees_all = may(Capability.VIEW_ALL, tenant)
    visible = visible_changes(tenant, person(), sees_all=sees_all)
    found = access.get(
        ResourceChange,
        pk,
        needs=Capability.VIEW,
        queryset=visible.select_related(
            "resource", "owner", "reviewed_by", "plan", "approval__approved_by"
        ).defer("approval__content"),
    )
    hide_verdicts(tenant, [found])
    names, places = actor_names(tenant, [found]), unit_names(tenant)
    may_review = may(Capability.TREAT, tenant) and found.state != ResourceChange.State.NOT_CAUGHT
    context = {
        "tenant": tenant,
        "change": found,
        "name": object_label(found, names),
        "place": places.get(found.unit, found.unit),
        "sees_all": sees_all,
        "differences": rows.shown_differences(found),
        "more": found.difference_count - len(found.differences),
        "approved_differences": rows.approved_differences(found),
        "more_approved": found.approved_difference_count - len(found.approved_differences),
        "candidates": rows.candidates(found, names),
        "verdicts": rows.verdicts(tenant, found),
        "timeline": rows.timeline(found),
        "form": review_form(tenant, [found], None) if may_review else None,
    }
    return render(request, "changes/change.html", context)
