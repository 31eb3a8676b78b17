"""Serve the journal of a tenant or an organization: entries, one entry, verification of the chain, and exports."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from assessments.selectors import search_words
from portal.audit.selectors import anchoring, latest_anchors, stream_of
from portal.files.spreadsheets import csv_chunks
from portal.queries.journal.filters import JournalFilter, JournalSearch
from portal.web.journal import export
from portal.web.journal.check import Check, HeadForm
from portal.web.journal.details import lines
from portal.web.journal.facets import facets
from portal.web.journal.place import JournalPlace
from portal.web.journal.rows import exact, rows
from portal.web.journal.targets import Target
from portal.web.shared.parameters import parameters_of
from tenants import journal as chain
from tenants.errors import NotFound

PER_PAGE: Final = 50


def journal(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, JournalPlace.of_tenant(slug))


def organization_journal(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, JournalPlace.of_organization(slug))


def entry(request: HttpRequest, slug: str, sequence: int) -> HttpResponse:
    return _entry(request, JournalPlace.of_tenant(slug), sequence)


def organization_entry(request: HttpRequest, slug: str, sequence: int) -> HttpResponse:
    return _entry(request, JournalPlace.of_organization(slug), sequence)


def verify(request: HttpRequest, slug: str) -> HttpResponse:
    return _verify(request, JournalPlace.of_tenant(slug))


def organization_verify(request: HttpRequest, slug: str) -> HttpResponse:
    return _verify(request, JournalPlace.of_organization(slug))


def as_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    return _csv(request, JournalPlace.of_tenant(slug))


def organization_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    return _csv(request, JournalPlace.of_organization(slug))


def as_json_lines(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    return _chain(JournalPlace.of_tenant(slug))


def organization_json_lines(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    return _chain(JournalPlace.of_organization(slug))


def _list(request: HttpRequest, place: JournalPlace) -> HttpResponse:
    everything = place.entries
    asked = JournalFilter.parse(parameters_of(request.GET)).look_up_search(everything)
    counted = JournalSearch(everything, asked)
    # Select the entries of a page by their numbers, which come from an index. Only these entries are read completely.
    paginator = Paginator(counted.entries().values_list("sequence", flat=True), PER_PAGE)
    paginator.count = counted.total
    page = paginator.get_page(request.GET.get("page"))
    shown = everything.filter(sequence__in=list(page.object_list)).order_by("-sequence")
    of = _about(place, asked)
    context = {
        **place.context,
        "page": page,
        "rows": rows(place, list(shown), counted.names),
        "facets": facets(counted, request.GET),
        "asked": asked,
        "ignored_terms": search_words(asked.search)[1],
        "of": of,
        "other_filters": [
            (name, value) for name in ("kind", "by", "of") for value in request.GET.getlist(name)
        ],
        "without_of": _without(request, "of"),
        "count": everything.count() if asked.active_count else counted.total,
        "head": chain.visible_part(place.owner)[1],
        "review": place.review,
        "head_form": HeadForm(auto_id="head-%s"),
        "anchors": [] if place.review else latest_anchors(place.owner),
        "anchoring": anchoring(),
        "stream": stream_of(place.owner) if place.prefix else None,
        "query": request.GET.urlencode(),
    }
    return render(request, "journal/list.html", context)


def _about(place: JournalPlace, asked: JournalFilter) -> Target | None:
    """Return the object that the filter names. Return None if the filter names no object.

    For people with a review period, also return None if no entry of the period is about the object.
    """
    if not asked.about or (
        place.review and not JournalFilter(about=asked.about).apply(place.entries).exists()
    ):
        return None
    return next(iter(place.resolve([asked.about]).values()))


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for key in (name, "page"):
        query.pop(key, None)
    return f"?{query.urlencode()}"


def _entry(request: HttpRequest, place: JournalPlace, sequence: int) -> HttpResponse:
    around = {
        row.sequence: row
        for row in place.entries.filter(sequence__gte=sequence - 1, sequence__lte=sequence + 1)
    }
    found = around.get(sequence)
    if found is None:
        raise NotFound(f"The journal of {place.owner.name} has no entry {sequence}.")
    before = around.get(sequence - 1)
    follows = before.hash if before else chain.GENESIS if sequence == 1 else None
    if follows is None:
        # A person with a review period may be unable to read the previous entry. Read its hash nevertheless, to check
        # that this entry is linked to it.
        follows = (
            chain.all_entries(place.owner)
            .filter(sequence=sequence - 1)
            .values_list("hash", flat=True)
            .first()
        )
    content = chain.canonical_json(chain.hashed_content(chain.chain_of(place.owner), found))
    redacted_by = chain.redaction_of(place.owner, found)
    context = {
        **place.context,
        "entry": found,
        "row": rows(place, [found])[0],
        "lines": lines(found.details),
        "exact": exact(found.at, place.zone),
        "content": content,
        "as_written": hashlib.sha256(content.encode()).hexdigest() == found.hash,
        "redacted_by": redacted_by,
        # The redaction is recorded in a later entry, which a person with a review period may be unable to read.
        "may_read_redaction": redacted_by is not None and place.entries.filter(sequence=redacted_by).exists(),
        "linked": found.previous_hash == follows,
        "previous": sequence - 1 if follows else None,
        "older": sequence - 1 if before else None,
        "newer": sequence + 1 if sequence + 1 in around else None,
    }
    return render(request, "journal/entry.html", context)


def _verify(request: HttpRequest, place: JournalPlace) -> HttpResponse:
    """Verify the next entries of the chain. For htmx, return only the part of the page with the result.

    Query parameters: `step` is the state after the previous entries. `sequence` and `hash` are a head to compare.
    """
    partial = bool(request.headers.get("HX-Request"))
    form = HeadForm(request.GET if _has_head(request) else None, auto_id="head-%s")
    check: Check | None = None
    if not form.is_bound or form.is_valid():
        check = _resume(request, place, form).advance(place.owner)
    context: dict[str, Any] = {
        **place.context,
        "review": place.review,
        "check": check,
        "head_form": form,
        "next": f"{place.verify_url}?step={check.token()}" if check and not check.done else "",
    }
    if check and check.expected:
        # Count all later entries, including those that a person with a review period may not read.
        context["added"] = max(0, chain.head(place.owner).sequence - check.expected.sequence)
    if place.review:
        before, last = chain.visible_part(place.owner)
        context |= {"review_first": before.sequence + 1, "review_last": last.sequence}
    template = "journal/_checked.html" if partial else "journal/verify.html"
    return render(request, template, context, status=200 if check or partial else 400)


def _has_head(request: HttpRequest) -> bool:
    return any(request.GET.get(name, "").strip() for name in ("sequence", "hash"))


def _resume(request: HttpRequest, place: JournalPlace, form: HeadForm) -> Check:
    check = Check.from_token(request.GET.get("step", ""), place.owner)
    return check or Check.start(place.owner, form.head() if form.is_bound else None)


def _csv(request: HttpRequest, place: JournalPlace) -> StreamingHttpResponse:
    """Export the filtered entries, newest first."""
    everything = place.entries
    counted = JournalSearch(
        everything, JournalFilter.parse(parameters_of(request.GET)).look_up_search(everything)
    )
    # The rows are read while the file is sent. Leave out entries that are written only after this request has begun,
    # such as the entry about this download.
    rows = counted.entries().filter(sequence__lte=chain.visible_part(place.owner)[1].sequence)
    lines = csv_chunks(export.table(rows, counted.names))
    return _file(lines, "text/csv; charset=utf-8", f"{_file_name(place)}.csv")


def _chain(place: JournalPlace) -> StreamingHttpResponse:
    """Export the chain for verification elsewhere. For people with a review period, export only the entries of the
    period.
    """
    lines = export.json_lines(place.owner, chain.visible_part(place.owner)[1].sequence)
    return _file(lines, "application/jsonl; charset=utf-8", f"{_file_name(place)}.jsonl")


def _file_name(place: JournalPlace) -> str:
    return f"journal-{place.prefix}{place.owner.slug}-{timezone.now():%Y-%m-%d}"


def _file(content: Any, content_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
