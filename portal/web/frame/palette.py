"""The palette (Ctrl-K) finds actions, findings, exceptions, people, customers, controls and pages.

The palette works without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.controls.registry import known_controls
from assessments.display.names import Names
from assessments.display.subjects import subject_text
from assessments.equivalents.equivalents import searchable
from assessments.models import Finding
from assessments.presentation.finding_names import Mentions, names_by_tenant
from assessments.selectors import search_words
from portal.queries.frame.search import (
    MIN_CHARACTERS,
    find_exceptions,
    find_findings,
    find_people,
    searched_customers,
)
from portal.treatment.models import FindingException
from portal.treatment.naming import finding_title
from portal.treatment.selectors.findings import visible_exceptions
from portal.web.frame import navigation_links
from portal.web.frame.navigation import Area
from portal.web.frame.organizations import organization_homes
from portal.web.frame.palette_actions import find_actions
from portal.web.shared.findings_url import findings_url
from portal.web.shared.visible import visible_findings
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant

MAX_HITS: Final = 6
MAX_ADDRESS: Final = 2000
# Until the person types a word, the palette offers this number of actions of the customer that the current page shows.
MAX_OFFERED: Final = 3
MAX_REASON: Final = 60
TOO_MANY: Final = "To search the findings and exceptions of a customer, add the name of the customer."
_VERDICT_ICONS: Final = {"fail": "fail", "pass": "pass", "unknown": "unknown"}
# An exception's number as people type it: `7`, `#7`, `exception 7`.
_NUMBER: Final = re.compile(r"(?:exception\s*)?#?(\d{1,9})", re.IGNORECASE)


class Hit(NamedTuple):
    """A result. If `is_post` is True, choosing the result submits a form at once instead of opening a page."""

    label: str
    url: str
    icon: str = "right"
    note: str = ""
    tenant_name: str = ""
    is_post: bool = False


class Group(NamedTuple):
    title: str
    hits: list[Hit]
    note: str = ""


def palette(request: HttpRequest) -> HttpResponse:
    """Search for ``q``.

    With ``kind=tenant``, find only tenants. Each result then opens that tenant's version of the page at the URL ``at``.
    ``tenant`` is the slug of the tenant that the current page shows.
    """
    q = request.GET.get("q", "").replace("\0", "").strip()[:200]
    words, ignored = search_words(q.casefold())
    only_tenants = request.GET.get("kind") == "tenant"
    here = request.GET.get("at", "")[:MAX_ADDRESS]
    groups = [_tenants(q, here)] if only_tenants else list(_groups(request, q, words))
    context = {
        "groups": [group for group in groups if group.hits or group.note],
        "q": q,
        "ignored_terms": 0 if only_tenants else ignored,
    }
    partial = bool(request.headers.get("HX-Request"))
    return render(request, "frame/_palette_results.html" if partial else "frame/palette.html", context)


def _groups(request: HttpRequest, q: str, words: list[str]) -> Iterator[Group]:
    slug = request.GET.get("tenant", "").replace("\0", "")
    tenant = Tenant.objects.filter(slug=slug).first() if slug else None
    customers, left = searched_customers(words, tenant) if words else ([], [])
    yield _actions(words, tenant, customers)
    yield _findings(q, customers, left)
    yield _exceptions(q, tenant, customers, left)
    yield _people(words, tenant)
    yield _tenants(q)
    yield Group("Controls", _controls(words) if words else [])
    note = TOO_MANY if words and not customers and len(q) >= MIN_CHARACTERS else ""
    yield Group("Pages", list(_pages(request, words, tenant)), note)


def _pages(request: HttpRequest, words: list[str], tenant: Tenant | None) -> Iterator[Hit]:
    """Find pages by their label.

    Pages of different areas can have the same label. So a page of a customer has the customer's name as a note, and a
    page of the person's account has the note “Your account”.
    """
    places = [("", navigation_links.links(request, Area.EVERYWHERE))]
    if tenant is not None:
        places += [
            (tenant.name, navigation_links.links(request, area, tenant))
            for area in (Area.CUSTOMER, Area.SETTINGS)
        ]
    places += [
        ("", organization_homes(request)),
        ("Your account", navigation_links.links(request, Area.ACCOUNT)),
    ]
    for note, links in places:
        for link in links:
            if _matches(link.label, words):
                yield Hit(link.label, link.url, link.icon, note)


def _actions(words: list[str], tenant: Tenant | None, customers: list[Tenant]) -> Group:
    """Find actions in the current customer, then in the customers that the words name."""
    places = [tenant] if tenant is not None else customers
    if tenant is not None and words:
        named = Q(pk__in=())
        for word in words:
            named |= Q(name__icontains=word)
        places += list(Tenant.objects.filter(named).exclude(pk=tenant.pk).order_by("name")[:MAX_HITS])
    found = find_actions(words, places, MAX_HITS if words else MAX_OFFERED)
    return Group(
        "Actions",
        [Hit(one.label, one.url, one.icon, one.customer, is_post=one.is_post) for one in found],
    )


def _matches(text: str, words: list[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def _tenants(q: str, here: str = "") -> Group:
    found = Tenant.objects.filter(name__icontains=q).order_by("name")[:MAX_HITS]
    return Group("Customers", [_tenant(t, here) for t in found])


def _tenant(tenant: Tenant, here: str) -> Hit:
    note = "Archived" if tenant.is_archived else ""
    return Hit(tenant.name, navigation_links.same_page(here, tenant), note=note, tenant_name=tenant.name)


def _findings(q: str, customers: list[Tenant], words: list[str]) -> Group:
    """Find visible findings by id or by words.

    Mails, tickets and reports cite findings by this id. The words are searched in the resource, the control and the
    reason.
    """
    if wanted := parse_uuid(q):
        found = Finding.objects.filter(pk=wanted).select_related("tenant").first()
        is_visible = found is not None and visible_findings(found.tenant).filter(pk=found.pk).exists()
        rows = [found] if found is not None and is_visible else []
    else:
        rows = find_findings(customers, words, MAX_HITS)
    # A result names only the finding's subject and its subscription or directory. So no other names are looked up.
    subjects: dict[UUID, list[Mentions]] = {}
    for row in rows:
        subjects.setdefault(row.tenant_id, []).extend((Mentions(row.subject), Mentions(row.unit)))
    names = names_by_tenant(subjects)
    return Group("Findings", [_finding(row, names[row.tenant_id]) for row in rows])


def _finding(row: Finding, names: Names) -> Hit:
    url = reverse("finding", args=[row.tenant.slug, row.pk])
    name = subject_text(row.subject, row.subject_name, names) or row.subject
    label = f"{name}: {finding_title(row.control, row.outcome)}"
    # Resources in several subscriptions can have the same name, so the subscription comes first.
    unit = names.place(row.unit)
    places = [unit, row.tenant.name] if unit and unit != str(name) else [row.tenant.name]
    note = ", ".join([*places, row.control])
    return Hit(label, url, _VERDICT_ICONS.get(row.outcome, "findings"), note)


def _exceptions(q: str, tenant: Tenant | None, customers: list[Tenant], words: list[str]) -> Group:
    """Find visible exceptions by id, by their number in the current tenant, or by words in their reason and
    resource.
    """
    rows: list[FindingException] = []
    if wanted := parse_uuid(q):
        found = FindingException.objects.filter(pk=wanted).select_related("tenant").first()
        if found is not None and visible_exceptions(found.tenant).filter(pk=found.pk).exists():
            rows = [found]
    elif number := _NUMBER.fullmatch(q):
        if tenant is not None:
            rows = list(visible_exceptions(tenant).filter(number=int(number[1])).select_related("tenant"))
    else:
        rows = list(find_exceptions(customers, words, MAX_HITS))
    return Group("Exceptions", [_exception(row) for row in rows])


def _exception(row: FindingException) -> Hit:
    url = reverse("exception", args=[row.tenant.slug, row.pk])
    reason = row.reason if len(row.reason) <= MAX_REASON else f"{row.reason[:MAX_REASON].rstrip()}…"
    return Hit(f"{row}: {reason}", url, "exceptions", f"{row.get_state_display()}, {row.tenant.name}")


def _people(words: list[str], tenant: Tenant | None) -> Group:
    """Find members by name or email address. A result opens the findings that the member owns."""
    return Group(
        "People",
        [
            Hit(found.get_full_name(), _work_of(found, tenant), "person", found.email)
            for found in find_people(words, MAX_HITS, tenant)
        ],
    )


def _work_of(found: Person, tenant: Tenant | None) -> str:
    if tenant is None:
        return f"{reverse('workload')}?person={found.pk}"
    return findings_url(tenant, owner=found.pk, state="open")


def _controls(words: list[str]) -> list[Hit]:
    everything = known_controls().values()
    texts = ((c, f"{c.title} {c.problem} {c.slug} {searchable(c.slug)}") for c in everything)
    found = [c for c, text in texts if _matches(text, words)][:MAX_HITS]
    return [Hit(c.title, reverse("control", args=[c.slug]), "controls", c.slug) for c in found]
