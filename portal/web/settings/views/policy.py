"""A tenant's policy: due dates, the longest exception, and the tenant's own name, time zone and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.treatment.actions.policy import change_policy
from portal.web.components.form_parts import refused
from portal.web.settings import policy_page
from portal.web.settings.policy_form import (
    ZONES_ID,
    PolicyForm,
    columns_of,
    default_days,
    read_start,
    time_zones,
    write_start,
)
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, SuretyError
from tenants.models import Tenant
from tenants.roles import Capability


@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """The form with its preview. Asked by htmx, the preview alone.

    `preview` keeps nothing, `defaults` fills in the days that every tenant begins with. What the form started
    from comes with it (`start`): where that is no longer so, nothing is kept and both are shown (409).
    """
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    if request.headers.get("HX-Request"):
        form = PolicyForm(request.GET, tenant=tenant)
        return render(request, "settings/_policy_preview.html", policy_page.preview(tenant, form))
    if request.method != "POST":
        columns = columns_of(tenant)
        return _page(request, tenant, PolicyForm.of(tenant, columns), columns)
    given = request.POST
    start = read_start(given.get("start", ""))
    if "defaults" in given:
        filled = PolicyForm(tenant=tenant, initial={**given.dict(), **default_days()})
        return _page(request, tenant, filled, start or columns_of(tenant), filled_in=True)
    return _given(request, tenant, given, start)


def _given(
    request: HttpRequest, tenant: Tenant, given: QueryDict, start: Mapping[str, Any] | None
) -> HttpResponse:
    form = PolicyForm(given, tenant=tenant)
    fits = form.is_valid()
    if "preview" in given:
        return _page(request, tenant, form, start or columns_of(tenant))
    if fits and start is None:
        form.add_error(None, "This page does not say what it started from. Open it anew, then change it.")
    elif fits and start is not None:
        try:
            changed = change_policy(tenant=tenant, by=person(), expected=start, **form.values())
        except Conflict:
            return _changed_meanwhile(request, form, start)
        except SuretyError as error:
            refused(form, error)
        else:
            said = policy_page.in_words(columns_of(tenant), columns_of(changed))
            if said:
                messages.success(request, f"Kept. {said}.")
            else:
                messages.info(request, "Nothing was changed.")
            return redirect("tenant-settings", slug=tenant.slug)
    return _page(request, tenant, form, start or columns_of(tenant), status=400)


def _changed_meanwhile(request: HttpRequest, form: PolicyForm, start: Mapping[str, Any]) -> HttpResponse:
    """Nothing kept: what was typed and what somebody else has set, to be kept by a second submission."""
    tenant = Tenant.objects.get(pk=form.tenant.pk)
    now, typed = columns_of(tenant), form.values()
    both = PolicyForm(tenant=tenant, initial=policy_page.together(start, now, typed))
    others = policy_page.meanwhile(tenant, start, now, typed)
    return _page(request, tenant, both, now, status=409, others=others)


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
        "form": form,
        "start": write_start(start),
        "zones": time_zones(),
        "zones_id": ZONES_ID,
        **policy_page.preview(tenant, form),
        **more,
    }
    return render(request, "settings/policy.html", context, status=status)
