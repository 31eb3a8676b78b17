"""Answer several manual controls with one statement: show a preview, store the answers, and undo them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assessments.controls.declare import Answer
from assessments.controls.registry import known_controls
from assessments.models import Finding
from assessments.presentation.finding_names import names_for_findings
from portal.queries.findings.selection import FindingSelection
from portal.treatment.actions.attestations.bulk import MAX_FINDINGS, attest_many, seen_digest
from portal.treatment.selectors.attestations import with_standing
from portal.web.attestations import page as attestation_page
from portal.web.attestations.form import AttestForm
from portal.web.components.form_parts import refused
from portal.web.shared.parameters import parameters_of
from portal.web.shared.undo import success_with_undo
from portal.web.shared.visible import person, unit_names
from tenants import access
from tenants.errors import Refusal
from tenants.roles import Capability

_DEFAULT: Final = Answer()


def answer_selected(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer the selected manual controls. If the request has no statement, show the controls and the form for a
    statement.
    """
    tenant = access.tenant(slug, needs=Capability.ATTEST)
    given = request.POST if request.method == "POST" else request.GET
    selection = FindingSelection.parse(parameters_of(given), tenant)
    if selection is None:
        messages.warning(request, "Select at least one control to answer.")
        return redirect("attestations", slug=slug)
    manual = selection.rows.filter(outcome=Finding.Outcome.MANUAL, gone_at__isnull=True)
    count = manual.count()
    if not count or count > MAX_FINDINGS:
        reason = (
            f"{count} controls are selected, but at most {MAX_FINDINGS} can be answered at once."
            if count
            else "None of the selected findings is a manual control. Select manual controls."
        )
        messages.warning(request, reason)
        return redirect("attestations", slug=slug)
    rows = list(
        with_standing(manual, timezone.now()).select_related(
            "treatment__attestation__attested_by", "treatment__owner"
        )
    )
    how, seen = _answer(rows), seen_digest(rows)
    is_answer = request.method == "POST" and "statement" in given
    form = AttestForm(how, seen, *((request.POST, request.FILES) if is_answer else ()))
    if is_answer and form.is_valid():
        try:
            batch = attest_many(tenant=tenant, findings=_only(rows), by=person(), **form.cleaned_data)
        except Refusal as error:
            if error.code == "changed_meanwhile":
                form = form.renewed(seen, error.message)
            else:
                refused(form, error)
        else:
            word = "control" if batch.count == 1 else "controls"
            success_with_undo(request, tenant, f"Answered {batch.count} {word}.", batch)
            return redirect("attestations", slug=slug)
    places = unit_names(tenant)
    names = names_for_findings(tenant, rows, places)
    context: dict[str, Any] = {
        "tenant": tenant,
        "form": form,
        "rows": [attestation_page.row(tenant, row, places, names) for row in rows],
        "findings": [row.pk for row in rows],
        "skipped": selection.rows.count() - count,
        "replaced": sum(row.standing not in ("never", "lapsed") for row in rows),
        "me": person(),
    }
    return render(request, "attestations/bulk.html", context, status=400 if form.errors else 200)


def _answer(rows: list[Any]) -> Answer:
    """Return the suggested validity of one answer that is given for all these findings.

    `days` is the smallest of the numbers of days that the controls suggest. `bound` is True if at least one of the
    controls binds its answer to the observed value.
    """
    known = known_controls()
    answers = [known[row.control].answer if row.control in known else _DEFAULT for row in rows]
    return Answer(days=min(one.days for one in answers), bound=any(one.bound for one in answers))


def _only(rows: list[Any]) -> Any:
    return Finding.objects.filter(pk__in=[row.pk for row in rows])
