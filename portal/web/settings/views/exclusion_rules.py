"""Serve rules that exclude a customer's subscriptions by management group and tag: list, form with preview, removal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.queries.subscriptions import (
    describe_conditions,
    group_choices,
    listed_subscriptions,
    matching_subscriptions,
    tag_choices,
)
from portal.web.components.form_parts import refused
from portal.web.settings.exclusion_rule_form import (
    LABELS,
    ExclusionRuleForm,
    initial_of,
    shown_day,
)
from portal.web.shared import stale_forms
from portal.web.shared.visible import person
from tenants import access
from tenants.actions.exclusion_rules import (
    add_exclusion_rule,
    change_exclusion_rule,
    check_conditions,
    remove_exclusion_rule,
    rule_part,
)
from tenants.azure.exclusion_rules import has_ended, rules_of
from tenants.errors import InvalidInput, Refusal
from tenants.ids import parse_uuid
from tenants.models import ExclusionRule, Subscription, Tenant
from tenants.roles import Capability
from tenants.values.stale_values import LastChange, Part, last_change

_SHOWN: Final = 20
"""The maximum number of subscriptions that a preview names. The count in the preview includes all subscriptions."""


def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """List the rules in the order in which they apply."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    subscriptions = list(listed_subscriptions(tenant))
    counts = Counter(row.exclusion_rule_id for row in subscriptions)
    groups, now = _group_labels(subscriptions), timezone.now()
    rows = [
        {
            "rule": rule,
            "means": describe_conditions(rule, groups),
            "count": counts[rule.pk],
            "last_day": shown_day(rule_part(rule)["until"]),
            "has_ended": has_ended(rule, now),
        }
        for rule in rules_of(tenant)
    ]
    return render(request, "settings/exclusion_rules.html", {"tenant": tenant, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a rule. The query parameters `management_group` and `tag` fill in its conditions."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    return _edit(request, tenant, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    if request.method == "POST" and (removed := _removal(tenant, pk)):
        return _show_removed(request, tenant, removed)
    return _edit(request, tenant, _get(tenant, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show which subscriptions are included again if a rule is removed. POST removes the rule."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    if request.method == "POST" and _removal(tenant, pk):
        messages.info(request, "The rule was already removed.")
        return redirect("exclusion-rules", slug=slug)
    rule = _get(tenant, pk)
    shown, others = rule_part(rule), None
    if request.method == "POST":
        others = stale_forms.remove_unchanged(
            request,
            lambda start: remove_exclusion_rule(rule=rule, by=person(), expected=start),
            lambda start: _conflict(tenant, rule, start, {}),
        )
        if others is None:
            messages.success(
                request,
                f"Rule “{rule.name}” removed. The next assessment covers the subscriptions of the rule, unless"
                " another rule or a person excludes them.",
            )
            return redirect("exclusion-rules", slug=slug)
    rows = list(listed_subscriptions(tenant))
    context = {
        "tenant": tenant,
        "rule": rule,
        "means": describe_conditions(rule, _group_labels(rows)),
        "freed": _included_without(tenant, rule, rows),
        "start": stale_forms.write_start(shown),
        "others": others,
    }
    return render(request, "settings/exclusion_rule_remove.html", context, status=409 if others else 200)


def _get(tenant: Tenant, pk: str) -> ExclusionRule:
    rows = ExclusionRule.objects.filter(tenant=tenant).select_related("tenant")
    return access.get(ExclusionRule, pk, needs=Capability.ADMINISTER, queryset=rows)


def _removal(tenant: Tenant, pk: str) -> LastChange | None:
    """Return who removed the rule with this id. Return None if the rule exists, or if the customer never had such a
    rule.
    """
    identifier = parse_uuid(pk)
    target = f"exclusionrule:{identifier}"
    return last_change(tenant, ["exclusion_rule.removed"], target) if identifier else None


def _included_without(tenant: Tenant, rule: ExclusionRule, rows: list[Subscription]) -> list[Subscription]:
    """Return the subscriptions that will be included again if the rule is removed."""
    now = timezone.now()
    others = [one for one in rules_of(tenant) if one.pk != rule.pk and not has_ended(one, now)]
    kept = {row.pk for one in others for row in matching_subscriptions(one, rows)}
    return [row for row in rows if row.exclusion_rule_id == rule.pk and row.included and row.pk not in kept]


def _conflict(
    tenant: Tenant, rule: ExclusionRule, start: Part, typed: Mapping[str, Any]
) -> stale_forms.Conflict:
    """Return the rule's values that somebody else saved meanwhile, and the same values merged with `typed`."""
    last = last_change(tenant, ["exclusion_rule.changed"], f"exclusionrule:{rule.pk}")
    return stale_forms.conflict(LABELS, start, rule_part(rule), typed, last, _text)


def _text(key: str, value: Any) -> str:
    return (shown_day(value) if key == "until" else str(value or "")) or "none"


def _show_removed(request: HttpRequest, tenant: Tenant, removed: LastChange) -> HttpResponse:
    """Show the submitted values of a rule that somebody else has removed, so that the person can add the rule again."""
    rows = list(listed_subscriptions(tenant))
    context = {
        "tenant": tenant,
        "form": ExclusionRuleForm(initial=request.POST.dict()),
        "removed": removed,
        "start": "",
        **_choices(rows),
        **_preview(tenant, None, request.POST, rows),
    }
    return render(request, "settings/exclusion_rule.html", context, status=409)


def _edit(request: HttpRequest, tenant: Tenant, rule: ExclusionRule | None) -> HttpResponse:
    """Show the form, or save the rule. The button `preview` saves nothing.

    For a request of htmx, return only the preview.
    """
    rows = list(listed_subscriptions(tenant))
    if request.headers.get("HX-Request"):
        context = {"tenant": tenant, **_preview(tenant, rule, request.GET, rows)}
        return render(request, "settings/_exclusion_rule_preview.html", context)
    is_sent = request.method == "POST"
    previewed = is_sent and "preview" in request.POST
    start: Part = rule_part(rule) if rule is not None else {}
    initial = initial_of(start) if rule is not None else _conditions_of_link(request)
    form = ExclusionRuleForm(request.POST if is_sent else None, initial=initial)
    others = None
    if is_sent and rule is not None:
        start = stale_forms.start_of(request, form, start)
    if is_sent and not previewed and form.is_valid():
        typed = form.values(str(start.get("until") or ""))
        try:
            if rule is None:
                saved = add_exclusion_rule(tenant=tenant, by=person(), **typed)
            else:
                saved = change_exclusion_rule(rule=rule, by=person(), expected=start, **typed)
        except Refusal as error:
            if rule is None or error.code not in (stale_forms.CODE, stale_forms.REMOVED):
                refused(form, error)
            elif error.code == stale_forms.REMOVED and (removed := _removal(tenant, str(rule.pk))):
                return _show_removed(request, tenant, removed)
            else:
                rule = _get(tenant, str(rule.pk))
                end = typed["until"]
                sent = {**typed, "until": end.astimezone(UTC).isoformat() if end else ""}
                others, merged = _conflict(tenant, rule, start, sent)
                form, start = ExclusionRuleForm(initial=initial_of(merged)), rule_part(rule)
        else:
            count = Subscription.objects.filter(tenant=tenant, exclusion_rule=saved).count()
            number = f"{count} subscription{'' if count == 1 else 's'}"
            messages.success(request, f"Rule “{saved.name}” saved. It excludes {number} now.")
            return redirect("exclusion-rules", slug=tenant.slug)
    if previewed:
        # People can use the preview before they have filled in all fields. So show the typed values without errors.
        form = ExclusionRuleForm(initial=request.POST.dict())
    values = request.POST if is_sent and others is None else form.initial
    context = {
        "tenant": tenant,
        "rule": rule,
        "form": form,
        "start": stale_forms.write_start(start),
        "others": others,
        **_choices(rows),
        **_preview(tenant, rule, values, rows),
    }
    status = 409 if others else 400 if is_sent and not previewed else 200
    return render(request, "settings/exclusion_rule.html", context, status=status)


def _conditions_of_link(request: HttpRequest) -> dict[str, str]:
    """Return the conditions from the query. Links on other pages suggest a rule in this way."""
    return {name: request.GET.get(name, "") for name in ("management_group", "tag")}


def _choices(rows: list[Subscription]) -> dict[str, Any]:
    return {"groups": group_choices(rows), "tags": tag_choices(rows)}


def _group_labels(rows: list[Subscription]) -> dict[str, str]:
    return {name.casefold(): label for name, label in group_choices(rows)}


def _preview(
    tenant: Tenant, rule: ExclusionRule | None, typed: Mapping[str, Any], rows: list[Subscription]
) -> dict[str, Any]:
    """Return values for the template. `problem` says why the entered conditions are invalid.

    `already` counts the matching subscriptions that another rule or a person excludes. `seen` are all other matching
    subscriptions.
    """
    draft = ExclusionRule(tenant=tenant)
    group, tag = (str(typed.get(name) or "") for name in ("management_group", "tag"))
    if not group.strip() and not tag.strip():
        return {"seen": None, "problem": ""}
    try:
        check_conditions(draft, management_group=group, tag=tag)
    except InvalidInput as error:
        return {"seen": None, "problem": error.message}
    matching = matching_subscriptions(draft, rows)
    own = rule.pk if rule is not None else None
    already = [row for row in matching if not row.included or row.exclusion_rule_id not in (None, own)]
    new = [row for row in matching if row not in already]
    freed = [row for row in rows if own and row.exclusion_rule_id == own and row not in matching]
    return {
        "seen": new,
        "sample": new[:_SHOWN],
        "more": max(0, len(new) - _SHOWN),
        "already": len(already),
        "freed": len(freed),
        "means": describe_conditions(draft, _group_labels(rows)),
        "problem": "",
    }
