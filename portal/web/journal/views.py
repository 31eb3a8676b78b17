"""The journal of a tenant: entries, one entry, verification of the chain, and exports."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.selectors import search_words
from portal.queries.journal.filters import JournalFilter, JournalSearch
from portal.spreadsheets import csv_chunks
from portal.web.journal import export
from portal.web.journal.check import Check, HeadForm
from portal.web.journal.details import lines
from portal.web.journal.facets import facets
from portal.web.journal.rows import exact, rows
from portal.web.journal.targets import resolve
from portal.web.shared.parameters import parameters_of
from tenants import access
from tenants import journal as chain
from tenants.errors import NotFound
from tenants.models import JournalEntry, Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50


def journal(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.JOURNAL)
    everything = JournalEntry.objects.filter(tenant=tenant)
    asked = JournalFilter.parse(parameters_of(request.GET)).look_up_search(everything)
    counted = JournalSearch(everything, asked)
    # Page over the numbers, which an index provides; only the entries of the page are read in full.
    paginator = Paginator(counted.entries().values_list("sequence", flat=True), PER_PAGE)
    paginator.count = counted.total
    page = paginator.get_page(request.GET.get("page"))
    shown = everything.filter(sequence__in=list(page.object_list)).order_by("-sequence")
    of = next(iter(resolve(tenant, [asked.about]).values())) if asked.about else None
    context = {
        "tenant": tenant,
        "page": page,
        "rows": rows(tenant, list(shown), counted.names),
        "facets": facets(counted, request.GET),
        "asked": asked,
        "ignored_terms": search_words(asked.search)[1],
        "of": of,
        "other_filters": [
            (name, value) for name in ("kind", "by", "of") for value in request.GET.getlist(name)
        ],
        "without_of": _without(request, "of"),
        "count": everything.count() if asked.active_count else counted.total,
        "head": chain.head(tenant),
        "head_form": HeadForm(auto_id="head-%s"),
        "query": request.GET.urlencode(),
    }
    return render(request, "journal/list.html", context)


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for key in (name, "page"):
        query.pop(key, None)
    return f"?{query.urlencode()}"


def entry(request: HttpRequest, slug: str, sequence: int) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.JOURNAL)
    around = {
        row.sequence: row
        for row in JournalEntry.objects.filter(
            tenant=tenant, sequence__gte=sequence - 1, sequence__lte=sequence + 1
        )
    }
    found = around.get(sequence)
    if found is None:
        raise NotFound(f"The journal of {tenant.name} has no entry {sequence}.")
    before = around.get(sequence - 1)
    follows = before.hash if before else chain.GENESIS if sequence == 1 else ""
    content = chain.canonical_json(chain.hashed_content(chain.chain_of(tenant), found))
    context = {
        "tenant": tenant,
        "entry": found,
        "row": rows(tenant, [found])[0],
        "lines": lines(found.details),
        "exact": exact(found.at, ZoneInfo(tenant.timezone)),
        "content": content,
        "as_written": hashlib.sha256(content.encode()).hexdigest() == found.hash,
        "linked": found.previous_hash == follows,
        "older": sequence - 1 if before else None,
        "newer": sequence + 1 if sequence + 1 in around else None,
    }
    return render(request, "journal/entry.html", context)


def verify(request: HttpRequest, slug: str) -> HttpResponse:
    """Verify the chain, and compare it with the head of `sequence` and `hash` if given.

    For htmx in steps, with `step` as the state after the previous one; otherwise all at once, as a page.
    """
    tenant = access.tenant(slug, needs=Capability.JOURNAL)
    partial = bool(request.headers.get("HX-Request"))
    form = HeadForm(request.GET if _has_head(request) else None, auto_id="head-%s")
    check: Check | None = None
    if not form.is_bound or form.is_valid():
        check = _resume(request, tenant, form).advance(tenant, *([] if partial else [None]))
    context: dict[str, Any] = {
        "tenant": tenant,
        "check": check,
        "head_form": form,
        "next": _next_step(tenant, check) if check and not check.done else "",
    }
    template = "journal/_checked.html" if partial else "journal/verify.html"
    return render(request, template, context, status=200 if check or partial else 400)


def _has_head(request: HttpRequest) -> bool:
    return any(request.GET.get(name, "").strip() for name in ("sequence", "hash"))


def _resume(request: HttpRequest, tenant: Tenant, form: HeadForm) -> Check:
    check = Check.from_token(request.GET.get("step", ""), tenant)
    return check or Check.start(tenant, form.head() if form.is_bound else None)


def _next_step(tenant: Tenant, check: Check) -> str:
    return f"{reverse('journal-verify', args=[tenant.slug])}?step={check.token()}"


def as_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Export the filtered entries, newest first."""
    tenant = access.tenant(slug, needs=Capability.JOURNAL)
    everything = JournalEntry.objects.filter(tenant=tenant)
    counted = JournalSearch(
        everything, JournalFilter.parse(parameters_of(request.GET)).look_up_search(everything)
    )
    lines = csv_chunks(export.table(counted.entries(), counted.names))
    return _file(lines, "text/csv; charset=utf-8", f"journal-{tenant.slug}-{timezone.now():%Y-%m-%d}.csv")


def as_json_lines(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Export the full chain, for verification elsewhere."""
    tenant = access.tenant(slug, needs=Capability.JOURNAL)
    name = f"journal-{tenant.slug}-{timezone.now():%Y-%m-%d}.jsonl"
    return _file(export.json_lines(tenant), "application/jsonl; charset=utf-8", name)


def _file(content: Any, content_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
