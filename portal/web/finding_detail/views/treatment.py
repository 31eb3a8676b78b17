"""Set the owner and the acknowledgement of one finding, and undo such actions."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assessments.estate.quantities import counted
from assessments.models import Finding
from assessments.presentation.finding_names import names_for_findings
from portal.treatment.actions.acknowledge import acknowledge as acknowledge_action
from portal.treatment.actions.acknowledge import withdraw_acknowledgement
from portal.treatment.actions.owners.assign import assign as assign_action
from portal.treatment.actions.owners.assign import claim as claim_action
from portal.treatment.actions.undo import undo as undo_action
from portal.treatment.models import Batch
from portal.treatment.selectors.owners import count_assigned_again
from portal.web.components.form_parts import refused
from portal.web.finding_detail import page as finding_page
from portal.web.finding_detail.views import finding as views
from portal.web.findings.buttons.registry import action_that_made
from portal.web.shared.action_messages import reported
from portal.web.shared.forms.treatments import AcknowledgeForm
from portal.web.shared.undo import return_url, success_with_undo
from portal.web.shared.visible import person, unit_names, visible_findings
from tenants import access
from tenants.errors import PermissionDenied, Refusal
from tenants.models import Tenant
from tenants.roles import Capability


@require_POST
def assign(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Assign the finding to a person, or remove its owner."""
    tenant = access.tenant(slug, needs=Capability.ASSIGN)
    found = views.get(tenant, pk, needs=Capability.ASSIGN)
    form = views.owner_form(tenant, found, request.POST)
    if form.is_valid():
        owner = form.chosen()
        try:
            batch = assign_action(tenant=tenant, findings=_only(tenant, found), owner=owner, by=person())
        except Refusal as error:
            refused(form, error)
        else:
            text = f"Assigned to {owner.get_full_name()}." if owner else "The finding is now unassigned."
            if owner is None and count_assigned_again(batch):
                text += " An owner rule will assign it again."
            success_with_undo(request, tenant, text, batch)
            return redirect(return_url(request, "finding", slug, str(found.pk)))
    return views.page(request, tenant, found, {"owner": form})


@require_POST
def claim(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Assign an unassigned finding to the signed-in person."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    found = views.get(tenant, pk, needs=Capability.TREAT)
    try:
        batch = claim_action(finding=found, by=person())
    except Refusal as error:
        messages.error(request, error.message)
    else:
        success_with_undo(request, tenant, "Assigned to you.", batch)
    return redirect(return_url(request, "finding", slug, str(found.pk)))


@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Acknowledge a finding through a link in a mail.

    Opening the link only shows a page and changes nothing. The button on this page acknowledges the finding.

    The form “Change plan” on the finding's page also posts to this view. This form shows the stored plan and day, and
    sends `change`. If the request has `change`, an empty field removes the stored plan or day. If the request does not
    have `change`, an empty field leaves the stored plan or day unchanged.
    """
    tenant = access.tenant(slug, needs=Capability.TREAT)
    found = views.get(tenant, pk, needs=Capability.TREAT)
    form = AcknowledgeForm(request.POST if request.method == "POST" else None)
    changes = "change" in request.POST
    if request.method == "POST" and form.is_valid():
        try:
            batch = acknowledge_action(
                tenant=tenant,
                findings=_only(tenant, found),
                by=person(),
                replace=changes,
                **form.cleaned_data,
            )
        except Refusal as error:
            refused(form, error)
        else:
            text = "Plan saved." if changes else "Acknowledged."
            if not batch.count:
                text = "This finding was already acknowledged."
            success_with_undo(request, tenant, text, batch)
            return redirect(return_url(request, "finding", slug, str(found.pk)))
    places = unit_names(tenant)
    context = {
        "tenant": tenant,
        "finding": found,
        "panel": views.panel_of(tenant, found),
        "form": form,
        "change": changes,
        **finding_page.context(tenant, found, places, names_for_findings(tenant, [found], places)),
    }
    return render(request, "finding_detail/acknowledge.html", context, status=400 if form.errors else 200)


@require_POST
def take_back(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Undo the acknowledgement of the current failure."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    found = views.get(tenant, pk, needs=Capability.TREAT)
    with reported(request, "Acknowledgement undone. The finding is open again."):
        withdraw_acknowledgement(finding=found, by=person())
    return redirect(return_url(request, "finding", slug, str(found.pk)))


@require_POST
def undo(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Undo an action of the signed-in person on one finding or many."""
    tenant = access.tenant(slug, needs=Capability.TREAT)
    batch = access.of_tenant(tenant, Batch, pk, needs=Capability.TREAT)
    back = return_url(request, "findings", slug)
    try:
        made_by = action_that_made(batch)
        if batch.by_id == person().pk:
            # Check the rights to this action again, because the person may have lost them since the action.
            made_by.require(tenant)
        count = undo_action(batch=batch, by=person(), restore=made_by.restore)
    except PermissionDenied:
        raise
    except Refusal as error:
        messages.error(request, error.message)
    else:
        text = f"Undone for {counted(count, 'finding')}."
        if changed := batch.count - count:
            text += f" Skipped {changed} because {'it has' if changed == 1 else 'they have'} changed since."
        messages.success(request, text)
    return redirect(back)


def _only(tenant: Tenant, found: Finding) -> QuerySet[Finding]:
    return visible_findings(tenant).filter(pk=found.pk)
