"""Serve a tenant's lists of exceptions (pending, ending soon, all), the page of one exception, and decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments.models import Finding
from portal.queries.exceptions.filters import ExceptionFilter
from portal.treatment.actions.exceptions import approve, refuse, revoke, withdraw
from portal.treatment.models import FindingException
from portal.treatment.selectors import exceptions as selectors
from portal.treatment.selectors.past_exceptions import reviewed_states, show_reviewed_exceptions
from portal.web.exceptions import inbox as inbox_page
from portal.web.exceptions import page as exception_page
from portal.web.exceptions.facets import facets
from portal.web.exceptions.forms import REFUSAL_LABEL, ApproveForm, NoteForm
from portal.web.exceptions.register import register_csv
from portal.web.exceptions.renewal import renewal_of
from portal.web.exceptions.rows import ending_soon, pending, row, summarize, with_people
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import may, person, review_periods, visible_exceptions, visible_findings
from tenants import access
from tenants.errors import Refusal
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
# The page lists at most this many exceptions that wait for a decision, and at most this many that end soon. Links lead
# to the complete lists.
MAX_PENDING: Final = 25
MAX_ENDING: Final = 5
REVOCATION_LABEL: Final = "Reason for revoking"


def exceptions(request: HttpRequest, slug: str) -> HttpResponse:
    """List the exceptions that wait for a decision, the exceptions that end soon, and the register."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    who, now = person(), timezone.now()
    chosen = _filter(request, tenant)
    register = visible_exceptions(tenant)
    page = Paginator(with_people(chosen.apply(register, now)), PER_PAGE).get_page(request.GET.get("page"))
    approves = may(Capability.APPROVE, tenant)
    if review_periods(tenant):
        approves, ending_rows = False, register.none()
    else:
        ending_rows = ending_soon(register, now)
    waiting = summarize(with_people(pending(register))[: MAX_PENDING + 1]) if approves else []
    ending = summarize(with_people(ending_rows)[: MAX_ENDING + 1])
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [row(tenant, found, who, now) for found in summarize(page.object_list)],
        "facets": facets(chosen.facet_counts(register, now), request.GET),
        "active": chosen.active_count,
        "any": bool(page.paginator.count) or register.exists(),
        "approves": approves,
        "waiting": [row(tenant, found, who, now) for found in waiting[:MAX_PENDING]],
        "more_waiting": len(waiting) > MAX_PENDING,
        "ending": [row(tenant, found, who, now) for found in ending[:MAX_ENDING]],
        "more_ending": len(ending) > MAX_ENDING,
        "may_request": may(Capability.TREAT, tenant),
        "see_all": may(Capability.VIEW_ALL, tenant),
        "query": request.GET.urlencode(),
    }
    return render(request, "exceptions/list.html", context)


def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Download the matching exceptions as CSV."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    now = timezone.now()
    rows = _filter(request, tenant).apply(visible_exceptions(tenant), now)
    content = register_csv(summarize(with_people(rows)))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="exceptions-{slug}-{now:%Y-%m-%d}.csv"'
    return response


def _filter(request: HttpRequest, tenant: Tenant) -> ExceptionFilter:
    visible: QuerySet[Finding] | None = None
    if not may(Capability.VIEW_ALL, tenant):
        visible = visible_findings(tenant)
    reviewed = reviewed_states(tenant, visible_exceptions(tenant))
    return ExceptionFilter.parse(parameters_of(request.GET), visible, reviewed)


