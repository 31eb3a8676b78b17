"""What happens when a customer leaves: archive the customer, or restore an archived one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assessments.actions.archive import archive_customer
from portal.web.components.form_parts import refused
from portal.web.shared.visible import person
from tenants import access
from tenants.actions import restore_tenant
from tenants.actions.archiving import MAX_REASON
from tenants.errors import Conflict, SuretyError
from tenants.models import ServicePrincipal
from tenants.roles import Capability


class ArchiveForm(forms.Form):
    """Why the customer is archived."""

    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        help_text="For example: contract 4711 ended on 30 November. The customer’s pages show the reason.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def leaving(request: HttpRequest, slug: str) -> HttpResponse:
    """Archive the customer, or restore it with `restore`."""
    tenant = access.tenant(slug, needs=Capability.OFFBOARD)
    form = ArchiveForm(request.POST if request.method == "POST" and "archive" in request.POST else None)
    try:
        if request.method == "POST" and "restore" in request.POST:
            restore_tenant(by=person(), tenant=tenant)
            messages.success(
                request,
                f"{tenant.name} is restored. Register a service principal to assess the customer again.",
            )
            return redirect("leaving", slug)
        if form.is_bound and form.is_valid():
            archive_customer(tenant=tenant, by=person(), reason=form.cleaned_data["reason"])
            messages.success(request, f"{tenant.name} is archived. Its service principals are deleted.")
            return redirect("leaving", slug)
    except Conflict as error:  # Somebody else has just archived or restored the customer.
        messages.error(request, error.message)
        return redirect("leaving", slug)
    except SuretyError as error:
        refused(form, error)
    context = {
        "tenant": tenant,
        "form": form,
        "principals": ServicePrincipal.objects.filter(tenant=tenant).count(),
    }
    return render(request, "settings/leaving.html", context, status=400 if form.is_bound else 200)
