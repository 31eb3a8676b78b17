"""Add, change and delete the rules that open tickets. The form shows how many tickets a rule would open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from portal.tickets.actions.rules import check_rule, delete_rule, rule_part, save_rule
from portal.tickets.models import TicketRule
from portal.tickets.preview import Preview, customers_of, preview
from portal.tickets.selectors import rules, systems
from portal.web.components.form_parts import refused
from portal.web.shared import stale_forms
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from portal.web.tickets.conflicts import resolved
from portal.web.tickets.forms import RuleForm
from tenants import access
from tenants.errors import Refusal
from tenants.models import Organization, Tenant
from tenants.roles import Capability


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    return _edit(request, access.organization(slug, needs=Capability.ORGANIZATION), None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    return _edit(request, organization, _get(organization, pk))


@require_POST
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    rule = _get(access.organization(slug, needs=Capability.ORGANIZATION), pk)
    with reported(
        request,
        f"Rule “{rule.name}” deleted. The tickets of the rule remain. Surety still closes and reopens these tickets.",
    ):
        delete_rule(rule=rule, by=person())
    return redirect("tickets", slug=slug)


def _get(organization: Organization, pk: str) -> TicketRule:
    return access.get(TicketRule, pk, needs=Capability.ORGANIZATION, queryset=rules(organization))


def _edit(request: HttpRequest, organization: Organization, rule: TicketRule | None) -> HttpResponse:
    """Show the form, or save the rule. For a request of htmx, return only the preview."""
    customers = list(access.tenants(needs=Capability.VIEW).filter(organization=organization))
    parts: dict[str, Any] = {
        "systems": list(systems(organization)),
        "customers": customers,
        "chosen": _chosen(rule),
    }
    if request.headers.get("HX-Request"):
        context = {"organization": organization, **_preview(organization, request.GET, parts, rule)}
        return render(request, "tickets/_preview.html", context)
    form = RuleForm(request.POST if request.method == "POST" else None, rule=rule, **parts)
    start, others = rule_part(rule) if rule else {}, None
    if request.method == "POST" and rule is not None:
        start = stale_forms.start_of(request, form, start)
    if request.method == "POST" and form.is_valid():
        try:
            save_rule(
                organization=organization,
                by=person(),
                rule=rule,
                customers=form.chosen(),
                expected=start if rule else None,
                **form.rule_values(),
            )
        except Refusal as error:
            if rule is None or error.code != stale_forms.CODE:
                refused(form, error)
            else:
                rule = _get(organization, str(rule.pk))
                now = rule_part(rule)
                others, merged = resolved(form, organization, f"ticketrule:{rule.pk}", start, now)
                parts["chosen"] = _chosen(rule)
                form, start = RuleForm(rule=rule, initial=merged, **parts), now
        else:
            effect = "opens the tickets of the rule within minutes"
            if not form.cleaned_data["enabled"]:
                effect = "opens no tickets for the rule until you switch it on"
            messages.success(request, f"Rule saved. Surety {effect}.")
            return redirect("tickets", slug=organization.slug)
    shown: dict[str, Any] = {"seen": None}
    if rule is not None and not form.is_bound:
        shown = {"seen": _seen(rule, customers, parts["chosen"] if rule.only_chosen else None)}
    elif form.is_bound:
        shown = _preview(organization, request.POST, parts, rule)
    context = {
        "organization": organization,
        "rule": rule,
        "form": form,
        "start": stale_forms.write_start(start),
        "others": others,
        "has_systems": bool(parts["systems"]),
        **shown,
    }
    status = 409 if others else 400 if form.is_bound else 200
    return render(request, "tickets/rule.html", context, status=status)


def _chosen(rule: TicketRule | None) -> list[Tenant]:
    return list(Tenant.objects.filter(pk__in=rule.customers.values("tenant"))) if rule else []


def _preview(
    organization: Organization, typed: QueryDict, parts: dict[str, Any], rule: TicketRule | None
) -> dict[str, Any]:
    """Return how many tickets the entered rule would open. If the rule is invalid, return a message about the
    problem.
    """
    data = typed.copy()
    data["name"] = data.get("name") or "Preview"
    form = RuleForm(data, rule=rule, **parts)
    if not form.is_valid():
        return {"seen": None, "problem": next(iter(form.errors.values()))[0]}
    try:
        draft = check_rule(TicketRule(organization=organization), **form.rule_values())
    except Refusal as error:
        return {"seen": None, "problem": error.message}
    return {"seen": _seen(draft, parts["customers"], form.chosen())}


def _seen(rule: TicketRule, customers: list[Tenant], chosen: list[Tenant] | None) -> Preview:
    rule.only_chosen = chosen is not None
    return preview(rule, customers_of(rule, customers, chosen or []), timezone.now())
