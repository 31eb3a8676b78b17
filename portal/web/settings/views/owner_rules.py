"""Owner rules of a tenant: ordered list, form with preview, and applying them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from assessments.display.subjects import subject_text
from assessments.names_of_findings import names_for_findings, place_names
from portal.treatment.actions.rules import (
    apply_rules,
    change_rule,
    check_rule,
    create_rule,
    delete_rule,
    move_rule,
)
from portal.treatment.matching import FIELDS, describe_rule
from portal.treatment.models import OwnerRule
from portal.treatment.naming import finding_title
from portal.treatment.selectors import owners
from portal.web.components.form_parts import refused
from portal.web.shared.owner_rule_form import OwnerRuleForm
from portal.web.shared.visible import person, unit_names
from tenants import access
from tenants.errors import InvalidInput, Refusal
from tenants.models import Person, Tenant
from tenants.roles import Capability


def rules(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    allowed = {who.pk for who in owners.eligible_owners(tenant)}
    found = list(owners.rules(tenant))
    places = place_names(tenant, (rule.unit for rule in found))
    rows = [
        {
            "rule": rule,
            "means": describe_rule(rule, places=places),
            "no_access": rule.owner_id not in allowed,
            "first": number == 1,
            "last": number == len(found),
        }
        for number, rule in enumerate(found, start=1)
    ]
    return render(request, "settings/owner_rules.html", {"tenant": tenant, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    return _edit(request, tenant, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    return _edit(request, tenant, _get(tenant, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Ask for confirmation, then delete a rule."""
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    rule = _get(tenant, pk)
    if request.method == "POST":
        delete_rule(rule=rule, by=person())
        messages.success(request, f"Rule “{rule.name}” deleted. Findings that it assigned keep their owner.")
        return redirect("owner-rules", slug=slug)
    owned = owners.assigned_by_rule(rule).count()
    context = {"tenant": tenant, "rule": rule, "means": describe_rule(rule), "owned": owned}
    return render(request, "settings/owner_rule_delete.html", context)


@require_POST
def move(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Move a rule one place up or down (`to`)."""
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    rule = _get(tenant, pk)
    step = {"up": -1, "down": 1}.get(request.POST.get("to", ""))
    if step is None:
        messages.error(request, "Choose a direction: up or down.")
    else:
        move_rule(rule=rule, by=person(), position=rule.position + step)
        messages.success(request, f"Rule “{rule.name}” moved {request.POST['to']}.")
    return redirect("owner-rules", slug=slug)


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Turn a rule on or off."""
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    rule = _get(tenant, pk)
    try:
        changed = change_rule(rule=rule, by=person(), enabled=not rule.enabled)
    except Refusal as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Rule “{rule.name}” turned {'on' if changed.enabled else 'off'}.")
    return redirect("owner-rules", slug=slug)


@require_POST
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    count = apply_rules(tenant=tenant, by=person())
    if count:
        messages.success(
            request, f"Owner rules applied. {count} finding{'' if count == 1 else 's'} reassigned."
        )
    else:
        messages.info(request, "Owner rules applied. No finding changed its owner.")
    return redirect("owner-rules", slug=slug)


def _get(tenant: Tenant, pk: str) -> OwnerRule:
    rows = OwnerRule.objects.filter(tenant=tenant).select_related("tenant", "owner")
    return access.get(OwnerRule, pk, needs=Capability.ASSIGN, queryset=rows)


def _edit(request: HttpRequest, tenant: Tenant, rule: OwnerRule | None) -> HttpResponse:
    """Show the form, or save it. The button `preview` saves nothing.

    For a request of htmx, return only the preview.
    """
    people, names = owners.eligible_owners(tenant), unit_names(tenant)
    if request.headers.get("HX-Request"):
        context = {"tenant": tenant, **_preview(tenant, rule, request.GET, people)}
        return render(request, "settings/_owner_rule_preview.html", context)
    submitted: QueryDict | None = request.POST if request.method == "POST" else None
    previewed = submitted is not None and "preview" in submitted
    form = OwnerRuleForm(submitted, people=people, names=names, initial=_initial(rule))
    if submitted is not None and not previewed and form.is_valid():
        try:
            if rule is None:
                create_rule(tenant=tenant, by=person(), **form.values())
            else:
                change_rule(rule=rule, by=person(), **form.values())
        except Refusal as error:
            refused(form, error)
        else:
            messages.success(
                request,
                "Rule saved. It is applied after the next assessment. To apply it now, use “Apply now”.",
            )
            return redirect("owner-rules", slug=tenant.slug)
    if previewed:
        # Keep the typed values, without errors for fields that are still empty.
        form = OwnerRuleForm(
            people=people, names=names, initial={**request.POST.dict(), "enabled": "enabled" in request.POST}
        )
    typed = submitted if submitted is not None else _query(_initial(rule))
    context = {
        "tenant": tenant,
        "rule": rule,
        "form": form,
        "former_owner": rule.owner if rule is not None and rule.owner not in people else None,
        **_preview(tenant, rule, typed, people),
    }
    is_invalid = submitted is not None and not previewed
    return render(request, "settings/owner_rule.html", context, status=400 if is_invalid else 200)


def _initial(rule: OwnerRule | None) -> dict[str, Any]:
    if rule is None:
        return {"enabled": True}
    values = {name: getattr(rule, name) for name in FIELDS}
    return {**values, "name": rule.name, "owner": str(rule.owner_id), "enabled": rule.enabled}


def _query(values: dict[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in values.items()})
    return query


def _preview(
    tenant: Tenant, rule: OwnerRule | None, typed: QueryDict, people: list[Person]
) -> dict[str, Any]:
    """Return the findings that the entered rule would assign, or the error in the rule."""
    owner = next((who for who in people if str(who.pk) == typed.get("owner")), None)
    draft = OwnerRule(tenant=tenant)
    if rule is not None:
        draft.pk, draft.position, draft._state.adding = rule.pk, rule.position, False
    # The owner does not affect which findings match, so the check can use any person.
    conditions = {name: typed.get(name, "") for name in FIELDS}
    try:
        check_rule(
            draft, name=typed.get("name") or "Preview", owner=owner or person(), enabled=False, **conditions
        )
    except InvalidInput as error:
        return {"seen": None, "problem": error.message}
    seen = owners.preview(tenant, draft)
    names = names_for_findings(tenant, seen.sample, unit_names(tenant))
    return {
        "seen": seen,
        "means": describe_rule(draft),
        "has_owner": owner is not None,
        "sample": [
            {
                "url": reverse("finding", args=[tenant.slug, row.pk]),
                "subject": subject_text(row.subject, row.subject_name, names),
                "title": finding_title(row.control, row.outcome),
                "severity": row.severity,
                "owner": row.treatment.owner.get_full_name()
                if hasattr(row, "treatment") and row.treatment.owner
                else "",
            }
            for row in seen.sample
        ],
    }
