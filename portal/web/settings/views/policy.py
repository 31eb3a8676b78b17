"""Show and change a tenant's policy: due dates, maximum length of exceptions, name, time zone and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.treatment.actions.policy import change_policy
from portal.treatment.selectors.baselines import DUE_DAYS, EXCEPTION_CAP
from portal.web.components.form_parts import refused
from portal.web.settings import policy_page
from portal.web.settings.policy_form import (
    ZONES_ID,
    PolicyForm,
    columns_of,
    default_days,
    read_start,
    time_zones,
)
from portal.web.shared import stale_forms
from portal.web.shared.baseline_notes import baseline_notes
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, Refusal
from tenants.models import Tenant
from tenants.roles import Capability


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and save the policy. For a request of htmx, return only the preview.

    The buttons `preview` and `defaults` save nothing. `defaults` fills in the default due days and the default maximum
    length of exceptions.

    The field `start` contains the values with which the form was opened. If somebody else has changed a stored value
    since then, nothing is saved. The page then shows these changes, and the entered values merged with them (HTTP 409).
    """
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    if request.headers.get("HX-Request"):
        form = PolicyForm(request.GET, tenant=tenant)
        return render(request, "settings/_policy_preview.html", policy_page.preview(tenant, form))
    if request.method != "POST":
        columns = columns_of(tenant)
        return _page(request, tenant, PolicyForm.of(tenant, columns), columns)
    start = read_start(request.POST.get("start", ""))
    if "defaults" in request.POST:
        filled = PolicyForm(tenant=tenant, initial={**request.POST.dict(), **default_days()})
        return _page(request, tenant, filled, start or columns_of(tenant), filled_in=True)
    return _save(request, tenant, start)


def _save(request: HttpRequest, tenant: Tenant, start: Mapping[str, Any] | None) -> HttpResponse:
    form = PolicyForm(request.POST, tenant=tenant)
    is_valid = form.is_valid()
    if "preview" in request.POST:
        return _page(request, tenant, form, start or columns_of(tenant))
    if is_valid and start is None:
        form.add_error(
            None,
            "The form arrived incomplete, so nothing was saved. Reload the page and try again.",
        )
    elif is_valid and start is not None:
        try:
            changed = change_policy(tenant=tenant, by=person(), expected=start, **form.values())
        except Conflict:
            return _show_conflict(request, form, start)
        except Refusal as error:
            refused(form, error)
        else:
            changes = policy_page.describe_changes(columns_of(tenant), columns_of(changed))
            if changes:
                messages.success(request, f"Policy saved. {changes}.")
            else:
                messages.info(request, "No changes to save.")
            return redirect("tenant-settings", slug=tenant.slug)
    return _page(request, tenant, form, start or columns_of(tenant), status=400)


def _show_conflict(request: HttpRequest, form: PolicyForm, start: Mapping[str, Any]) -> HttpResponse:
    """Save nothing. Show the values that somebody else has saved, and the form with these values merged with the
    entered ones. The person can save the merged values by submitting the form.
    """
    tenant = Tenant.objects.get(pk=form.tenant.pk)
    now, typed = columns_of(tenant), form.values()
    merged = PolicyForm(tenant=tenant, initial=policy_page.merge(start, now, typed))
    others = policy_page.conflict(tenant, start, now, typed)
    return _page(request, tenant, merged, now, status=409, others=others)


def _page(
    request: HttpRequest,
    tenant: Tenant,
    form: PolicyForm,
    start: Mapping[str, Any],
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "tenant": tenant,
        "baseline_notes": baseline_notes(tenant, DUE_DAYS, EXCEPTION_CAP),
        "form": form,
        "start": stale_forms.write_start(start),
        "zones": time_zones(),
        "zones_id": ZONES_ID,
        **policy_page.preview(tenant, form),
        **more,
    }
    return render(request, "settings/policy.html", context, status=status)
