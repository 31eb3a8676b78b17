"""Show and change the controls that apply to a customer: its profile, and single controls that are switched off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.profiles import (
    checked_severity_rules,
    overrides_of,
    profile_part,
    set_severity_rules,
    severity_part,
    switch_on,
)
from assessments.controls.profiles import judged, profile_name
from assessments.controls.registry import catalogue, known_controls
from assessments.models import SwitchedOffControl
from assessments.severity_preview import SeverityPreview, preview_severities
from portal.treatment.actions.control_switches import change_profile, switch_control_off
from portal.treatment.selectors.baselines import PROFILE
from portal.web.components.form_parts import refused
from portal.web.settings.profile_form import SwitchOffForm
from portal.web.settings.severity_form import SeverityForm
from portal.web.shared import stale_forms
from portal.web.shared.baseline_notes import baseline_notes
from portal.web.shared.forms.profile import LABELS, ProfileForm, part_text
from portal.web.shared.visible import may, person
from tenants import access
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.values.stale_values import Part, last_change


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the customer's profile and the controls that are switched off, and change the profile."""
    is_post = request.method == "POST"
    tenant = access.tenant(slug, needs=Capability.ADMINISTER if is_post else Capability.VIEW_ALL)
    shown, others = profile_part(tenant), None
    form = ProfileForm(request.POST if is_post else None, initial=shown)
    if is_post:
        shown = stale_forms.start_of(request, form, shown)
    if is_post and form.is_valid():
        wanted = form.wanted()
        try:
            change_profile(tenant=tenant, by=person(), expected=shown, **wanted)
        except InvalidInput as error:
            refused(form, error)
        except Conflict:
            now = profile_part(tenant)
            others, _ = stale_forms.conflict(
                LABELS,
                shown,
                now,
                wanted,
                last_change(tenant, ["control.profile"], f"tenant:{tenant.slug}"),
                part_text,
            )
            form, shown = ProfileForm(initial=wanted), now
        else:
            messages.success(request, f"Profile saved. The next assessment judges {_number_judged(tenant)}.")
            return redirect("profile", slug=slug)
    status = 409 if others else 400 if form.is_bound else 200
    return _page(request, tenant, form=form, start=shown, others=others, status=status)


@require_POST
def severity(request: HttpRequest, slug: str) -> HttpResponse:
    """Change the rules by which the context of a resource changes severities.

    If the request has `preview`, show how many findings would change, and save nothing.
    """
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    form = SeverityForm(request.POST)
    if form.is_valid():
        try:
            if "preview" in request.POST:
                seen = preview_severities(tenant, checked_severity_rules(form.rules()))
                return _page(request, tenant, severity_form=form, severity_preview=seen)
            set_severity_rules(tenant=tenant, by=person(), rules=form.rules())
        except InvalidInput as error:
            refused(form, error)
        else:
            messages.success(request, "Severities saved. The next assessment uses the new severities.")
            return redirect("profile", slug=slug)
    return _page(request, tenant, severity_form=form, status=400)


@require_POST
def control_off(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    form = SwitchOffForm(request.POST, off=())
    if form.is_valid():
        try:
            row = switch_control_off(
                tenant=tenant,
                by=person(),
                slug=form.cleaned_data["control"],
                reason=form.cleaned_data["reason"],
            )
        except (InvalidInput, Conflict) as error:
            refused(form, error)
        else:
            messages.success(
                request, f"{row.control} is switched off. The next assessment does not evaluate this control."
            )
            return redirect("profile", slug=slug)
    return _page(request, tenant, off_form=form, status=400)


@require_POST
def control_on(request: HttpRequest, slug: str, control: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    try:
        switch_on(tenant=tenant, by=person(), slug=control)
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{control} is switched on. The next assessment evaluates this control.")
    return redirect("profile", slug=slug)


def _page(
    request: HttpRequest,
    tenant: Tenant,
    *,
    form: ProfileForm | None = None,
    off_form: SwitchOffForm | None = None,
    severity_form: SeverityForm | None = None,
    severity_preview: SeverityPreview | None = None,
    start: Part | None = None,
    others: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    present = profile_part(tenant)
    off = list(SwitchedOffControl.objects.filter(tenant=tenant).select_related("by").order_by("control"))
    form = form or ProfileForm(initial=present)
    context = {
        "tenant": tenant,
        "baseline_notes": baseline_notes(tenant, PROFILE),
        "may_administer": may(Capability.ADMINISTER, tenant),
        "form": form,
        "start": stale_forms.write_start(start or present),
        "others": others,
        "present_name": profile_name(present["profile"]),
        "judged": _number_judged(tenant),
        "off": [
            (row, known_controls()[row.control].title if row.control in known_controls() else "")
            for row in off
        ],
        "severity_form": severity_form or SeverityForm.of(severity_part(tenant)["rules"]),
        "severity_preview": severity_preview,
        "off_form": off_form or SwitchOffForm(off=[row.control for row in off]),
    }
    return render(request, "settings/profile.html", context, status=status)


def _number_judged(tenant: Tenant) -> str:
    number = len(judged(catalogue().values(), overrides_of(tenant)))
    return f"{number} of {len(catalogue())} controls"
