"""Exceptions of a tenant: what waits and what ends soon, the register, one exception, and deciding it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments.models import Finding
from portal.treatment.actions.exceptions import approve, refuse, revoke, withdraw
from portal.treatment.models import FindingException
from portal.treatment.selectors import exceptions as selectors
from portal.web.exceptions import page as exception_page
from portal.web.exceptions.filter import ExceptionFilter
from portal.web.exceptions.forms import ApproveForm, NoteForm
from portal.web.exceptions.register import as_csv
from portal.web.exceptions.rows import described, ending_first, listed, row, waiting_first
from portal.web.shared.visible import may, person, visible_exceptions, visible_findings
from tenants import access
from tenants.errors import SuretyError
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
# More than these are found in the register, which the page links to.
MOST_WAITING: Final = 25
MOST_ENDING: Final = 5


def exceptions(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    who, now = person(), timezone.now()
    chosen = ExceptionFilter.from_query(request.GET, _theirs(tenant))
    register = visible_exceptions(tenant)
    page = Paginator(listed(chosen.apply(register, now)), PER_PAGE).get_page(request.GET.get("page"))
    approves = may(Capability.APPROVE, tenant)
    waiting = described(listed(waiting_first(register))[: MOST_WAITING + 1]) if approves else []
    ending = described(listed(ending_first(register, now))[: MOST_ENDING + 1])
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [row(tenant, found, who, now) for found in described(page.object_list)],
        "facets": chosen.facets(register, request.GET, now),
        "active": chosen.active,
        "any": bool(page.paginator.count) or register.exists(),
        "approves": approves,
        "waiting": [row(tenant, found, who, now) for found in waiting[:MOST_WAITING]],
        "more_waiting": len(waiting) > MOST_WAITING,
        "ending": [row(tenant, found, who, now) for found in ending[:MOST_ENDING]],
        "more_ending": len(ending) > MOST_ENDING,
        "may_ask": may(Capability.TREAT, tenant),
        "see_all": may(Capability.VIEW_ALL, tenant),
        "query": request.GET.urlencode(),
    }
    return render(request, "exceptions/list.html", context)


def export(request: HttpRequest, slug: str) -> HttpResponse:
    """The register as filtered, as CSV."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    now = timezone.now()
    rows = ExceptionFilter.from_query(request.GET, _theirs(tenant)).apply(visible_exceptions(tenant), now)
    answer = HttpResponse(as_csv(described(listed(rows))), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="exceptions-{slug}-{now:%Y-%m-%d}.csv"'
    return answer


def _theirs(tenant: Tenant) -> QuerySet[Finding] | None:
    """The findings of somebody who sees their own alone."""
    return None if may(Capability.VIEW_ALL, tenant) else visible_findings(tenant)


def exception(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    return _page(request, tenant, _get(tenant, pk, Capability.VIEW))


def _get(tenant: Tenant, pk: str, needs: Capability) -> FindingException:
    rows = visible_exceptions(tenant).select_related("tenant", "requested_by", "decided_by", "ended_by")
    return access.get(FindingException, pk, needs=needs, queryset=rows)


def _page(
    request: HttpRequest, tenant: Tenant, found: FindingException, bad: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """The page; `bad` holds a form that was refused, by its name, with what was typed and what is wrong."""
    page = Paginator(selectors.items(found), exception_page.PER_PAGE).get_page(request.GET.get("page"))
    bad = bad or {}
    context = {
        "tenant": tenant,
        "exception": found,
        "page": page,
        **exception_page.facts(tenant, found, list(page.object_list), person(), timezone.now()),
        "approve_form": bad.get("approve") or ApproveForm(found),
        "refuse_form": bad.get("refuse") or NoteForm(prefix="refuse", label="Why it is refused"),
        "revoke_form": bad.get("revoke") or NoteForm(prefix="revoke", label="Why it is revoked"),
        "wrong": next(iter(bad), ""),
    }
    return render(request, "exceptions/detail.html", context, status=400 if bad else 200)


@require_POST
def decide_approve(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.APPROVE)
    found = _get(tenant, pk, Capability.APPROVE)
    form = ApproveForm(found, request.POST)
    return _act(
        request, tenant, found, "approve", form, "Approved.",
        lambda given: approve(exception=found, by=person(), **given),
    )  # fmt: skip


@require_POST
def decide_refuse(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.APPROVE)
    found = _get(tenant, pk, Capability.APPROVE)
    form = NoteForm(request.POST, prefix="refuse", label="Why it is refused")
    return _act(
        request, tenant, found, "refuse", form, "Refused. Who asked is told.",
        lambda given: refuse(exception=found, by=person(), **given),
    )  # fmt: skip


@require_POST
def end_revoke(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.APPROVE)
    found = _get(tenant, pk, Capability.APPROVE)
    form = NoteForm(request.POST, prefix="revoke", label="Why it is revoked")
    return _act(
        request, tenant, found, "revoke", form, "Revoked. What it covered and still fails is open again.",
        lambda given: revoke(exception=found, by=person(), **given),
    )  # fmt: skip


@require_POST
def end_withdraw(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.TREAT)
    found = _get(tenant, pk, Capability.TREAT)
    return _act(
        request, tenant, found, "withdraw", forms.Form(request.POST), "Withdrawn.",
        lambda given: withdraw(exception=found, by=person()),
    )  # fmt: skip


def _act(
    request: HttpRequest,
    tenant: Tenant,
    found: FindingException,
    name: str,
    form: forms.Form,
    done: str,
    action: Callable[[dict[str, Any]], object],
) -> HttpResponse:
    """Do it and go back to the page; what is wrong with the input is shown there, beside what was typed."""
    if form.is_valid():
        try:
            action(form.cleaned_data)
        except SuretyError as error:
            if isinstance(form, ApproveForm) and error.code == "changed_meanwhile":
                # The page is shown as things are now, with what was typed: the next press means this page.
                form = form.anew(found, error.message)
                return _page(request, tenant, _get(tenant, str(found.pk), Capability.VIEW), {name: form})
            ours = [field for field in error.fields if field in form.fields]
            for field in ours:
                form.add_error(field, error.fields[field])
            if not ours:
                # Not of the input: somebody was faster, or the person may not. The page says what is so now.
                messages.error(request, error.message)
                return redirect("exception", slug=tenant.slug, pk=found.pk)
        else:
            messages.success(request, done)
            return redirect("exception", slug=tenant.slug, pk=found.pk)
    return _page(request, tenant, _get(tenant, str(found.pk), Capability.VIEW), {name: form})
