"""Serve the page of a service principal: check it now, replace its credential, disable or remove it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from assessments.actions.credentials.attempt_records import latest_attempt
from assessments.actions.credentials.attempts import request_attempt, request_check
from assessments.estate.identity.principal_roles import from_plain, role_lines
from portal.web.components.form_parts import refused
from portal.web.settings.host_identity_choices import choosable
from portal.web.shared.credentials import expiry
from portal.web.shared.forms.credential import CredentialForm
from portal.web.shared.polled_attempt import has_ended_while_polled, reload_page
from portal.web.shared.visible import person
from tenants import access
from tenants.actions import remove_service_principal, set_principal_enabled
from tenants.errors import Conflict, Refusal
from tenants.ids import parse_uuid
from tenants.models import ServicePrincipal, Subscription, Tenant
from tenants.roles import Capability


@sensitive_post_parameters("secret", "certificate")
@sensitive_variables("form")
def service_principal(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show the principal. POST signs in with a new credential. If the sign-in succeeds, the new credential replaces the
    stored credential.
    """
    tenant, principal = _get(slug, pk)
    attempt = latest_attempt(tenant.pk, parse_uuid(request.GET.get("attempt")))
    if attempt is not None and attempt.principal_id != principal.pk:
        attempt = None
    if has_ended_while_polled(request, attempt):
        return reload_page()
    identities = [
        one for one in choosable(tenant, principal.directory) if one.client_id == principal.client_id
    ]
    form = CredentialForm(request.POST or None, request.FILES or None, identities=identities)
    if request.method == "POST" and form.is_valid():
        try:
            requested = request_attempt(
                by=person(),
                directory=principal.directory,
                service_principal=principal,
                **form.credential(),
            )
        except Refusal as error:
            refused(form, error)
        else:
            return redirect(f"{_address(tenant, principal)}?attempt={requested.id}")
    context = {
        "tenant": tenant,
        "principal": principal,
        "credential": expiry(principal.expires_at),
        "attempt": attempt,
        "roles": role_lines(from_plain(principal.roles)) if principal.roles is not None else None,
        "form": form,
        "subscriptions": Subscription.objects.filter(tenant=tenant, service_principal=principal).count(),
        "others": ServicePrincipal.objects.filter(directory=principal.directory, disabled_at=None)
        .exclude(pk=principal.pk)
        .count(),
    }
    status = 400 if form.errors else 200
    return render(request, "settings/principal.html", context, status=status)


@require_POST
def check(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Sign in with the stored credential now."""
    tenant, principal = _get(slug, pk)
    try:
        attempt = request_check(by=person(), service_principal=principal)
    except Conflict as error:
        messages.error(request, error.message)
        return redirect(_address(tenant, principal))
    return redirect(f"{_address(tenant, principal)}?attempt={attempt.id}")


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Disable the principal, or enable it again."""
    tenant, principal = _get(slug, pk)
    row = set_principal_enabled(
        by=person(), service_principal=principal, enabled=principal.disabled_at is not None
    )
    messages.success(
        request,
        "Service principal enabled."
        if row.disabled_at is None
        else "Service principal disabled. Assessments no longer use it.",
    )
    return redirect(_address(tenant, principal))


@require_POST
def remove(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Delete the principal and its credential."""
    tenant, principal = _get(slug, pk)
    remove_service_principal(by=person(), service_principal=principal)
    messages.success(
        request, f"Surety has deleted “{principal}” and its credential. Also delete the application in Entra."
    )
    return redirect("tenant-settings", tenant.slug)


def _get(slug: str, pk: str) -> tuple[Tenant, ServicePrincipal]:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    found = access.of_tenant(
        tenant, ServicePrincipal, pk, needs=Capability.ADMINISTER, related=("directory__tenant",)
    )
    return tenant, found


def _address(tenant: Tenant, principal: ServicePrincipal) -> str:
    return reverse("service-principal", args=[tenant.slug, principal.pk])
