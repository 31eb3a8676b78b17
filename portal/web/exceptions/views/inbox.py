"""Serve the approver's inbox: the exceptions that wait for a decision, from all customers, and the page on which one
request is decided.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.queries.exceptions import inbox as queries
from portal.treatment.actions.exceptions import approve, refuse
from portal.treatment.models import FindingException
from portal.treatment.selectors import exceptions as selectors
from portal.web.components.facets import facet
from portal.web.exceptions import inbox as inbox_page
from portal.web.exceptions import page as exception_page
from portal.web.exceptions.forms import REFUSAL_LABEL, ApproveForm, NoteForm
from portal.web.exceptions.rows import summarize, with_people
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import person, visible_exceptions
from tenants import access
from tenants.errors import NotFound, Refusal
from tenants.roles import Capability

PER_PAGE: Final = 50
MAX_ITEMS: Final = 10


def inbox(request: HttpRequest) -> HttpResponse:
    """List the exceptions that wait for the person's decision.

    With `?show=ending`, list instead the exceptions that end soon. With `?show=decided`, list the decided exceptions.
    """
    return _page(request, None)


def inbox_request(request: HttpRequest, pk: str) -> HttpResponse:
    """Show one exception beside the list."""
    return _page(request, _get(pk))


@require_POST
def inbox_approve(request: HttpRequest, pk: str) -> HttpResponse:
    """Approve a pending exception, then return to the inbox."""
    found = _get(pk)
    done = f"{found} of {found.tenant.name} approved."
    return _decide(request, found, ApproveForm(found, request.POST), approve, done)


@require_POST
def inbox_refuse(request: HttpRequest, pk: str) -> HttpResponse:
    """Refuse a pending exception, then return to the inbox."""
    found = _get(pk)
    form = NoteForm(request.POST, prefix="", label=REFUSAL_LABEL)
    done = f"{found} of {found.tenant.name} refused. The requester is notified."
    return _decide(request, found, form, refuse, done)


def _decide(
    request: HttpRequest,
    found: FindingException,
    form: forms.Form,
    action: Callable[..., object],
    done: str,
) -> HttpResponse:
    if form.is_valid():
        try:
            action(exception=found, by=person(), **form.cleaned_data)
        except Refusal as error:
            if isinstance(form, ApproveForm) and error.code == "changed_meanwhile":
                return _page(request, _get(str(found.pk)), form.renewed(found, error.message))
            fields = [name for name in error.fields if name in form.fields]
            for name in fields:
                form.add_error(name, error.fields[name])
            if not fields:
                # The exception's state or the person's rights have changed, so show the page as it is now.
                messages.error(request, error.message)
                return redirect(reverse("inbox-request", args=[found.pk]) + _query(request))
        else:
            messages.success(request, done)
            return redirect(reverse("inbox") + _query(request))
    return _page(request, _get(str(found.pk)), form)


def _query(request: HttpRequest) -> str:
    """Return the query string of the URL. Links and redirects append it, to lead to the same filtered list."""
    return f"?{request.GET.urlencode()}" if request.GET else ""


def _get(pk: str) -> FindingException:
    """Return an exception of a tenant in which the person may decide exceptions. The inbox shows only exceptions of
    such tenants.
    """
    rows = queries.with_rank(FindingException.objects.filter(tenant__in=queries.approving_tenants()))
    people = ("tenant__organization", "requested_by", "decided_by", "ended_by")
    found: FindingException = access.get(
        FindingException, pk, needs=Capability.APPROVE, queryset=rows.select_related(*people)
    )
    if not visible_exceptions(found.tenant).filter(pk=found.pk).exists():
        raise NotFound("This exception does not exist, or you have no access to it.")
    return found


def _page(
    request: HttpRequest, found: FindingException | None, invalid: forms.Form | None = None
) -> HttpResponse:
    who, now = person(), timezone.now()
    shown = request.GET.get("show", "")
    shown = shown if shown in inbox_page.SHOWN else ""
    chosen = queries.InboxFilter.parse(parameters_of(request.GET))
    waiting, ending = queries.with_rank(queries.waiting_requests(who)), queries.ending_soon(now)
    every = waiting
    if shown:
        every = queries.with_rank(ending if shown == "ending" else queries.decided())
    matching = chosen.apply(every)
    if not shown:
        matching = queries.most_urgent_first(matching)
    else:
        matching = matching.order_by("ends_at" if shown == "ending" else "-decided_at", "pk")
    page = Paginator(with_people(matching).select_related("tenant"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    summaries = summarize(page.object_list)
    is_chosen = found is not None
    if found is None and summaries:
        found = _get(str(summaries[0].exception.pk))
    customers, names, severities = chosen.counts(every)
    counts = {"": waiting.count(), "ending": ending.count()}
    rows = inbox_page.rows(summaries, shown, request.GET.urlencode(), found.pk if found else None)
    is_whole_list = not shown and not chosen.active_count and page.number == 1
    first = rows[0] if rows and is_whole_list else None
    context: dict[str, Any] = {
        "page": page,
        "first": first,
        "why_first": inbox_page.why_first(first) if first else "",
        "groups": inbox_page.groups(rows, shown),
        "shown": shown,
        "segments": inbox_page.segments(request.GET, shown, counts),
        "waiting_count": counts[""],
        "customer_count": len(customers) if not chosen.customers else 0,
        "facets": [
            facet("Customer", "customer", customers, request.GET, labels=names),
            facet("Severity", "severity", severities, request.GET, kind="severity"),
        ],
        "active": chosen.active_count,
        "is_chosen": is_chosen,
        "back_path": reverse("inbox"),
        "back_url": reverse("inbox") + _query(request),
        "inbox_query": _query(request),
        **(_detail(found, invalid) if found else {}),
    }
    return render(request, "exceptions/inbox.html", context, status=400 if invalid else 200)


def _detail(found: FindingException, invalid: forms.Form | None) -> dict[str, Any]:
    tenant, who = found.tenant, person()
    items = list(selectors.items(found, to_decide_first=True)[:MAX_ITEMS])
    rank: int = vars(found)["rank"]
    summary = summarize([found])[0]
    context = exception_page.context(tenant, found, items, who, timezone.now())
    form = invalid if isinstance(invalid, ApproveForm) else ApproveForm(found)
    form.fields["note"].widget.attrs["rows"] = 1
    return {
        **context,
        "exception": found,
        "customer": tenant,
        "request_title": inbox_page.request_title(summary),
        "request_sentence": inbox_page.sentence(summary),
        "findings_count": summary.findings,
        "more_items": max(0, summary.findings - MAX_ITEMS),
        "severity": queries.SEVERITIES[rank] if rank < queries.NO_FINDINGS else "",
        "needs_note": form.needs_note,
        "form": form,
        "note_value": (invalid.data.get("note", "") if invalid else ""),
        "note_errors": invalid.errors.get("note", []) if invalid else [],
        "comments": inbox_page.comments(found, who),
    }
