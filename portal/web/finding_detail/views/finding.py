"""The page of one finding: what was found, what people do about it, and everything that happened to it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from assessments import selectors
from assessments.models import Finding
from portal.treatment.selectors.orphaned_owners import owned_by_former_owner
from portal.treatment.selectors.owners import eligible_owners
from portal.treatment.selectors.timeline import Cursor, timeline
from portal.treatment.states import shown_state
from portal.web.finding_detail import page as finding_page
from portal.web.finding_detail.activity import entry
from portal.web.finding_detail.panel import Panel, panel
from portal.web.shared.treatment_forms import AcknowledgeForm, CommentForm, OwnerForm
from portal.web.shared.visible import may, person, unit_names, visible_findings
from tenants import access
from tenants.models import Tenant
from tenants.roles import Capability


def finding(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    return page(request, tenant, get(tenant, pk, needs=Capability.VIEW))


def get(tenant: Tenant, pk: str, *, needs: Capability) -> Finding:
    """The finding of an address, if the person sees it; with its treatment and its shown state (`shown`),
    and whether its owner has no access any more (`owner_left`)."""
    rows: QuerySet[Finding] = visible_findings(tenant).select_related(
        "tenant",
        "treatment__owner",
        "treatment__owner_rule",
        "treatment__acknowledged_by",
        "treatment__attestation__attested_by",
    )
    annotated = rows.annotate(
        shown=shown_state(timezone.now()),
        owner_left=ExpressionWrapper(owned_by_former_owner(tenant), output_field=BooleanField()),
    )
    return access.get(Finding, pk, needs=needs, queryset=cast("QuerySet[Finding]", annotated))


def panel_of(tenant: Tenant, found: Finding) -> Panel:
    shown: str = found.shown  # type: ignore[attr-defined]  # annotated by `get`
    left: bool = found.owner_left  # type: ignore[attr-defined]  # as well
    return panel(tenant, found, shown, person(), timezone.now(), owner_left=left)


def page(
    request: HttpRequest, tenant: Tenant, found: Finding, bad: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """The page; `bad` holds a form that was refused, by its name, with what was typed and what is wrong."""
    bad = bad or {}
    who, treatment = person(), panel_of(tenant, found)
    may_read_evidence = may(Capability.EVIDENCE, tenant)
    items = selectors.evidence_of(found) if may_read_evidence else []
    before = Cursor.parse(request.GET.get("before", ""))
    happened = timeline(found, before=before)
    context: dict[str, Any] = {
        "tenant": tenant,
        "finding": found,
        "panel": treatment,
        "may_read_evidence": may_read_evidence,
        "evidence": [finding_page.evidence(item) for item in items],
        "entries": [entry(item, who, treatment.may_treat) for item in happened.items],
        "older": happened.older,
        "newer": before is not None,
        "comment_form": bad.get("comment") or CommentForm(),
        "acknowledge_form": AcknowledgeForm(auto_id="acknowledge-%s", initial=_plan(treatment)),
        "owner_form": bad.get("owner") or (owner_form(tenant, found) if treatment.may_assign else None),
        "wrong": next(iter(bad), ""),
        **finding_page.facts(tenant, found, unit_names(tenant)),
    }
    return render(request, "finding_detail/detail.html", context, status=400 if bad else 200)


def _plan(treatment: Panel) -> dict[str, Any]:
    held = treatment.treatment
    if held is None or not treatment.acknowledged:
        return {}
    return {"plan": held.plan, "planned_for": held.planned_for}


def owner_form(tenant: Tenant, found: Finding, data: Any = None) -> OwnerForm:
    held = getattr(found, "treatment", None)
    initial = {"owner": str(held.owner_id) if held and held.owner_id else ""}
    return OwnerForm(data, people=eligible_owners(tenant), initial=initial)
