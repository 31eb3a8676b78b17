"""Show the requirements of a framework version. In the catalogue, each requirement has the controls that check it; for
a tenant, each requirement has its result.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from assessments.frameworks.framework import NAMES, Framework, UnknownFramework, framework
from portal.queries.frameworks.coverage import framework_coverage
from portal.queries.frameworks.export import framework_rows
from portal.queries.frameworks.filters import NumberFilter
from portal.queries.frameworks.results import (
    NumberResult,
    TenantStates,
    count_by_result,
    number_results,
    tenant_states,
)
from portal.queries.portfolio.control_numbers import tenants_failing_by_control
from portal.web.frameworks import page
from portal.web.shared.parameters import parameters_of
from portal.web.shared.spreadsheet_responses import csv_response, xlsx_response
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability


def catalogue_frameworks(request: HttpRequest) -> HttpResponse:
    """Show, for each framework version, how many of its requirements the catalogue covers."""
    rows = [
        {
            "framework": found,
            "title": page.title_of(found),
            "total": len(found.numbers),
            "counts": page.count_by_coverage(framework_coverage(found, {})).values(),
            "url": url,
        }
        for key, _, url in page.choices("framework")
        for found in [framework(key)]
    ]
    return render(request, "frameworks/index.html", {"rows": rows})


def catalogue_framework(request: HttpRequest, key: str) -> HttpResponse:
    """Show every requirement of a framework and the controls that check the requirement."""
    found = _framework(key)
    rows = number_results(found, {}, {})
    readable = access.tenants(needs=Capability.VIEW_ALL).values_list("pk", flat=True)
    failing = tenants_failing_by_control(list(readable))
    chosen = NumberFilter.parse(parameters_of(request.GET))
    context = {
        **_context(request, found, rows, with_results=False),
        "choices": page.choices("framework"),
        # The bar of coverages counts the requirements that match all filters except the filter by coverage.
        "coverages": _count_by_coverage(chosen.apply(rows, without="coverage")),
        "groups": page.groups(chosen.apply(rows), lambda row: page.catalogue_row(row, failing)),
    }
    return render(request, "frameworks/catalogue.html", context)


def catalogue_csv(request: HttpRequest, key: str) -> HttpResponseBase:
    """Download the matching requirements as CSV."""
    found, rows = _catalogue_rows(request, key)
    return csv_response(rows, _file_name(found))


def catalogue_xlsx(request: HttpRequest, key: str) -> HttpResponseBase:
    """Download the matching requirements as a workbook."""
    found, rows = _catalogue_rows(request, key)
    return xlsx_response(rows, _file_name(found), "Numbers")


def frameworks(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a tenant's results of each framework."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    stands = tenant_states(tenant, timezone.now())
    rows = [
        {
            "framework": found,
            "title": page.title_of(found),
            "total": len(found.numbers),
            "counts": list(count_by_result(results).items()),
            "url": url,
        }
        for key, _, url in page.choices("tenant-framework", slug)
        for found in [framework(key)]
        for results in [stands.results(found)]
    ]
    context = {"tenant": tenant, "rows": rows, "is_assessed": bool(stands.states)}
    return render(request, "frameworks/list.html", context)


def tenant_framework(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Show every requirement of a framework with the tenant's result."""
    tenant, found, stands = _tenant_states(slug, key)
    rows = stands.results(found)
    chosen = NumberFilter.parse(parameters_of(request.GET))
    context = {
        **_context(request, found, rows, with_results=True),
        "tenant": tenant,
        "choices": page.choices("tenant-framework", slug),
        # The bar of results counts the requirements that match all filters except the filter by result.
        "counts": list(count_by_result(chosen.apply(rows, without="result")).items()),
        "is_assessed": bool(stands.states),
        "groups": page.groups(chosen.apply(rows), lambda row: page.tenant_row(tenant, row)),
    }
    return render(request, "frameworks/tenant.html", context)


def tenant_csv(request: HttpRequest, slug: str, key: str) -> HttpResponseBase:
    """Download the matching requirements with the tenant's results as CSV."""
    tenant, found, rows = _tenant_rows(request, slug, key)
    return csv_response(rows, _file_name(found, tenant))


def tenant_xlsx(request: HttpRequest, slug: str, key: str) -> HttpResponseBase:
    """Download the matching requirements with the tenant's results as a workbook."""
    tenant, found, rows = _tenant_rows(request, slug, key)
    return xlsx_response(rows, _file_name(found, tenant), "Numbers")


def _framework(key: str) -> Framework:
    try:
        return framework(key)
    except UnknownFramework as error:
        raise Http404(f"There is no framework {key!r}. Use one of: {', '.join(NAMES)}.") from error


def _tenant_states(slug: str, key: str) -> tuple[Tenant, Framework, TenantStates]:
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    return tenant, _framework(key), tenant_states(tenant, timezone.now())


def _catalogue_rows(request: HttpRequest, key: str) -> tuple[Framework, Any]:
    found = _framework(key)
    chosen = NumberFilter.parse(parameters_of(request.GET)).apply(number_results(found, {}, {}))
    return found, framework_rows(found, chosen, with_results=False)


def _tenant_rows(request: HttpRequest, slug: str, key: str) -> tuple[Tenant, Framework, Any]:
    tenant, found, stands = _tenant_states(slug, key)
    chosen = NumberFilter.parse(parameters_of(request.GET)).apply(stands.results(found))
    return tenant, found, framework_rows(found, chosen, with_results=True)


def _context(
    request: HttpRequest, found: Framework, rows: list[NumberResult], *, with_results: bool
) -> dict[str, Any]:
    chosen = NumberFilter.parse(parameters_of(request.GET))
    facets = page.facets(found, rows, chosen, request.GET, with_results=with_results)
    names = [each.name for each in facets]
    return {
        "framework": found,
        "title": page.title_of(found),
        "total": len(rows),
        "matching": len(chosen.apply(rows)),
        "facets": facets,
        "active": chosen.active_count,
        "q": chosen.search,
        "query": request.GET.urlencode(),
        "search_fields": [(name, value) for name in names for value in request.GET.getlist(name)],
    }


def _count_by_coverage(rows: list[NumberResult]) -> list[tuple[str, int]]:
    counted = page.count_by_coverage(row.covered for row in rows)
    return [(key, count) for key, count in counted.items() if count]


def _file_name(found: Framework, tenant: Tenant | None = None) -> str:
    names = [found.key, *([tenant.slug] if tenant else []), f"{timezone.now():%Y-%m-%d}"]
    return "-".join(names)
