"""Serve the page of all customers' resources. It shows the types of resources with their customers, and the resources
that a search finds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.models import Resource
from assessments.presentation.finding_names import place_names_of_tenants
from assessments.selectors import search_words
from portal.queries.inventory.all_customers import (
    MAX_FOUND,
    MAX_SEARCHED,
    AllResources,
    AllResourcesFilter,
    TypeNumbers,
)
from portal.queries.inventory.filters import numbers_of_open_findings
from portal.treatment.states import ShownState
from portal.web.components.facets import Facet, facet
from portal.web.components.vocabulary import SEVERITIES
from portal.web.shared.parameters import parameters_of
from portal.web.shared.resource_types import type_label
from tenants import access
from tenants.roles import Capability

# The maximum number of types that a URL can expand. Further types of the URL are shown collapsed.
MAX_OPEN: Final = 5
# Below an expanded type, the page lists at most this many customers, unless the URL asks for all.
_MAX_CUSTOMERS: Final = 25
# Links to the inventory of a customer pass on these filters, because the inventory has them too.
_PASSED_ON: Final = ("location",)


def resources_of_all(request: HttpRequest) -> HttpResponse:
    """Show the resources of all customers, filtered by the parameters of the URL."""
    tenants = list(access.tenants(needs=Capability.VIEW_ALL))
    chosen = AllResourcesFilter.parse(parameters_of(request.GET))
    found = AllResources(tenants, chosen)
    opened = list(dict.fromkeys(request.GET.getlist("open")))[:MAX_OPEN]
    context: dict[str, Any] = {
        "facets": _facets(request.GET, found),
        "active": chosen.active_count,
        "q": chosen.search,
        "search_fields": [
            (name, value) for name, values in request.GET.lists() if name != "q" for value in values
        ],
        "total": found.total,
        "unassessed": found.unassessed,
        "customers": sum(1 for pk in found.by_customer if pk in found.matching),
        "customer_total": len(tenants),
        "ignored_terms": search_words(chosen.search)[1],
    }
    if chosen.search:
        context |= _results(found, timezone.now())
    else:
        context["groups"] = [_group(row, request.GET, opened, found) for row in found.chosen_types]
    return render(request, "all_resources/all_resources.html", context)


def _results(found: AllResources, now: datetime) -> dict[str, Any]:
    """Return the part of the context for a search: the resources that the search found.

    If there are too many resources to search, return the number of resources instead.
    """
    resources = found.find()
    if resources is None:
        return {"is_search": True, "too_many": found.total, "most": MAX_SEARCHED}
    shown = resources[:MAX_FOUND]
    return {
        "is_search": True,
        "rows": _rows(found, shown, now),
        "is_cut": len(resources) > MAX_FOUND,
    }


def _rows(found: AllResources, shown: Sequence[Resource], now: datetime) -> list[dict[str, Any]]:
    numbers = numbers_of_open_findings(shown, now) if shown else {}
    places = place_names_of_tenants({row.tenant_id for row in shown}, {row.unit for row in shown})
    rows = []
    for row in shown:
        tenant = found.matching[row.tenant_id]
        own = numbers.get((row.tenant_id, row.ref), Counter())
        rows.append(
            {
                "url": reverse("resource", args=[tenant.slug, row.pk]),
                "resource": row,
                "tenant": tenant,
                "place": places.get(row.unit, row.unit),
                "open": [(severity, own[severity]) for severity in SEVERITIES if own[severity]],
                "unknown": own[ShownState.UNKNOWN],
            }
        )
    return rows


def _group(row: TypeNumbers, query: QueryDict, opened: list[str], found: AllResources) -> dict[str, Any]:
    is_open = row.type in opened
    changed = query.copy()
    others = [one for one in opened if one != row.type]
    changed.setlist("open", others if is_open else [*others, row.type])
    group: dict[str, Any] = {
        "type": row.type,
        "label": type_label(row.spelling),
        "number": row.resources,
        "customers": row.customers,
        "is_open": is_open,
        "anchor": row.type.replace("/", "-"),
        "url": f"?{changed.urlencode()}#{row.type.replace('/', '-')}",
    }
    if is_open:
        customers = found.customers_of(row.type)
        if query.get("all") != row.type and len(customers) > _MAX_CUSTOMERS:
            everything = query.copy()
            everything["all"] = row.type
            group["all_url"] = f"?{everything.urlencode()}#{group['anchor']}"
            group["more"] = len(customers) - _MAX_CUSTOMERS
            del customers[_MAX_CUSTOMERS:]
        passed = [(name, value) for name in _PASSED_ON for value in found.chosen.values.get(name, ())]
        address = urlencode([("type", row.type), *passed])
        group["rows"] = [
            (tenant, number, f"{reverse('inventory', args=[tenant.slug])}?{address}")
            for tenant, number in customers
        ]
    return group


def _facets(query: QueryDict, found: AllResources) -> list[Facet]:
    counts = found.facet_counts()
    names = {tenant.slug: tenant.name for tenant in found.tenants.values()}
    types = {key: type_label(key) for key in query.getlist("type")}
    types |= {row.type: type_label(row.spelling) for row in found.types}
    facets = [
        facet("Type", "type", counts["type"], query, labels=types, most=20),
        facet("Customer", "customer", counts["customer"], query, labels=names, most=20),
        facet("Label", "label", counts["label"], query),
        facet("Region", "location", counts["location"], query, most=20),
    ]
    return [one for one in facets if one.options]
