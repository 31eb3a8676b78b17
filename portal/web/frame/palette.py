"""The palette (Ctrl-K) finds tenants, findings, exceptions, controls and pages. It works without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.treatment.models import FindingException
from portal.treatment.selectors.findings import visible_exceptions
from portal.web.frame import navigation
from portal.web.frame.navigation import Area
from portal.web.frame.organizations import organization_homes
from portal.web.shared.visible import visible_findings
from tenants.ids import parse_uuid
from tenants.models import Tenant

MAX_HITS: Final = 8
MAX_ADDRESS: Final = 2000
# The number as people type it: `7`, `#7`, `exception 7`.
_NUMBER: Final = re.compile(r"(?:exception\s*)?#?(\d{1,9})", re.IGNORECASE)


class Hit(NamedTuple):
    label: str
    url: str
    icon: str = "right"
    note: str = ""
    tenant_name: str = ""


class Group(NamedTuple):
    title: str
    hits: list[Hit]


def palette(request: HttpRequest) -> HttpResponse:
    """Search for ``q``.

    ``kind=tenant`` finds only tenants, each with the page like the one at the address ``at``; ``tenant`` is the slug of
    the tenant that the page shows.
    """
    q = request.GET.get("q", "").replace("\0", "").strip()[:200]
    only_tenants = request.GET.get("kind") == "tenant"
    here = request.GET.get("at", "")[:MAX_ADDRESS]
    groups = [_tenants(q, here)] if only_tenants else list(_groups(request, q))
    context = {"groups": [group for group in groups if group.hits], "q": q}
    partial = bool(request.headers.get("HX-Request"))
    return render(request, "frame/_palette_results.html" if partial else "frame/palette.html", context)


def _groups(request: HttpRequest, q: str) -> Iterator[Group]:
    slug = request.GET.get("tenant", "").replace("\0", "")
    tenant = Tenant.objects.filter(slug=slug).first() if slug else None
    yield _findings(q)
    yield _exceptions(q, tenant)
    yield _tenants(q)
    words = q.casefold().split()
    yield Group("Controls", _controls(words) if words else [])
    links = navigation.links(request, Area.EVERYWHERE)
    if tenant is not None:
        links += navigation.links(request, Area.CUSTOMER, tenant)
        links += navigation.links(request, Area.SETTINGS, tenant)
    links += organization_homes()
    links += navigation.links(request, Area.ACCOUNT)
    pages = [Hit(link.label, link.url, link.icon) for link in links if _matches(link.label, words)]
    yield Group("Pages", pages)


def _matches(text: str, words: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _tenants(q: str, here: str = "") -> Group:
    found = Tenant.objects.filter(name__icontains=q).order_by("name")[:MAX_HITS]
    return Group("Customers", [Hit(t.name, navigation.same_page(here, t), tenant_name=t.name) for t in found])


def _findings(q: str) -> Group:
    """Find a visible finding by its id, as cited in mails, tickets and reports."""
    wanted = parse_uuid(q)
    found = Finding.objects.filter(pk=wanted).select_related("tenant").first() if wanted else None
    if found is None or not visible_findings(found.tenant).filter(pk=found.pk).exists():
        return Group("Findings", [])
    url = reverse("finding", args=[found.tenant.slug, found.pk])
    return Group("Findings", [Hit(found.control, url, "findings", found.tenant.name)])


def _exceptions(q: str, tenant: Tenant | None) -> Group:
    """Find a visible exception by its id, or by its number in the tenant that the page shows."""
    found: FindingException | None = None
    if wanted := parse_uuid(q):
        found = FindingException.objects.filter(pk=wanted).select_related("tenant").first()
        if found is not None and not visible_exceptions(found.tenant).filter(pk=found.pk).exists():
            found = None
    elif tenant is not None and (number := _NUMBER.fullmatch(q)):
        found = visible_exceptions(tenant).filter(number=int(number[1])).select_related("tenant").first()
    if found is None:
        return Group("Exceptions", [])
    url = reverse("exception", args=[found.tenant.slug, found.pk])
    note = f"{found.get_state_display()}, {found.tenant.name}"
    return Group("Exceptions", [Hit(str(found), url, "exceptions", note)])


def _controls(words: list[str]) -> list[Hit]:
    found = [c for c in catalogue().values() if _matches(f"{c.title} {c.slug}", words)][:MAX_HITS]
    return [Hit(c.title, reverse("control", args=[c.slug]), "controls", c.slug) for c in found]
