"""Findings of a tenant: the list with its facets."""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.controls.registry import SECTIONS, catalogue
from assessments.models import Finding
from portal.web.facets import facet
from portal.web.filters import FindingFilter
from portal.web.findings_counts import Slice
from portal.web.visible import may, unit_names, visible_findings
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
# Gravest first, and of the same severity what fails before what is not known and what passes.
ORDER: Final = ("severity_rank", "outcome_rank", "control", "id")


class _Counted(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """A paginator that is told the count, which the facets know already."""

    def __init__(self, rows: Any, per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self.__dict__["count"] = count


def findings(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    chosen = FindingFilter.from_query(request.GET, tenant, timezone.now())
    visible = visible_findings(tenant)
    part = Slice.of(visible, chosen)
    names = unit_names(tenant)
    page = _Counted(chosen.apply(visible).order_by(*ORDER), PER_PAGE, part.count).get_page(
        request.GET.get("page")
    )
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [_row(tenant, finding, names, part) for finding in page.object_list],
        "facets": _facets(request, part, names),
        "active": chosen.active,
        "total": part.everything,
        "see_all": may(Capability.VIEW_ALL, tenant),
        "q": chosen.q,
        "kept": [
            (name, value)
            for name, values in request.GET.lists()
            if name not in ("q", "page")
            for value in values
        ],
    }
    return render(request, "findings/list.html", context)


def _row(tenant: Tenant, finding: Finding, names: dict[str, str], part: Slice) -> dict[str, Any]:
    control = catalogue().get(finding.control)
    return {
        "url": reverse("finding", args=[tenant.slug, finding.pk]),
        "control": finding.control,
        "title": control.title if control else finding.control,
        "in_group": part.by_group.get((finding.control, finding.outcome), 0),
        "in_control": part.by_control.get(finding.control, 0),
        "severity": finding.severity,
        "outcome": finding.outcome,
        "state": finding.state,
        "reason": finding.reason,
        "subject": names.get(finding.subject.lower(), finding.subject_name),
        "place": " · ".join(
            part for part in (finding.resource_group, names.get(finding.unit, finding.unit)) if part
        ),
        "since": finding.changed_at,
    }


def _facets(request: HttpRequest, part: Slice, names: dict[str, str]) -> list[Any]:
    titles = {slug: control.title for slug, control in catalogue().items()}
    query = request.GET
    return [
        facet("Severity", "severity", part.counts["severity"], query, kind="severity"),
        facet("Verdict", "verdict", part.counts["verdict"], query, kind="verdict"),
        facet("State", "state", part.counts["state"], query, kind="state"),
        facet("Section", "section", part.counts["section"], query, labels=SECTIONS),
        facet("Subscription or directory", "subscription", part.counts["subscription"], query, labels=names),
        facet("Control", "control", part.counts["control"], query, labels=titles, most=8),
    ]
