"""Ctrl-K: find tenants, findings by id, controls and pages. A page of its own without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.controls.registry import catalogue
from assessments.models import Finding
from portal.web.frame import navigation
from portal.web.shared.visible import visible_findings
from tenants.ids import parse_uuid
from tenants.models import Tenant

MOST: Final = 8


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
    """``q`` is what was typed, ``kind=tenant`` asks for tenants alone, ``tenant`` is the one in view."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:200]
    only_tenants = request.GET.get("kind") == "tenant"
    groups = [_tenants(q)] if only_tenants else list(_groups(request, q))
    context = {"groups": [group for group in groups if group.hits], "q": q}
    partial = bool(request.headers.get("HX-Request"))
    return render(request, "palette/results.html" if partial else "palette/page.html", context)


def _groups(request: HttpRequest, q: str) -> Iterator[Group]:
    yield _findings(q)
    yield _tenants(q)
    words = q.casefold().split()
    yield Group("Controls", _controls(words) if words else [])
    slug = request.GET.get("tenant", "").replace("\0", "")
    entries = navigation.everywhere(request)
    if slug and (tenant := Tenant.objects.filter(slug=slug).first()):
        entries += [
            *navigation.of_tenant(request, tenant),
            *navigation.settings_of_tenant(request, tenant),
        ]
    pages = [Hit(entry.label, entry.url, entry.icon) for entry in entries if _matches(entry.label, words)]
    yield Group("Pages", pages)


def _matches(text: str, words: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _tenants(q: str) -> Group:
    found = Tenant.objects.filter(name__icontains=q).order_by("name")[:MOST]
    return Group(
        "Tenants", [Hit(t.name, reverse("tenant", args=[t.slug]), tenant_name=t.name) for t in found]
    )


def _findings(q: str) -> Group:
    """A finding by its id, if the person sees it: what a mail, a ticket or a report cites."""
    wanted = parse_uuid(q)
    found = Finding.objects.filter(pk=wanted).select_related("tenant").first() if wanted else None
    if found is None or not visible_findings(found.tenant).filter(pk=found.pk).exists():
        return Group("Findings", [])
    url = reverse("finding", args=[found.tenant.slug, found.pk])
    return Group("Findings", [Hit(found.control, url, "findings", found.tenant.name)])


def _controls(words: list[str]) -> list[Hit]:
    found = [c for c in catalogue().values() if _matches(f"{c.title} {c.slug}", words)][:MOST]
    return [Hit(c.title, reverse("control", args=[c.slug]), "controls", c.slug) for c in found]
