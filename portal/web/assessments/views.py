"""List the assessments of a tenant, show their live progress, and start, cancel and retry them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessments import selectors
from assessments.actions.cancel import cancel as cancel_action
from assessments.actions.start import retry as retry_action
from assessments.actions.start import start as start_action
from assessments.models import Assessment
from assessments.presentation.extent import extent_label
from portal.queries.portfolio.by_tenant import unit_totals
from portal.queries.run_state import run_key
from portal.web.assessments import page as assessment_page
from portal.web.shared import permission_cards
from portal.web.shared.visible import may, person, unit_names
from tenants import access
from tenants.errors import Refusal
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.selectors import service_principals, subscriptions

PER_PAGE: Final = 50


def assessments(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    page = Paginator(selectors.assessments(tenant).defer("parameters"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    figures = unit_totals([row.pk for row in page.object_list])
    context = {
        "tenant": tenant,
        "page": page,
        "rows": [
            {
                "url": reverse("assessment", args=[slug, row.pk]),
                "number": row.number,
                "at": row.started_at or row.created_at,
                "status": run_key(row),
                "units": assessment_page.units_read(row),
                "extent": extent_label(row) if row.only else "",
                **figures.get(row.pk, {}),
                "by": assessment_page.started_by(row),
                "took": assessment_page.duration(row),
            }
            for row in page.object_list
        ],
        "may_assess": may(Capability.ASSESS, tenant),
        "may_administer": may(Capability.ADMINISTER, tenant),
        "is_connected": bool(page.object_list) or _is_connected(tenant),
    }
    return render(request, "assessments/list.html", context)


def _is_connected(tenant: Tenant) -> bool:
    """Return whether an assessment can start: the customer has a service principal or a delegated subscription."""
    return service_principals(tenant).exists() or subscriptions(tenant).filter(is_delegated=True).exists()


def _context(tenant: Tenant, assessment: Assessment) -> dict[str, Any]:
    rows = selectors.units(assessment).select_related("service_principal__directory")
    units, names = list(rows.defer("service_principal__credential")), unit_names(tenant)
    see_all = may(Capability.VIEW_ALL, tenant)
    return {
        "tenant": tenant,
        "assessment": assessment,
        "may_assess": may(Capability.ASSESS, tenant),
        **assessment_page.facts(assessment, units, names, see_all=see_all),
        # People who see only the findings that they own may not see the names of service principals.
        "closing": permission_cards.of_units(units, names) if see_all else None,
    }


def assessment(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW)
    found = access.of_tenant(tenant, Assessment, pk, needs=Capability.VIEW, related=("requested_by",))
    partial = bool(request.headers.get("HX-Request"))
    template = "assessments/progress.html" if partial else "assessments/detail.html"
    return render(request, template, _context(tenant, found))


@require_POST
def start(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ASSESS)
    try:
        begun = start_action(tenant=tenant, by=person())
    except Refusal as error:
        messages.error(request, error.message)
        return redirect("assessments", slug=slug)
    return redirect("assessment", slug=slug, pk=begun.pk)


@require_POST
def cancel(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.ASSESS)
    found = access.of_tenant(tenant, Assessment, pk, needs=Capability.ASSESS)
    try:
        cancel_action(assessment=found, by=person())
    except Refusal as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            "The assessment is being cancelled. Subscriptions and directories that are already finished"
            " keep their new results. All others keep the results of the previous assessment.",
        )
    return redirect("assessment", slug=slug, pk=found.pk)


@require_POST
def retry(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Start a new assessment of the units that failed, were cancelled or have gaps."""
    tenant = access.tenant(slug, needs=Capability.ASSESS)
    found = access.of_tenant(tenant, Assessment, pk, needs=Capability.ASSESS)
    try:
        begun = retry_action(assessment=found, by=person())
    except Refusal as error:
        messages.error(request, error.message)
        return redirect("assessment", slug=slug, pk=found.pk)
    return redirect("assessment", slug=slug, pk=begun.pk)
