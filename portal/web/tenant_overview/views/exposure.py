"""How long checks failed in a period, by control: the page and its table."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.queries import exposure as queries
from portal.queries.audit_room import Period
from portal.spreadsheets import csv_chunks
from portal.web.shared.parameters import parameters_of
from tenants import access
from tenants.roles import Capability


def exposure(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the failing verdicts of the period from `?from=` to `?to=`, and the scores before and after it."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    now = timezone.now()
    period = Period.parse(parameters_of(request.GET), now, None)
    rows = queries.exposure(tenant, period, now)
    before, after = queries.standings(tenant, period)
    context = {
        "tenant": tenant,
        "period": period,
        "rows": [(row, f"{reverse('findings', args=[slug])}?control={row.control}") for row in rows],
        "totals": queries.totals(rows),
        "before": before,
        "after": after,
        "standings": _side_by_side(before, after),
    }
    return render(request, "tenant_overview/exposure.html", context)


def exposure_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Download the table of the period as CSV."""
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    now = timezone.now()
    period = Period.parse(parameters_of(request.GET), now, None)
    content = b"".join(csv_chunks(queries.table(queries.exposure(tenant, period, now))))
    name = f"exposure-{slug}-{period.first}-{period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def _side_by_side(before: queries.Standing, after: queries.Standing) -> list[tuple[str, object, object]]:
    rows: list[tuple[str, object, object]] = [
        ("Adjusted score", _rounded(before.adjusted), _rounded(after.adjusted)),
        ("Raw score", _rounded(before.score), _rounded(after.score)),
    ]
    labels = list((before.numbers or after.numbers or {}).keys())
    rows += [(label, (before.numbers or {}).get(label), (after.numbers or {}).get(label)) for label in labels]
    return [*rows, ("Overdue", before.overdue, after.overdue)]


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 1)
