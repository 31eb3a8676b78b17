"""List and export the attestations of a tenant, answer one manual control, and withdraw an answer."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from assessments.controls.declare import Answer
from assessments.controls.registry import known_controls
from assessments.models import Finding
from assessments.presentation.finding_names import all_names, names_for_findings
from assessments.selectors import search_words
from portal.files.spreadsheets import csv_file
from portal.queries.attestations import AttestationFilter
from portal.treatment.actions.attestations.attest import attest as attest_action
from portal.treatment.actions.attestations.attest import withdraw_attestation
from portal.treatment.models import Attestation
from portal.treatment.selectors.attestations import (
    NEEDS_ANSWER_STANDINGS,
    Standing,
    manual_findings,
    with_standing,
)
from portal.treatment.selectors.scores import standings
from portal.web.attestations import export as attestation_export
from portal.web.attestations import page as attestation_page
from portal.web.attestations import review
from portal.web.attestations.form import AttestForm
from portal.web.components.facets import facet
from portal.web.components.form_parts import refused
from portal.web.shared.action_messages import reported
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import may, person, review_periods, unit_names, visible_findings
from tenants import access
from tenants.errors import PermissionDenied, Refusal
from tenants.models import Tenant
from tenants.roles import Capability

PER_PAGE: Final = 50
MAX_NOTE_LENGTH: Final = 2000


def attestations(request: HttpRequest, slug: str) -> HttpResponse:
    """List the manual controls that match the filters. Controls that need an answer come first.

    People with a review period get the attestations of that period instead.
    """
    tenant = access.tenant(slug, needs=Capability.VIEW)
    if review_periods(tenant):
        return _reviewed(request, tenant)
    chosen = AttestationFilter.parse(parameters_of(request.GET), tenant, person())
    manual = with_standing(manual_findings(tenant), timezone.now())
    counts = chosen.count_by_standing(manual)
    page = Paginator(chosen.apply(manual), PER_PAGE).get_page(request.GET.get("page"))
    places = unit_names(tenant)
    names = names_for_findings(tenant, page.object_list, places)
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [attestation_page.row(tenant, found, places, names) for found in page.object_list],
        "facets": [facet("Answer", "answer", counts, request.GET, kind="answer")],
        "due": sum(counts.get(standing, 0) for standing in NEEDS_ANSWER_STANDINGS),
        "ending": counts.get(Standing.ENDING, 0),
        "total": sum(counts.values()),
        "active": chosen.active_count,
        "mine": chosen.mine,
        "q": chosen.search,
        "ignored_terms": search_words(chosen.search)[1],
        "query": request.GET.urlencode(),
        "search_fields": [
            (name, value) for name in ("answer", "owner") for value in request.GET.getlist(name)
        ],
        "see_all": may(Capability.VIEW_ALL, tenant),
        "may_attest": may(Capability.ATTEST, tenant),
    }
    if not context["total"] and may(Capability.VIEW_ALL, tenant):
        stands = standings([tenant], timezone.now(), by_section=False)[tenant.pk]
        context |= {"assessed": bool(stands.states), "is_known": stands.is_known}
    return render(request, "attestations/list.html", context)


def _reviewed(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """List the attestations in force in the review period, without the present status of the manual controls."""
    page = Paginator(review.attestations(tenant), PER_PAGE).get_page(request.GET.get("page"))
    context = {"tenant": tenant, "page": page, "rows": list(review.rows(tenant, page.object_list))}
    return render(request, "attestations/review.html", context)


def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Download the matching attestations as CSV."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    if review_periods(tenant):
        return _csv(slug, csv_file(review.HEADER, review.lines(tenant)))
    chosen = AttestationFilter.parse(parameters_of(request.GET), tenant, person())
    rows = chosen.apply(with_standing(manual_findings(tenant), timezone.now()))
    rows = rows.prefetch_related("treatment__attestation__files")
    places = unit_names(tenant)
    zone = ZoneInfo(tenant.timezone)
    lines = attestation_export.rows(rows, all_names(tenant, places), places, zone)
    return _csv(slug, csv_file(attestation_export.HEADER, lines))


def _csv(slug: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"attestations-{slug}-{timezone.now():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def attest(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show one manual control with its answers. POST adds an answer."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    finding = _get(tenant, pk)
    control = known_controls().get(finding.control)
    how = control.answer if control else Answer()
    form = AttestForm(how, finding.observed_sha256)
    if request.method == "POST":
        if not may(Capability.ATTEST, tenant):
            raise PermissionDenied(
                "Your role does not permit you to answer manual controls. Ask an owner or an engineer to answer."
            )
        form = AttestForm(how, finding.observed_sha256, request.POST, request.FILES)
        if form.is_valid():
            try:
                attest_action(finding=finding, by=person(), **form.cleaned_data)
            except Refusal as error:
                # The observed value may have changed since the page was opened. Show the current value together with
                # the typed text. If the person submits the form again, the answer is about the current value.
                finding = _get(tenant, pk)
                if error.code == "changed_meanwhile":
                    form = form.renewed(finding.observed_sha256, error.message)
                else:
                    refused(form, error)
            else:
                messages.success(request, "Answer saved. The answer takes effect now.")
                return redirect("attest", slug=slug, pk=finding.pk)
    context = {
        "tenant": tenant,
        "form": form,
        "answerable": attestation_page.is_answerable(finding),
        **attestation_page.context(tenant, finding, unit_names(tenant), timezone.now()),
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
    """Withdraw the current answer."""
    tenant = access.tenant(slug, needs=Capability.ATTEST)
    rows = Attestation.objects.filter(tenant=tenant, finding__in=visible_findings(tenant).order_by())
    found = access.get(Attestation, pk, needs=Capability.ATTEST, queryset=rows)
    with reported(request, "Answer withdrawn."):
        withdraw_attestation(
            attestation=found, by=person(), note=request.POST.get("note", "")[:MAX_NOTE_LENGTH]
        )
    return redirect("attest", slug=slug, pk=found.finding_id)
