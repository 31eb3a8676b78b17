"""Serve the page “How long checks failed”. It shows, for each control, how long its checks failed in a period. A CSV
file has the same data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.controls.registry import SECTIONS
from portal.files.spreadsheets import csv_chunks
from portal.queries.audit_room import Period
from portal.queries.tenant_overview import exposure as queries
from portal.queries.tenant_overview.exposure_filter import ENDS, ExposureFilter
from portal.treatment.states import ShownState
from portal.web.components.facets import Facet, facet
from portal.web.shared.parameters import parameters_of
from tenants import access
from tenants.roles import Capability

PER_PAGE: Final = 25


def exposure(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the failing verdicts of the period from `?from=` to `?to=`, and the scores before and after the period.

    The most severe controls come first. The totals include only controls that match the filters.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    now = timezone.now()
    parameters = parameters_of(request.GET)
    period, chosen = Period.parse(parameters, now, None), ExposureFilter.parse(parameters)
    everything = queries.exposure(tenant, period, now)
    rows = chosen.apply(everything)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    before, after = queries.standings(tenant, period)
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    kept = _without_page(request.GET)
    # The rows are in order of severity. So the first row that fails at the end of the period is the worst row.
    worst = next((row for row in rows if row.at_end), None)
    findings = reverse("findings", args=[slug])
    context = {
        "tenant": tenant,
        "period": period,
        "page": page,
        "rows": [(row, f"{findings}?control={row.control}") for row in page],
        "any": bool(everything),
        "problems": len(everything),
        "worst": worst,
        "worst_url": f"{findings}?control={worst.control}" if worst else "",
        "totals": queries.totals(rows),
        "known": queries.known(everything, before, after),
        "facets": _facets(everything, chosen, request.GET),
        "active": chosen.active_count,
        "clear_url": f"?{urlencode(days)}",
        "q": chosen.search,
        "search_fields": [(name, value) for name, value in kept if name != "q"],
        "period_fields": [(name, value) for name, value in kept if name not in days],
        "query": urlencode([*days.items(), *((name, value) for name, value in kept if name not in days)]),
        "before": before,
        "after": after,
        "standings": _side_by_side(before, after),
    }
    return render(request, "tenant_overview/exposure.html", context)


def exposure_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Download the table of the period as CSV, limited to the controls that match the filters."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    now = timezone.now()
    parameters = parameters_of(request.GET)
    period = Period.parse(parameters, now, None)
    everything = queries.exposure(tenant, period, now)
    rows = ExposureFilter.parse(parameters).apply(everything)
    known = queries.known(everything, *queries.standings(tenant, period))
    content = b"".join(csv_chunks(queries.table(rows, known)))
    name = f"exposure-{slug}-{period.first}-{period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _without_page(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() if name != "page" for value in values]


def _facets(rows: Sequence[queries.ControlExposure], chosen: ExposureFilter, query: QueryDict) -> list[Facet]:
    counts = chosen.count(rows)
    return [
        facet("Severity", "severity", counts["severity"], query, kind="severity"),
        facet("Section", "section", counts["section"], query, labels=SECTIONS, order=SECTIONS),
        facet("At the end", "end", counts["end"], query, labels=ENDS, order=ENDS),
    ]


def _side_by_side(before: queries.Standing, after: queries.Standing) -> list[tuple[str, object, object]]:
    """Return (label, value before the period, value at the end of the period) for each figure."""
    labels = ("Adjusted score", "Raw score", *(before.numbers or after.numbers or ()), "Overdue")
    first, last = _figures(before), _figures(after)
    return [(label, first.get(label, "not recorded"), last.get(label, "not recorded")) for label in labels]


def _figures(standing: queries.Standing) -> dict[str, object]:
    """Return {label: figure}. Return an empty mapping if no figures of `standing.day` were recorded.

    If no check had a result, only the number of unknown checks is known. All other figures are “not known”, because 0
    would look like a pass.
    """
    if standing.numbers is None:
        return {}
    figures = {
        "Adjusted score": _rounded(standing.adjusted),
        "Raw score": _rounded(standing.score),
        **standing.numbers,
        "Overdue": standing.overdue,
    }
    if standing.is_known:
        return figures
    return dict.fromkeys(figures, "not known") | {str(ShownState.UNKNOWN.label): standing.unknown}


def _rounded(score: float | None) -> object:
    return "not known" if score is None else round(score, 1)