def exception(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    return _page(request, tenant, _get(tenant, pk, Capability.VIEW))


def _get(tenant: Tenant, pk: str, needs: Capability) -> FindingException:
    rows = visible_exceptions(tenant).select_related("tenant", "requested_by", "decided_by", "ended_by")
    return access.get(FindingException, pk, needs=needs, queryset=rows)


def _page(
    request: HttpRequest,
    tenant: Tenant,
    found: FindingException,
    invalid: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """Render the page. `invalid` maps the name of a rejected form to the form with its errors."""
    until = show_reviewed_exceptions([found]).get(found.pk)
    items = selectors.items(found, to_decide_first=until is None)
    page = Paginator(items, exception_page.PER_PAGE).get_page(request.GET.get("page"))
    invalid = invalid or {}
    rejected = invalid.get("approve")
    approve_form = rejected if isinstance(rejected, ApproveForm) else ApproveForm(found)
    context = {
        "tenant": tenant,
        "exception": found,
        # For a review period, the page does not name the accepted problem, because the problem could come from a
        # finding that was added after the period.
        "problem": "" if until else selectors.problems([found])[found.pk],
        "page": page,
        "renewal": None if until else renewal_of(tenant, found, timezone.now()),
        **exception_page.context(tenant, found, list(page.object_list), person(), timezone.now(), until),
        "approve_form": approve_form,
        "refuse_form": invalid.get("refuse") or NoteForm(prefix="refuse", label=REFUSAL_LABEL),
        "revoke_form": invalid.get("revoke") or NoteForm(prefix="revoke", label=REVOCATION_LABEL),
        "comments": inbox_page.comments(found, person()),
        "may_comment": may(Capability.TREAT, tenant) or may(Capability.APPROVE, tenant),
        "customer": tenant,
        "comments_next": request.path,
        "needs_note": approve_form.needs_note,
        "invalid_form": next(iter(invalid), ""),
    }
    return render(request, "exceptions/detail.html", context, status=400 if invalid else 200)


@require_POST
def decide_approve(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Approve a pending exception."""
    tenant = access.tenant(slug, needs=Capability.APPROVE)
    found = _get(tenant, pk, Capability.APPROVE)
    form = ApproveForm(found, request.POST)
    return _act(request, tenant, found, "approve", form, "Exception approved.", approve)


@require_POST
def decide_refuse(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Refuse a pending exception."""
    tenant = access.tenant(slug, needs=Capability.APPROVE)
    found = _get(tenant, pk, Capability.APPROVE)
    form = NoteForm(request.POST, prefix="refuse", label=REFUSAL_LABEL)
    done = "Exception refused. The requester is notified."
    return _act(request, tenant, found, "refuse", form, done, refuse)


@require_POST
def end_revoke(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Revoke an approved exception."""
    tenant = access.tenant(slug, needs=Capability.APPROVE)
    found = _get(tenant, pk, Capability.APPROVE)
    form = NoteForm(request.POST, prefix="revoke", label=REVOCATION_LABEL)
    done = "Exception revoked. Findings that still fail are open again."
    return _act(request, tenant, found, "revoke", form, done, revoke)


@require_POST
def end_withdraw(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Withdraw a request of the signed-in person."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    found = _get(tenant, pk, Capability.TREAT)
    form = forms.Form(request.POST)
    return _act(request, tenant, found, "withdraw", form, "Request withdrawn.", withdraw)


def _act(
    request: HttpRequest,
    tenant: Tenant,
    found: FindingException,
    name: str,
    form: forms.Form,
    done: str,
    action: Callable[..., object],
) -> HttpResponse:
    """Run the action with the form's values.

    If the action refuses the values, show the action's errors in the form with the typed values.
    """
    if form.is_valid():
        try:
            action(exception=found, by=person(), **form.cleaned_data)
        except Refusal as error:
            if isinstance(form, ApproveForm) and error.code == "changed_meanwhile":
                # Show the exception's current state together with the typed text. Submitting the form again approves
                # this state.
                form = form.renewed(found, error.message)
                return _page(request, tenant, _get(tenant, str(found.pk), Capability.VIEW), {name: form})
            fields = [field for field in error.fields if field in form.fields]
            for field in fields:
                form.add_error(field, error.fields[field])
            if not fields:
                # The exception's state or the person's rights have changed, so show the page as it is now.
                messages.error(request, error.message)
                return redirect("exception", slug=tenant.slug, pk=found.pk)
        else:
            messages.success(request, done)
            return redirect("exception", slug=tenant.slug, pk=found.pk)
    return _page(request, tenant, _get(tenant, str(found.pk), Capability.VIEW), {name: form})
