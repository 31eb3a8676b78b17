"""Serve the watch rules of a customer: the shipped rules, the customer's own rules, and the form with its preview."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assessments.models import Finding
from portal.changes.actions.rules import check_rule, delete_rule, save_rule, set_shipped
from portal.changes.models import WatchRule
from portal.changes.preview import PREVIEW_DAYS, preview
from portal.changes.shipped import SHIPPED, rules_of
from portal.web.components.form_parts import refused
from portal.web.shared.forms.watch_rule import WatchRuleForm, values_of_rule
from portal.web.shared.visible import person, unit_names
from tenants import access
from tenants.errors import InvalidInput, Refusal
from tenants.models import Tenant
from tenants.roles import Capability


def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """List the shipped rules and the customer's own rules."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    found = rules_of(tenant)
    context = {
        "tenant": tenant,
        "shipped": [(rule, SHIPPED[rule.shipped]) for rule in found if rule.shipped],
        "own": [rule for rule in found if not rule.shipped],
        "severities": Finding.Severity.choices,
    }
    return render(request, "settings/watch_rules.html", context)


@require_POST
def shipped(request: HttpRequest, slug: str) -> HttpResponse:
    """Save the shipped rules that the person changed: whether a rule is on for the customer, and its severity.

    Rules that the person did not change keep their values, which somebody else may have changed since the page was
    opened.
    """
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    typed = {
        key: (request.POST.get(f"severity-{key}", ""), f"enabled-{key}" in request.POST)
        for key in request.POST.getlist("shipped")
    }
    changed = {
        key: (severity, enabled)
        for key, (severity, enabled) in typed.items()
        if request.POST.get(f"start-{key}") != f"{severity} {enabled}"
    }
    try:
        with transaction.atomic():
            saved = [
                set_shipped(tenant=tenant, by=person(), key=key, enabled=enabled, severity=severity)
                for key, (severity, enabled) in changed.items()
            ]
    except Refusal as error:
        messages.error(request, error.message)
    else:
        names = ", ".join(f"“{row.name}”" for row in saved)
        messages.success(request, f"Saved: {names}." if saved else "No rule was changed.")
    return redirect("watch-rules", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    return _edit(request, tenant, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    return _edit(request, tenant, _get(tenant, pk))


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    rule = _get(tenant, pk)
    delete_rule(rule=rule, by=person())
    messages.success(
        request, f"Rule “{rule.name}” deleted. Changes that the rule has caught keep their reviews."
    )
    return redirect("watch-rules", slug=slug)


def _get(tenant: Tenant, pk: str) -> WatchRule:
    rows = WatchRule.objects.filter(tenant=tenant, shipped="").select_related("tenant")
    return access.get(WatchRule, pk, needs=Capability.ADMINISTER, queryset=rows)


def _edit(request: HttpRequest, tenant: Tenant, rule: WatchRule | None) -> HttpResponse:
    """Show the form, or save the rule. For a request of htmx, return only the preview."""
    names = unit_names(tenant)
    if request.headers.get("HX-Request"):
        context = {"tenant": tenant, **_preview(tenant, names, request.GET)}
        return render(request, "settings/_watch_rule_preview.html", context)
    initial = values_of_rule(rule) if rule else None
    form = WatchRuleForm(request.POST if request.method == "POST" else None, names=names, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_rule(tenant=tenant, by=person(), rule=rule, **form.values())
        except Refusal as error:
            refused(form, error)
        else:
            messages.success(
                request, "Rule saved. The rule applies to changes that Surety finds from now on."
            )
            return redirect("watch-rules", slug=tenant.slug)
    shown: dict[str, Any] = {"seen": None}
    if rule is not None and not form.is_bound:
        shown = {"seen": preview(tenant, rule, timezone.now()), "days": PREVIEW_DAYS}
        shown["sample"] = _sample(tenant, shown["seen"].sample)
    elif form.is_bound:
        shown = _preview(tenant, names, request.POST)
    context = {"tenant": tenant, "rule": rule, "form": form, **shown}
    return render(request, "settings/watch_rule.html", context, status=400 if form.is_bound else 200)


def _preview(tenant: Tenant, names: dict[str, str], typed: QueryDict) -> dict[str, Any]:
    """Return the past changes that the entered rule would have caught. If the rule is invalid, return a message about
    the problem.
    """
    data = typed.copy()
    data["name"] = data.get("name") or "Preview"
    form = WatchRuleForm(data, names=names)
    if not form.is_valid():
        return {"seen": None, "problem": next(iter(form.errors.values()))[0]}
    try:
        draft = check_rule(WatchRule(tenant=tenant), **form.values())
    except InvalidInput as error:
        return {"seen": None, "problem": error.message}
    seen = preview(tenant, draft, timezone.now())
    return {"seen": seen, "days": PREVIEW_DAYS, "sample": _sample(tenant, seen.sample)}


def _sample(tenant: Tenant, changes: Any) -> list[tuple[str, Any]]:
    return [(reverse("resource-change", args=[tenant.slug, change.pk]), change) for change in changes]
