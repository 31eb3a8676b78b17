"""Serve the owner rules of a tenant: the ordered list, the form with a preview, and the button that applies the
rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from assessments.display.subjects import subject_text
from assessments.presentation.finding_names import names_for_findings, place_names
from portal.treatment.actions.owners.rules import (
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
from portal.treatment.selectors.owners import rule_part
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.forms.owner_rule import OwnerRuleForm, rule_conflict
from portal.web.shared.visible import person, unit_names
from tenants import access
from tenants.errors import InvalidInput, Refusal
from tenants.ids import parse_uuid
from tenants.models import Person, Tenant
from tenants.roles import Capability
from tenants.values.stale_values import LastChange, Part, last_change


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
    if request.method == "POST" and (removed := _deletion(tenant, pk)):
        return _show_removed(request, tenant, removed)
    return _edit(request, tenant, _get(tenant, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Ask for confirmation, then delete a rule."""
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    if _deletion(tenant, pk) and request.method == "POST":
        messages.info(request, "The rule was already deleted.")
        return redirect("owner-rules", slug=slug)
    rule = _get(tenant, pk)
    shown, others = rule_part(rule), None
    if request.method == "POST":
        others = stale_forms.remove_unchanged(
            request,
            lambda start: delete_rule(rule=rule, by=person(), expected=start),
            lambda start: _conflict(tenant, rule, start, {}),
        )
        if others is None:
            messages.success(
                request, f"Rule “{rule.name}” deleted. Findings that the rule has assigned keep their owner."
            )
            return redirect("owner-rules", slug=slug)
    context = {
        "tenant": tenant,
        "rule": rule,
        "means": describe_rule(rule),
        "owned": owners.assigned_by_rule(rule).count(),
        "start": stale_forms.write_start(shown),
        "others": others,
    }
    return render(request, "settings/owner_rule_delete.html", context, status=409 if others else 200)


@require_POST
def move(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Move a rule one place. `to` in the POST is “up” or “down”."""
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


def _deletion(tenant: Tenant, pk: str) -> LastChange | None:
    """Return who deleted the rule with this id. Return None if the rule exists, or if the customer never had such a
    rule.
    """
    identifier = parse_uuid(pk)
    return last_change(tenant, ["owner_rule.deleted"], f"ownerrule:{identifier}") if identifier else None


def _conflict(tenant: Tenant, rule: OwnerRule, start: Part, typed: Mapping[str, Any]) -> stale_forms.Conflict:
    """Return the rule's values that somebody else saved meanwhile, and the same values merged with `typed`."""
    now = rule_part(rule)
    # `start` comes from the browser and could contain anybody's id. So the page may show only the names of the stored
    # owner and of eligible owners.
    eligible = owners.eligible_owners(tenant)
    people = {str(who.pk): who.get_full_name() for who in [*eligible, rule.owner]}
    form = OwnerRuleForm(people=eligible, names=unit_names(tenant))
    last = last_change(tenant, ["owner_rule.changed"], f"ownerrule:{rule.pk}")
    return rule_conflict(form, start, now, typed, last=last, people=people)


def _show_removed(request: HttpRequest, tenant: Tenant, removed: LastChange) -> HttpResponse:
    """Show the submitted values of a rule that somebody deleted in the meantime, so that the person can add the rule
    again.
    """
    people, names = owners.eligible_owners(tenant), unit_names(tenant)
    typed = {**request.POST.dict(), "enabled": "enabled" in request.POST}
    context = {
        "tenant": tenant,
        "form": OwnerRuleForm(people=people, names=names, initial=typed),
        "removed": removed,
        "start": "",
        **_preview(tenant, None, request.POST, people),
    }
    return render(request, "settings/owner_rule.html", context, status=409)


def _edit(request: HttpRequest, tenant: Tenant, rule: OwnerRule | None) -> HttpResponse:
    """Show the form, or save the rule. The button `preview` saves nothing.

    For a request of htmx, return only the preview.
    """
    people, names = owners.eligible_owners(tenant), unit_names(tenant)
    if request.headers.get("HX-Request"):
        context = {"tenant": tenant, **_preview(tenant, rule, request.GET, people)}
        return render(request, "settings/_owner_rule_preview.html", context)
    submitted: QueryDict | None = request.POST if request.method == "POST" else None
    previewed = submitted is not None and "preview" in submitted
    form = OwnerRuleForm(submitted, people=people, names=names, initial=_initial(rule))
    start, others = _initial(rule), None
    if submitted is not None and rule is not None:
        start = stale_forms.start_of(request, form, start)
    if submitted is not None and not previewed and form.is_valid():
        try:
            if rule is None:
                create_rule(tenant=tenant, by=person(), **form.values())
            else:
                change_rule(rule=rule, by=person(), expected=start, **form.values())
        except Refusal as error:
            if (
                rule is not None
                and error.code == stale_forms.REMOVED
                and (removed := _deletion(tenant, str(rule.pk)))
            ):
                return _show_removed(request, tenant, removed)
            if rule is None or error.code != stale_forms.CODE:
                refused(form, error)
            else:
                rule = _get(tenant, str(rule.pk))
                others, merged = _conflict(tenant, rule, start, form.cleaned_data)
                form = OwnerRuleForm(people=people, names=names, initial=merged)
                submitted, start = None, rule_part(rule)
        else:
            messages.success(
                request,
                "Rule saved. The rule takes effect after the next assessment. To apply the owner rules now, use"
                " “Apply now”.",
            )
            return redirect("owner-rules", slug=tenant.slug)
    if previewed:
        # People can use the preview before they have filled in all fields. So show the typed values without errors.
        form = OwnerRuleForm(
            people=people, names=names, initial={**request.POST.dict(), "enabled": "enabled" in request.POST}
        )
    typed = submitted if submitted is not None else _query(dict(form.initial))
    context = {
        "tenant": tenant,
        "rule": rule,
        "form": form,
        "start": stale_forms.write_start(start),
        "others": others,
        "former_owner": rule.owner if rule is not None and rule.owner not in people else None,
        **_preview(tenant, rule, typed, people),
    }
    status = 409 if others else 400 if submitted is not None and not previewed else 200
    return render(request, "settings/owner_rule.html", context, status=status)


def _initial(rule: OwnerRule | None) -> dict[str, Any]:
    return {"enabled": True} if rule is None else rule_part(rule)


def _query(values: dict[str, Any]) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in values.items()})
    return query


def _preview(
    tenant: Tenant, rule: OwnerRule | None, typed: QueryDict, people: list[Person]
) -> dict[str, Any]:
    """Return the findings that the entered rule would assign. If the rule is invalid, return a message about the
    problem.
    """
    owner = next((who for who in people if str(who.pk) == typed.get("owner")), None)
    draft = OwnerRule(tenant=tenant)
    if rule is not None:
        draft.pk, draft.position, draft._state.adding = rule.pk, rule.position, False
    conditions = {name: typed.get(name, "") for name in FIELDS}
    try:
        # The owner does not affect which findings match, so the check may use any person as owner.
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
