"""Approve the configuration of one resource, or of all resources that match the filters, and withdraw an approval."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assessments.models import Resource, ResourceVersion
from portal.changes.actions.approve import MAX_APPROVED, approve_configurations, withdraw_approval
from portal.changes.actions.review import MAX_REASON
from portal.changes.approved import approval_of, deviations_of, seen_digest, with_newest
from portal.changes.models import ApprovedConfiguration
from portal.queries.inventory.filters import InventoryFilter, InventorySearch
from portal.web.components.form_parts import refused
from portal.web.shared.differences import DifferenceRow, differences
from portal.web.shared.parameters import parameters_of
from portal.web.shared.visible import may, person, unit_names
from tenants import access
from tenants.errors import Refusal
from tenants.ids import parse_uuid
from tenants.models import Tenant
from tenants.roles import Capability
from tenants.values.stale_values import CODE

MAX_SHOWN: Final = 50


class ApprovalForm(forms.Form):
    """A form with the reason why a configuration is approved."""

    reason = forms.CharField(max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 3}))


class Approval(NamedTuple):
    """The approved configuration of a resource, and how the resource differs from it now.

    `more` is the number of differences that are not listed.
    """

    approval: ApprovedConfiguration | None
    differences: list[DifferenceRow]
    more: int
    may_approve: bool
    form: ApprovalForm


def approval_card(tenant: Tenant, resource: Resource, newest: ResourceVersion | None) -> Approval:
    """Return the data about the approved configuration of a resource, for the page of the resource."""
    found = approval_of(resource)
    changed = deviations_of(found, newest) if found and newest and resource.gone_at is None else []
    may_approve = newest is not None and may(Capability.ADMINISTER, tenant)
    shown = differences(changed[:MAX_SHOWN])
    return Approval(found, shown, max(0, len(changed) - MAX_SHOWN), may_approve, ApprovalForm())


@require_POST
def approve(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Approve the version of a resource that the person saw."""
    tenant, resource = _resource(slug, pk)
    form = ApprovalForm(request.POST)
    seen = parse_uuid(request.POST.get("version", ""))
    if seen is None or not form.is_valid():
        messages.error(request, "Enter why you approve this configuration.")
        return redirect("resource", slug=slug, pk=pk)
    try:
        expected = seen_digest([(resource.pk, seen)])
        approve_configurations(
            tenant=tenant, resources=[resource], by=person(), expected=expected, **form.cleaned_data
        )
    except Refusal as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            "Configuration approved. If Surety later reads a different configuration, the change waits for a review.",
        )
    return redirect("resource", slug=slug, pk=pk)


@require_POST
def withdraw(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    _, resource = _resource(slug, pk)
    found = approval_of(resource)
    try:
        if found is not None:
            withdraw_approval(approval=found, by=person())
    except Refusal as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            "Approval withdrawn. Surety no longer compares the resource with the configuration that was approved.",
        )
    return redirect("resource", slug=slug, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def approve_matching(request: HttpRequest, slug: str) -> HttpResponse:
    """Approve the present configurations of all resources that match the filters, after asking for the reason.

    The form has a digest of the resources and versions that the person saw. If other resources match now, or a resource
    has a new version, nothing is approved.
    """
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    chosen = InventoryFilter.parse(parameters_of(request.GET))
    search = InventorySearch(tenant, chosen, timezone.now())
    rows = search.resources().filter(gone_at__isnull=True)
    back = f"{reverse('inventory', args=[slug])}?{request.GET.urlencode()}"
    form = ApprovalForm(request.POST if request.method == "POST" else None)
    seen = request.POST.get("seen", "")
    renewed = not form.is_bound
    if form.is_bound and form.is_valid():
        try:
            count = approve_configurations(
                tenant=tenant,
                resources=list(rows[: MAX_APPROVED + 1]),
                by=person(),
                expected=seen,
                **form.cleaned_data,
            )
        except Refusal as error:
            refused(form, error)
            renewed = error.code == CODE
        else:
            what = "1 configuration" if count == 1 else f"{count} configurations"
            messages.success(
                request,
                f"{what} approved. If Surety later reads a different configuration, the change waits for a review.",
            )
            return redirect(back)
    listed: list[Any] = list(with_newest(rows)[: MAX_APPROVED + 1])
    total = rows.count() if len(listed) > MAX_APPROVED else len(listed)
    context: dict[str, Any] = {
        "tenant": tenant,
        "form": form,
        # A new form gets the digest of the resources that it shows, and so does a form that was refused because these
        # resources have changed. After any other error, the form keeps its digest.
        "seen": seen_digest((row.pk, row.newest) for row in listed) if renewed else seen,
        "total": total,
        "limit": MAX_APPROVED,
        "conditions": chosen.describe(unit_names(tenant) | search.types | search.groups),
        "shown": listed[:MAX_SHOWN],
        "more": max(0, total - MAX_SHOWN),
        "back": back,
    }
    return render(request, "inventory/approve.html", context, status=400 if form.is_bound else 200)


def _resource(slug: str, pk: str) -> tuple[Tenant, Resource]:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    return tenant, access.of_tenant(tenant, Resource, pk, needs=Capability.ADMINISTER)
