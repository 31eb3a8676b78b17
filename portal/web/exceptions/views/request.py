"""Request an exception for one finding, for several findings, or by a rule with a preview of the matching findings."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from assessments.display.observed import describe
from assessments.display.subjects import subject_text
from assessments.presentation.finding_names import names_for_findings
from portal.queries.findings.selection import FindingSelection
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.matching import FIELDS
from portal.treatment.models import FindingException
from portal.treatment.naming import control_problem
from portal.treatment.selectors.exceptions import preview
from portal.web.components.form_parts import refused
from portal.web.components.values import value_rows
from portal.web.exceptions.deciders import report_request
from portal.web.exceptions.request_form import RequestForm, RuleRequestForm
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import may, person, unit_names
from tenants import access
from tenants.errors import InvalidInput, Refusal
from tenants.models import Tenant
from tenants.roles import Capability

SAMPLE_SIZE: Final = 20
MAX_CONTROLS: Final = 8
Scope = FindingException.Scope


def exception_request(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form (GET, or POST from the findings page), or request the exception (POST with a reason)."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    given = request.POST if request.method == "POST" else request.GET
    selection = FindingSelection.parse(parameters_of(given), tenant)
    if selection is None and not may(Capability.VIEW_ALL, tenant):
        # People who see only some findings cannot request an exception by a rule, because the rule could cover other
        # findings.
        return render(request, "exceptions/request.html", {"tenant": tenant, "nothing_selected": True})
    if selection is None and request.headers.get("HX-Request"):
        return render(request, "exceptions/_preview.html", _preview(tenant, given))
    is_request = request.method == "POST" and "reason" in given and "preview" not in given
    form = _form(tenant, selection, request, submitted=is_request)
    if is_request and form.is_valid():
        found = _request(tenant, selection, form)
        if found is not None:
            report_request(request, str(found), found)
            return redirect("exception", slug=slug, pk=found.pk)
    context = {
        "tenant": tenant,
        "form": form,
        "selection": _selection_context(tenant, selection) if selection else None,
        **({} if selection else _preview(tenant, given)),
    }
    return render(request, "exceptions/request.html", context, status=400 if form.errors else 200)


def _form(
    tenant: Tenant, selection: FindingSelection | None, request: HttpRequest, *, submitted: bool
) -> RequestForm:
    given = request.POST if request.method == "POST" else request.GET
    values: dict[str, Any] = (
        {"data": request.POST, "files": request.FILES} if submitted else {"initial": given.dict()}
    )
    if selection is not None:
        return RequestForm(tenant, **values)
    return RuleRequestForm(tenant, unit_names(tenant), **values)


def _request(
    tenant: Tenant, selection: FindingSelection | None, form: RequestForm
) -> FindingException | None:
    """Request the exception. If the request is invalid, add the errors to the form and return None."""
    scope: dict[str, Any]
    if selection is None:
        assert isinstance(form, RuleRequestForm)
        scope = {"scope": Scope.RULE, "rule": form.rule(), "maximum": form.cleaned_data["maximum"]}
    else:
        single = len(selection.picked) == 1
        scope = {"scope": Scope.FINDING if single else Scope.LIST, "findings": selection.failing}
    try:
        return request_exception(tenant=tenant, by=person(), **scope, **form.request_arguments())
    except Refusal as error:
        refused(form, error)
        return None


def _selection_context(tenant: Tenant, selection: FindingSelection) -> dict[str, Any]:
    count, failing = selection.rows.count(), selection.failing.count()
    sample = list(selection.failing.order_by("severity_rank", "control", "pk")[:SAMPLE_SIZE])
    names = names_for_findings(tenant, sample, unit_names(tenant))
    zone = ZoneInfo(tenant.timezone)
    return {
        "picked": selection.picked,
        "query": selection.query,
        "count": count,
        "failing": failing,
        "not_failing": count - failing,
        "more": max(0, failing - SAMPLE_SIZE),
        "sample": [
            {
                "url": reverse("finding", args=[tenant.slug, row.pk]),
                "subject": subject_text(row.subject, row.subject_name, names),
                "title": control_problem(row.control),
                "severity": row.severity,
                "observed": value_rows(describe(row.observed, names, zone)),
            }
            for row in sample
        ],
    }


def _preview(tenant: Tenant, given: QueryDict) -> dict[str, Any]:
    """Return the findings that the entered rule matches. If the rule is invalid, return a message about the problem
    instead.

    If the rule has no condition yet, return neither findings nor a message.
    """
    rule = {name: given.get(name, "") for name in FIELDS}
    if not any(value.strip() for value in rule.values()):
        return {"seen": None}
    try:
        seen = preview(tenant, rule)
    except InvalidInput as error:
        return {"seen": None, "problem": error.message}
    names = names_for_findings(tenant, seen.sample, unit_names(tenant))
    return {
        "seen": seen,
        "groups": [(control_problem(slug), count) for slug, count in seen.by_control[:MAX_CONTROLS]],
        "more_groups": max(0, len(seen.by_control) - MAX_CONTROLS),
        "sample": [
            (
                reverse("finding", args=[tenant.slug, row.pk]),
                row.severity,
                subject_text(row.subject, row.subject_name, names),
                control_problem(row.control),
            )
            for row in seen.sample
        ],
    }
