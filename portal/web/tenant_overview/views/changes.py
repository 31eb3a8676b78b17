"""Serve the page with the changes that one assessment found."""

from __future__ import annotations

import re
from typing import Final

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments import selectors
from assessments.models import Assessment
from assessments.presentation.extent import Extent, extent_label
from portal.web.shared.visible import unit_names
from portal.web.tenant_overview import changes as found_changes
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
MAX_CHOICES: Final = 100


def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the changes of one assessment.

    `?assessment=` is the number of the assessment. If the number is missing, show the newest assessment that has ended.
    With `?kind=`, show only one kind of change.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW)
    ended = selectors.assessments(tenant).filter(ended_at__isnull=False).defer("parameters")
    choices = list(ended[:MAX_CHOICES])
    chosen = _chosen(request, ended, choices)
    marked = [(row, extent_label(row)) for row in choices]
    context: dict[str, object] = {"tenant": tenant, "choices": marked, "chosen": chosen}
    if chosen:
        context |= _of(request, tenant, chosen)
    return render(request, "tenant_overview/changes.html", context)


def _chosen(
    request: HttpRequest, ended: QuerySet[Assessment], choices: list[Assessment]
) -> Assessment | None:
    asked = request.GET.get("assessment", "")
    if not asked:
        return choices[0] if choices else None
    for row in choices:
        if str(row.number) == asked:
            return row
    if re.fullmatch(r"[1-9][0-9]{0,8}", asked) and (older := ended.filter(number=int(asked)).first()):
        choices.append(older)
        return older
    raise Http404("No finished assessment has this number.")


def _of(request: HttpRequest, tenant: Tenant, chosen: Assessment) -> dict[str, object]:
    rows = found_changes.changes_of(chosen, tenant)
    counts = found_changes.counts(rows)
    kind = request.GET.get("kind", "")
    if kind in found_changes.KINDS:
        rows = found_changes.of_kinds(rows, (kind,))
    else:
        kind = ""
    here = f"{reverse('changes', args=[tenant.slug])}?assessment={chosen.number}"
    # Use the paginator only for page numbers. The number of rows is already known, and `change_rows` reads the rows.
    paginator = Paginator(rows.none(), PER_PAGE)
    paginator.count = counts.get(kind, 0) if kind else sum(counts.values())
    page = paginator.get_page(request.GET.get("page"))
    start = (page.number - 1) * PER_PAGE
    return {
        "kind": kind,
        "is_first": found_changes.is_first(chosen, counts),
        "extent": found_changes.extent(chosen),
        "nothing_read": not Extent.of(chosen).read,
        "tabs": [("All", sum(counts.values()), here, not kind)]
        + [
            (found_changes.KINDS[key].label, count, f"{here}&kind={key}", kind == key)
            for key, count in counts.items()
        ],
        "page": page,
        "rows": found_changes.change_rows(rows, tenant, unit_names(tenant), start, start + PER_PAGE),
    }
