"""Serve the retention periods that an organization sets: the defaults for its customers, and the periods for notices
and sessions of its people.
"""

from __future__ import annotations

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assessments.estate.quantities import in_days
from portal.retention.actions.policy import set_organization_periods
from portal.retention.kinds import CUSTOMER_KINDS, DELAY_DAYS, KINDS, ORGANIZATION_KINDS
from portal.retention.selectors import chosen_of, holds_of, organization_periods
from portal.web.components.form_parts import refused
from portal.web.organization.retention_preview import preview_of, previewed, request_previews
from portal.web.shared.forms.retention import RetentionForm, days_label, report_saved, retention_conflict
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.values.stale_values import last_change

PER_PAGE: Final = 100


@require_http_methods(["GET", "HEAD", "POST"])
def default_retention(request: HttpRequest, slug: str) -> HttpResponse:
    """Show and save the defaults. Also list the customers that have periods of their own or a legal hold."""
    organization = access.organization(slug, needs=Capability.RETAIN)
    found = organization_periods(organization, [*CUSTOMER_KINDS, *ORGANIZATION_KINDS])
    defaults = {period.kind.key: in_days(period.kind.default) for period in found}
    shown = previewed(request.GET, found)
    data = request.POST if request.method == "POST" else None
    form = RetentionForm(data, periods=found, defaults=defaults, typed=shown)
    others = None
    if form.is_bound and "preview" in request.POST and form.is_valid():
        query = request_previews(organization, form.wanted())
        return redirect(f"{reverse('organization-retention', args=[slug])}?{query}")
    if form.is_bound and form.is_valid():
        try:
            rules = set_organization_periods(
                organization=organization, by=person(), wanted=form.wanted(), expected=form.expected()
            )
        except Conflict:
            found = organization_periods(organization, [*CUSTOMER_KINDS, *ORGANIZATION_KINDS])
            last = last_change(organization, ["retention.changed"], f"organization:{organization.pk}")
            others, merged = retention_conflict(form, found, last)
            form = RetentionForm(periods=found, defaults=defaults, typed=merged)
        except InvalidInput as error:
            refused(form, error)
        else:
            report_saved(request, rules)
            return redirect("organization-retention", slug)
    page = Paginator(
        Tenant.objects.filter(organization=organization).order_by("name", "pk"), PER_PAGE
    ).get_page(request.GET.get("page"))
    context = {
        "organization": organization,
        "form": form,
        "others": others,
        "delay": DELAY_DAYS,
        "page": page,
        "rows": _customers(list(page.object_list)),
        "preview": preview_of(organization, shown) if shown else None,
    }
    status = 409 if others else 400 if form.is_bound else 200
    return render(request, "organization/retention.html", context, status=status)


def _customers(tenants: list[Tenant]) -> list[dict[str, Any]]:
    own = chosen_of([tenant.pk for tenant in tenants])
    holds = holds_of([tenant.pk for tenant in tenants])
    return [
        {
            "tenant": tenant,
            "own": [
                f"{KINDS[key].label}: {'without limit' if text == 'keep' else days_label(int(text))}"
                for key, text in sorted(own.get(tenant.pk, {}).items())
            ],
            "hold": holds.get(tenant.pk),
        }
        for tenant in tenants
    ]
