"""Attestations of a tenant: what is to be answered, one answer's form, and taking an answer back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments.controls.declare import Answer
from assessments.controls.registry import catalogue
from assessments.models import Finding
from assessments.selectors import saying, words_of
from portal.spreadsheets import csv_file
from portal.treatment.actions.attestations import attest as attest_action
from portal.treatment.actions.attestations import withdraw_attestation
from portal.treatment.models import Attestation
from portal.treatment.selectors.attestations import (
    DUE_STANDINGS,
    ORDER,
    count_by_standing,
    manual_findings,
    with_standing,
)
from portal.web.attestations import export as attestation_export
from portal.web.attestations import page as attestation_page
from portal.web.attestations.form import AttestForm
from portal.web.components.facets import facet
from portal.web.components.form_parts import refused
from portal.web.shared.visible import may, person, unit_names, visible_findings
from tenants import access
from tenants.errors import PermissionDenied, SuretyError
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
MINE: Final = "me"
MOST_NOTE: Final = 2000


def attestations(request: HttpRequest, slug: str) -> HttpResponse:
    """Every manual control; without filters those that are due come first."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    asked = _Asked.of(request, tenant)
    counts = count_by_standing(asked.shown)
    page = Paginator(asked.rows, PER_PAGE).get_page(request.GET.get("page"))
    names = unit_names(tenant)
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [attestation_page.row(tenant, found, names) for found in page.object_list],
        "facets": [facet("Answer", "answer", counts, request.GET, kind="answer")],
        "due": sum(counts.get(standing, 0) for standing in DUE_STANDINGS),
        "total": sum(counts.values()),
        "active": asked.active,
        "mine": asked.mine,
        "q": asked.q,
        "unsearched": words_of(asked.q)[1],
        "query": request.GET.urlencode(),
        "kept": [(name, value) for name in ("answer", "owner") for value in request.GET.getlist(name)],
        "see_all": may(Capability.VIEW_ALL, tenant),
    }
    return render(request, "attestations/list.html", context)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for: `shown` everybody's or one's own, `rows` those of them that match."""

    shown: QuerySet[Any]
    rows: QuerySet[Any]
    mine: bool
    q: str
    active: int

    @classmethod
    def of(cls, request: HttpRequest, tenant: Tenant) -> _Asked:
        every = with_standing(manual_findings(tenant), timezone.now())
        mine = request.GET.get("owner") == MINE
        shown = every.filter(treatment__owner=person()) if mine else every
        wanted = [key for key in request.GET.getlist("answer") if key in ORDER]
        q = request.GET.get("q", "").replace("\0", "").strip()[:200]
        rows = shown.filter(standing__in=wanted) if wanted else shown
        if q:
            rows = rows.filter(saying(tenant, q))
        return cls(shown, rows, mine, q, len(wanted) + bool(q) + mine)


def export(request: HttpRequest, slug: str) -> HttpResponse:
    """The register as filtered, as CSV."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    rows = _Asked.of(request, tenant).rows.prefetch_related("treatment__attestation__files")
    content = csv_file(attestation_export.HEAD, attestation_export.lines(rows, unit_names(tenant)))
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"attestations-{slug}-{timezone.now():%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def attest(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """One finding with its answers; GET for whoever sees it, POST answers it."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    finding = _get(tenant, pk)
    control = catalogue().get(finding.control)
    how = control.answer if control else Answer()
    form = AttestForm(how, finding.observed_sha256)
    if request.method == "POST":
        if not may(Capability.ATTEST, tenant):
            raise PermissionDenied("Your role does not answer manual controls. An owner or an engineer does.")
        form = AttestForm(how, finding.observed_sha256, request.POST, request.FILES)
        if form.is_valid():
            try:
                attest_action(finding=finding, by=person(), **form.cleaned_data)
            except SuretyError as error:
                # The page is shown as things are now, with what was typed: the next press means this page.
                finding = _get(tenant, pk)
                if error.code == "changed_meanwhile":
                    form = form.anew(finding.observed_sha256, error.message)
                else:
                    refused(form, error)
            else:
                messages.success(request, "Your answer is kept and counts from now on.")
                return redirect("attest", slug=slug, pk=finding.pk)
    context = {
        "tenant": tenant,
        "form": form,
        "answerable": attestation_page.is_answerable(finding),
        **attestation_page.facts(tenant, finding, unit_names(tenant), timezone.now()),
    }
    return render(request, "attestations/answer.html", context, status=400 if form.errors else 200)


def _get(tenant: Tenant, pk: str) -> Finding:
    rows = with_standing(visible_findings(tenant), timezone.now()).select_related(
        "treatment__attestation", "treatment__owner"
    )
    found: Finding = access.get(Finding, pk, needs=Capability.VIEW, queryset=rows)
    return found


@require_POST
def withdraw(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ATTEST)
    rows = Attestation.objects.filter(tenant=tenant, finding__in=visible_findings(tenant).order_by())
    found = access.get(Attestation, pk, needs=Capability.ATTEST, queryset=rows)
    try:
        withdraw_attestation(attestation=found, by=person(), note=request.POST.get("note", "")[:MOST_NOTE])
    except SuretyError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Withdrawn.")
    return redirect("attest", slug=slug, pk=found.finding_id)
