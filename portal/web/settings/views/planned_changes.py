"""Serve the planned changes of a customer: the list, the form, and cancelling."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from portal.changes.actions.plans import cancel_plan, plan_change
from portal.changes.models import PlannedChange
from portal.web.components.form_parts import refused
from portal.web.settings.planned_change_form import PlannedChangeForm
from portal.web.shared.visible import person, unit_names
from tenants import access
from tenants.errors import Refusal
from tenants.roles import Capability

MAX_SHOWN: Final = 100


@require_http_methods(["GET", "HEAD", "POST"])
def plans(request: HttpRequest, slug: str) -> HttpResponse:
    """List the planned changes, and add one."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    names, now = unit_names(tenant), timezone.now()
    with timezone.override(ZoneInfo(tenant.timezone)):
        data = request.POST if request.method == "POST" else None
        form = PlannedChangeForm(data, names=names, zone=tenant.timezone)
        is_valid = request.method == "POST" and form.is_valid()
    if is_valid:
        try:
            plan = plan_change(tenant=tenant, by=person(), **form.cleaned_data)
        except Refusal as error:
            refused(form, error)
        else:
            messages.success(request, f"Planned change “{plan.name}” saved.")
            return redirect("planned-changes", slug=slug)
    rows = PlannedChange.objects.filter(tenant=tenant).select_related("created_by", "cancelled_by")
    counted = rows.annotate(expected=Count("changes")).order_by("-starts_at", "-id")
    context = {
        "tenant": tenant,
        "form": form,
        "rows": [(plan, _state(plan, now), _scope(plan, names)) for plan in counted[:MAX_SHOWN]],
        "total": rows.count(),
    }
    return render(request, "settings/planned_changes.html", context, status=400 if form.is_bound else 200)


@require_POST
def cancel(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    plan = access.of_tenant(tenant, PlannedChange, pk, needs=Capability.ADMINISTER, related=("tenant",))
    try:
        cancel_plan(plan=plan, by=person())
    except Refusal as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Planned change “{plan.name}” cancelled.")
    return redirect("planned-changes", slug=slug)


def _state(plan: PlannedChange, now: datetime) -> str:
    if plan.cancelled_at is not None:
        return "cancelled"
    if plan.ends_at <= now:
        return "over"
    return "now" if plan.starts_at <= now else "ahead"


def _scope(plan: PlannedChange, names: dict[str, str]) -> list[Any]:
    units = [names.get(unit, unit) for unit in plan.units]
    return [*units, *plan.groups, *plan.types, *plan.actors]
