"""The page of one finding: what was found, what people do about it, and everything that happened to it."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from assessments import selectors
from assessments.models import Finding
from portal.web import finding_page
from portal.web.visible import may, unit_names, visible_findings
from tenants import access
from tenants.roles import Capability

MOST_CHANGES: Final = 200


def finding(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    found = access.get(Finding, pk, needs=Capability.VIEW, queryset=visible_findings(tenant))
    may_read_evidence = may(Capability.EVIDENCE, tenant)
    items = selectors.evidence_of(found) if may_read_evidence else []
    context = {
        "tenant": tenant,
        "finding": found,
        "may_read_evidence": may_read_evidence,
        "evidence": [finding_page.evidence(item) for item in items],
        "entries": [finding_page.entry(change) for change in selectors.changes_of(found)[:MOST_CHANGES]],
        **finding_page.facts(tenant, found, unit_names(tenant)),
    }
    return render(request, "findings/detail.html", context)
