"""Asking for an exception: for one finding, a list of them, or by a rule with a preview of what it matches."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from assessments.controls.registry import catalogue
from portal.treatment.actions.exceptions import request_exception
from portal.treatment.matching import FIELDS
from portal.treatment.models import FindingException
from portal.treatment.selectors.exceptions import preview
from portal.web.components.form_parts import refused
from portal.web.components.values import side_by_side
from portal.web.exceptions.request_form import RequestForm, RuleRequestForm
from portal.web.findings.chosen import Chosen
from portal.web.shared.visible import may, person, unit_names
from tenants import access
from tenants.errors import InvalidInput, SuretyError
from tenants.models import Tenant
from tenants.roles import Capability

SHOWN: Final = 20
Scope = FindingException.Scope


def exception_request(request: HttpRequest, slug: str) -> HttpResponse:
    """GET and a first POST (from the findings page, without a reason) open the form, a POST with one asks."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    given = request.POST if request.method == "POST" else request.GET
    chosen = Chosen.from_query(tenant, given)
    if chosen is None and not may(Capability.VIEW_ALL, tenant):
        # A rule reaches findings that they do not see.
        return render(request, "exceptions/request.html", {"tenant": tenant, "nothing": True})
    if chosen is None and request.headers.get("HX-Request"):
        return render(request, "exceptions/_preview.html", _preview(tenant, given))
    asked = request.method == "POST" and "reason" in given and "preview" not in given
    form = _form(tenant, chosen, request, asked=asked)
    if asked and form.is_valid():
        found = _ask(tenant, chosen, form)
        if found is not None:
            messages.success(request, f"{found} is requested. The approvers are told.")
            return redirect("exception", slug=slug, pk=found.pk)
    context = {
        "tenant": tenant,
        "form": form,
        "chosen": _chosen(tenant, chosen) if chosen else None,
        **({} if chosen else _preview(tenant, given)),
    }
    return render(request, "exceptions/request.html", context, status=400 if form.errors else 200)


def _form(tenant: Tenant, chosen: Chosen | None, request: HttpRequest, *, asked: bool) -> RequestForm:
    given = request.POST if request.method == "POST" else request.GET
    values: dict[str, Any] = (
        {"data": request.POST, "files": request.FILES} if asked else {"initial": given.dict()}
    )
    if chosen is not None:
        return RequestForm(tenant, **values)
    return RuleRequestForm(tenant, unit_names(tenant), **values)


def _ask(tenant: Tenant, chosen: Chosen | None, form: RequestForm) -> FindingException | None:
    """Ask; None where the action refused, with its words at the form's fields."""
    about: dict[str, Any]
    if chosen is None:
        assert isinstance(form, RuleRequestForm)
        about = {"scope": Scope.RULE, "rule": form.rule(), "maximum": form.cleaned_data["maximum"]}
    else:
        one = len(chosen.picked) == 1
        about = {"scope": Scope.FINDING if one else Scope.LIST, "findings": chosen.failing}
    try:
        return request_exception(tenant=tenant, by=person(), **about, **form.asked())
    except SuretyError as error:
        refused(form, error)
        return None


def _chosen(tenant: Tenant, chosen: Chosen) -> dict[str, Any]:
    known = catalogue()
    count, failing = chosen.rows.count(), chosen.failing.count()
    return {
        "picked": chosen.picked,
        "q": chosen.q,
        "count": count,
        "failing": failing,
        "left_out": count - failing,
        "more": max(0, failing - SHOWN),
        "sample": [
            {
                "url": reverse("finding", args=[tenant.slug, row.pk]),
                "subject": row.subject_name,
                "title": known[row.control].title if row.control in known else row.control,
                "severity": row.severity,
                "observed": [(pair.key, pair.now) for pair in side_by_side({}, row.observed)],
            }
            for row in chosen.failing.order_by("severity_rank", "control", "pk")[:SHOWN]
        ],
    }


def _preview(tenant: Tenant, given: QueryDict) -> dict[str, Any]:
    """What the rule as typed matches, or what is wrong with it; nothing before a condition is set."""
    rule = {name: given.get(name, "") for name in FIELDS}
    if not any(value.strip() for value in rule.values()):
        return {"seen": None}
    try:
        seen = preview(tenant, rule)
    except InvalidInput as error:
        return {"seen": None, "problem": error.message}
    known = catalogue()
    return {
        "seen": seen,
        "groups": [
            (known[slug].title if slug in known else slug, count) for slug, count in seen.by_control[:8]
        ],
        "more_groups": max(0, len(seen.by_control) - 8),
        "sample": [(reverse("finding", args=[tenant.slug, row.pk]), row) for row in seen.sample],
    }
