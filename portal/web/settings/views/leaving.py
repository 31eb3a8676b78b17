"""Serve the page for a customer that leaves: archive, restore, export, and request the erasure of everything."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.archive import archive_customer
from portal.offboarding.erasures.checks import MAX_REASON as MAX_ERASE_REASON
from portal.offboarding.erasures.requests import request_erasure
from portal.offboarding.exports.actions import cancel_export, open_download, request_export
from portal.offboarding.models import CustomerExport, Erasure
from portal.web.components.form_parts import refused
from portal.web.shared.visible import person
from tenants import access
from tenants.actions import restore_tenant
from tenants.actions.archiving import MAX_REASON
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.models import ServicePrincipal, Tenant
from tenants.roles import Capability


class ArchiveForm(forms.Form):
    """A form with the reason why the customer is archived."""

    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        help_text="For example: contract 4711 ended on 30 November. The customer’s pages show this reason.",
    )


class EraseForm(forms.Form):
    """A form with the name of the customer to erase, which people type as a safeguard, and the reason."""

    name = forms.CharField(label="Name of the customer", max_length=200)
    reason = forms.CharField(
        label="Reason",
        max_length=MAX_ERASE_REASON,
        help_text="The certificate of the erasure contains this reason.",
    )

    def __init__(self, *args: Any, customer: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = f"Type {customer} to confirm that you want to erase this customer."


@require_http_methods(["GET", "HEAD", "POST"])
def leaving(request: HttpRequest, slug: str) -> HttpResponse:
    """Archive or restore the customer, export all its data, or request its erasure.

    A POST contains the name of the pressed button, such as `restore`.
    """
    tenant = access.tenant(slug, needs=Capability.OFFBOARD)
    form = ArchiveForm(request.POST if request.method == "POST" and "archive" in request.POST else None)
    erase = EraseForm(
        request.POST if request.method == "POST" and "erase" in request.POST else None, customer=tenant.name
    )
    try:
        if erase.is_bound and erase.is_valid():
            data = erase.cleaned_data
            try:
                erasure = request_erasure(
                    tenant=tenant, by=person(), name=data["name"], reason=data["reason"]
                )
            except InvalidInput as error:
                refused(erase, error)
            else:
                messages.success(
                    request, "Erasure requested. Another administrator must confirm the request."
                )
                return redirect("erasure", tenant.organization.slug, erasure.pk)
        if request.method == "POST" and "restore" in request.POST:
            restore_tenant(by=person(), tenant=tenant)
            messages.success(
                request,
                f"{tenant.name} is restored. Register a service principal to assess the customer again.",
            )
            return redirect("leaving", slug)
        if request.method == "POST" and "export" in request.POST:
            request_export(tenant=tenant, by=person())
            return redirect("leaving", slug)
        if request.method == "POST" and "cancel" in request.POST:
            _cancel(tenant, request.POST["cancel"])
            messages.success(request, "The export is cancelled.")
            return redirect("leaving", slug)
        if form.is_bound and form.is_valid():
            archive_customer(tenant=tenant, by=person(), reason=form.cleaned_data["reason"])
            messages.success(request, f"{tenant.name} is archived. Its service principals are deleted.")
            return redirect("leaving", slug)
    except Conflict as error:  # For example, somebody else has just archived or restored the customer.
        messages.error(request, error.message)
        return redirect("leaving", slug)
    except InvalidInput as error:
        refused(form, error)
    export = CustomerExport.objects.filter(tenant=tenant).select_related("tenant", "requested_by").first()
    context = {
        "tenant": tenant,
        "export": export,
        "form": form,
        "erase": erase,
        "erasure": Erasure.objects.filter(subject=tenant.pk, state__in=Erasure.OPEN)
        .defer("certificate")
        .first(),
        "principals": ServicePrincipal.objects.filter(tenant=tenant).count(),
    }
    return render(
        request, "settings/leaving.html", context, status=400 if form.is_bound or erase.is_bound else 200
    )


@require_POST
def download(request: HttpRequest, slug: str, pk: str) -> HttpResponseBase:
    """Send the ZIP file of a finished export, unless the file is missing or was changed after it was written."""
    tenant = access.tenant(slug, needs=Capability.OFFBOARD)
    export = access.of_tenant(tenant, CustomerExport, pk, needs=Capability.OFFBOARD, related=("tenant",))
    if export.state != CustomerExport.State.READY:
        raise NotFound(
            "This export has no file. If the export is waiting or running, wait until it ends. Otherwise, request a new"
            " export."
        )
    content = open_download(export=export, by=person())
    if content is None:
        messages.error(
            request,
            "The file of this export is missing or was changed after it was written, so it was not sent."
            " Request a new export, and tell the operator of Surety.",
        )
        return redirect("leaving", slug)
    return FileResponse(
        content, as_attachment=True, filename=export.file_name, content_type="application/zip"
    )


def _cancel(tenant: Tenant, pk: str) -> None:
    export = access.of_tenant(tenant, CustomerExport, pk, needs=Capability.OFFBOARD)
    cancel_export(export=export, by=person())
