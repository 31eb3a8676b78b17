"""Page of one finding: verdict, treatment and timeline."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from assessments import selectors
from assessments.models import Finding, FindingChange
from assessments.names_of_findings import mentions_of, mentions_of_change, names_for
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
    """Show one finding."""
    tenant = access.tenant(slug, needs=Capability.VIEW)
    return page(request, tenant, get(tenant, pk, needs=Capability.VIEW))


def get(tenant: Tenant, pk: str, *, needs: Capability) -> Finding:
    """Return a visible finding with its treatment, `shown` (its state) and `owner_left` (owner without access)."""
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
    """Return the treatment panel of a finding that `get` has returned."""
    shown: str = found.shown  # type: ignore[attr-defined]  # annotated by `get`
    left: bool = found.owner_left  # type: ignore[attr-defined]  # annotated by `get`
    return panel(tenant, found, shown, person(), timezone.now(), owner_left=left)


def page(
    request: HttpRequest, tenant: Tenant, found: Finding, invalid: dict[str, forms.Form] | None = None
) -> HttpResponse:
    """Render the page; `invalid` maps the name of a rejected form to the form with its errors."""
    invalid = invalid or {}
    treatment = panel_of(tenant, found)
    may_read_evidence = may(Capability.EVIDENCE, tenant)
    items = selectors.evidence_of(found) if may_read_evidence else []
    before = Cursor.parse(request.GET.get("before", ""))
    events = timeline(found, before=before)
    places = unit_names(tenant)
    changes = [item for item in events.items if isinstance(item, FindingChange)]
    mentions = [mention for change in changes for mention in mentions_of_change(change)]
    names = names_for(tenant, [mentions_of(found), *mentions], places)
    context: dict[str, Any] = {
        "tenant": tenant,
        "finding": found,
        "panel": treatment,
        "may_read_evidence": may_read_evidence,
        "evidence": [finding_page.evidence(item) for item in items],
        "entries": [
            entry(item, person(), treatment.may_treat, names, ZoneInfo(tenant.timezone))
            for item in events.items
        ],
        "older": events.older,
        "newer": before is not None,
        "comment_form": invalid.get("comment") or CommentForm(),
        "acknowledge_form": AcknowledgeForm(auto_id="acknowledge-%s", initial=_plan(treatment)),
        "owner_form": invalid.get("owner") or (owner_form(tenant, found) if treatment.may_assign else None),
        "invalid_form": next(iter(invalid), ""),
        **finding_page.context(tenant, found, places, names),
    }
    return render(request, "finding_detail/detail.html", context, status=400 if invalid else 200)


def _plan(treatment: Panel) -> dict[str, Any]:
    stored = treatment.treatment
    if stored is None or not treatment.acknowledged:
        return {}
    return {"plan": stored.plan, "planned_for": stored.planned_for}


def owner_form(tenant: Tenant, found: Finding, data: Any = None) -> OwnerForm:
    """Return the owner picker with the current owner selected."""
    treatment = getattr(found, "treatment", None)
    initial = {"owner": str(treatment.owner_id) if treatment and treatment.owner_id else ""}
    return OwnerForm(data, people=eligible_owners(tenant), initial=initial)
