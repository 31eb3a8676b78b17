"""Serve the pages of an organization's own service principal: register, check now, replace, disable and remove."""

from __future__ import annotations

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from assessments.actions.credentials.attempt_records import latest_attempt
from assessments.actions.credentials.managing_attempts import request_managing_attempt, request_managing_check
from portal.web.components.form_parts import refused
from portal.web.organization.lighthouse_forms import ManagingPrincipalForm
from portal.web.shared.credentials import expiry
from portal.web.shared.forms.credential import CredentialForm
from portal.web.shared.polled_attempt import has_ended_while_polled, reload_page
from portal.web.shared.visible import person
from tenants import access
from tenants.actions.managing_principals import (
    remove_managing_principal,
    set_managing_principal_enabled,
    unsaved_principal,
)
from tenants.azure import host_identities
from tenants.azure.host_identities import HostIdentity
from tenants.errors import Conflict, Refusal
from tenants.ids import parse_uuid
from tenants.models import Delegation, ManagingPrincipal, Organization
from tenants.roles import Capability

log = structlog.get_logger(__name__)


@sensitive_post_parameters("secret", "certificate")
@sensitive_variables("form")
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign in with a new service principal, and store it if the sign-in succeeds."""
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    attempt = latest_attempt(organization.pk, parse_uuid(request.GET.get("attempt")))
    if has_ended_while_polled(request, attempt):
        return reload_page()
    if attempt is not None and attempt.has_succeeded and attempt.principal_id is not None:
        return redirect(
            f"{reverse('managing-principal', args=[organization.slug, attempt.principal_id])}?attempt={attempt.id}"
        )
    initial = {"client_id": attempt.client_id} if attempt else {}
    form = ManagingPrincipalForm(
        request.POST or None, request.FILES or None, initial=initial, identities=_identities(organization)
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            principal = unsaved_principal(
                organization=organization,
                directory_id=str(data["directory_id"]),
                client_id=str(data["client_id"]),
                name=data["name"],
                cloud=data["cloud"],
                cloud_settings=form.cloud_settings(),
            )
            requested = request_managing_attempt(by=person(), principal=principal, **form.credential())
        except Refusal as error:
            refused(form, error)
        else:
            return redirect(f"{reverse('managing-principal-add', args=[slug])}?attempt={requested.id}")
    context = {"organization": organization, "attempt": attempt, "form": form}
    status = 400 if form.errors else 200
    return render(request, "organization/managing_principal_add.html", context, status=status)


@sensitive_post_parameters("secret", "certificate")
@sensitive_variables("form")
def managing_principal(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show the principal. POST signs in with a new credential. If the sign-in succeeds, the new credential replaces the
    stored credential.
    """
    organization, principal = _get(slug, pk)
    attempt = latest_attempt(organization.pk, parse_uuid(request.GET.get("attempt")))
    if attempt is not None and attempt.principal_id != principal.pk:
        attempt = None
    if has_ended_while_polled(request, attempt):
        return reload_page()
    identities = [
        one
        for one in _identities(organization)
        if (one.client_id, one.directory_id) == (principal.client_id, principal.directory_id)
    ]
    form = CredentialForm(request.POST or None, request.FILES or None, identities=identities)
    if request.method == "POST" and form.is_valid():
        try:
            requested = request_managing_attempt(by=person(), principal=principal, **form.credential())
        except Refusal as error:
            refused(form, error)
        else:
            return redirect(f"{_address(organization, principal)}?attempt={requested.id}")
    seen = Delegation.objects.filter(principal=principal).exclude(state=Delegation.VANISHED)
    context = {
        "organization": organization,
        "principal": principal,
        "credential": expiry(principal.expires_at),
        "attempt": attempt,
        "form": form,
        "seen": seen.count(),
        "assigned": seen.filter(decision=Delegation.Decision.ASSIGNED).count(),
        "undecided": seen.filter(decision="").count(),
    }
    status = 400 if form.errors else 200
    return render(request, "organization/managing_principal.html", context, status=status)


@require_POST
def check(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Request a sign-in with the stored credential. If it succeeds, the delegated subscriptions are listed again."""
    organization, principal = _get(slug, pk)
    try:
        attempt = request_managing_check(by=person(), principal=principal)
    except Conflict as error:
        messages.error(request, error.message)
        return redirect(_address(organization, principal))
    return redirect(f"{_address(organization, principal)}?attempt={attempt.id}")


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Disable the principal, or enable it again."""
    organization, principal = _get(slug, pk)
    row = set_managing_principal_enabled(
        by=person(), principal=principal, enabled=principal.disabled_at is not None
    )
    messages.success(
        request,
        "Service principal enabled."
        if row.disabled_at is None
        else "Service principal disabled. Assessments no longer use the service principal.",
    )
    return redirect(_address(organization, principal))


@require_POST
def remove(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Delete the principal and its credential."""
    organization, principal = _get(slug, pk)
    remove_managing_principal(by=person(), principal=principal)
    messages.success(
        request,
        f"Surety has deleted “{principal}” and its credential. Also delete the application in Entra.",
    )
    return redirect("lighthouse", slug=organization.slug)


def _get(slug: str, pk: str) -> tuple[Organization, ManagingPrincipal]:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    rows = ManagingPrincipal.objects.filter(organization=organization).select_related("organization")
    return organization, access.get(ManagingPrincipal, pk, needs=Capability.ORGANIZATION, queryset=rows)


def _address(organization: Organization, principal: ManagingPrincipal) -> str:
    return reverse("managing-principal", args=[organization.slug, principal.pk])


def _identities(organization: Organization) -> list[HostIdentity]:
    try:
        return host_identities.of_organization(organization.pk)
    except Refusal as error:
        # The file of host identities cannot be used, so offer no identities. Only the operator can correct the file.
        # `manage.py check` reports the error to the operator.
        log.warning("host identities unusable", code=error.code, problem=error.message)
        return []
