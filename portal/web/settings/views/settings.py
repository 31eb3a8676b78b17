"""A tenant's directories, service principals (never their secrets), subscriptions and policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from assessments.actions.start import start
from assessments.models import Finding
from assessments.registration import registration
from assessments.schedules import DEFAULT, planned
from portal.queries.subscriptions import listed_subscriptions, state_remark, why_not_assessed
from portal.web.components.vocabulary import SEVERITIES
from portal.web.settings.forms import ServicePrincipalForm
from portal.web.shared.credentials import expiry
from portal.web.shared.local_times import local
from portal.web.shared.visible import may, person
from tenants import access, scope, selectors
from tenants.actions import add_directory, add_service_principal
from tenants.cloud_table import CLOUDS
from tenants.errors import SuretyError
from tenants.foreign import foreign_rows, grant_commands, undecided
from tenants.models import Directory, Registration, ServicePrincipal, Situation, Subscription, Tenant
from tenants.roles import Capability


def settings(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    by_directory: dict[object, list[dict[str, Any]]] = {}
    for principal in selectors.service_principals(tenant):
        by_directory.setdefault(principal.directory_id, []).append(_principal(principal))
    directories = Directory.objects.filter(tenant=tenant).order_by("name", "pk")
    known: dict[object, Directory] = {directory.pk: directory for directory in directories}
    due = tenant.due_days
    schedule = planned(tenant, timezone.now())
    context = {
        "tenant": tenant,
        "may_administer": may(Capability.ADMINISTER, tenant),
        "may_assess": may(Capability.ASSESS, tenant),
        "schedule": {
            "Assessments": schedule.label,
            "Set by": {DEFAULT: "the organization’s default"}.get(
                schedule.choice, "this customer’s own schedule"
            ),
            "Next start": "paused, because Entra refuses the service principals"
            if schedule.is_paused
            else local(schedule.next_at, schedule.zone) or "none",
        },
        "directories": [
            {
                "name": directory.name,
                "directory_id": directory.directory_id,
                "cloud": directory.cloud.label or "Custom cloud",
                "rows": by_directory.get(directory.pk, []),
            }
            for directory in known.values()
        ],
        "subscriptions": [_subscription(row, by_directory, known) for row in listed_subscriptions(tenant)],
        "undecided": _undecided(tenant),
        "registration": Registration.objects.filter(tenant=tenant, finished_at=None).first(),
        "policy": {
            "Time zone": tenant.timezone,
            "Labels": ", ".join(tenant.labels) or "none",
            "Maximum length of exceptions": f"{tenant.exception_cap_days} days",
            **{
                f"{SEVERITIES[key].label} findings due after": f"{due[key]} days"
                for key in Finding.Severity.values
                if key in due
            },
        },
    }
    return render(request, "settings/tenant.html", context)


def _subscription(
    row: Subscription,
    by_directory: Mapping[object, list[dict[str, Any]]],
    directories: Mapping[object, Directory],
) -> dict[str, Any]:
    principals = by_directory.get(row.directory_id, [])
    command = ""
    if row.situation is Situation.WAITING and principals:
        directory = directories[row.directory_id]
        command = grant_commands(directory, principals[0]["client_id"], row.subscription_id)
    return {
        "row": row,
        "reason": why_not_assessed(row),
        "remark": state_remark(row),
        "command": command,
    }


def _undecided(tenant: Tenant) -> int:
    """Return how many subscriptions of other directories wait for a decision, for people who may make the decision."""
    if not scope.current().may_in_organization(Capability.ADMINISTER, tenant.organization_id):
        return 0
    return foreign_rows([tenant], every_home=True).filter(undecided()).count()


def _principal(row: ServicePrincipal) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "name": str(row),
        "client_id": row.client_id,
        "kind": row.get_kind_display(),
        "thumbprint": row.thumbprint,
        "expires_at": row.expires_at,
        "credential": expiry(row.expires_at),
        "error": f"{row.last_error_code}: {row.last_error}" if row.last_error_code else "",
        "checked_at": row.last_checked_at,
        "disabled_at": row.disabled_at,
    }


@sensitive_post_parameters("secret", "certificate")
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Register a service principal, and its directory if it is new."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    form = ServicePrincipalForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and (principal := _registered(form, tenant)):
        if not form.cleaned_data["start"]:
            messages.success(request, "Service principal registered. Check its permissions here.")
            return redirect("preflight", slug=slug, pk=principal.pk)
        try:
            assessment = start(tenant=tenant, by=person())
        except SuretyError as error:
            messages.warning(
                request, f"Service principal registered, but no assessment was started: {error.message}"
            )
            return redirect("preflight", slug=slug, pk=principal.pk)
        messages.success(
            request, "Service principal registered. The first assessment finds its subscriptions."
        )
        return redirect("assessment", slug=slug, pk=assessment.pk)
    status = 400 if form.is_bound else 200
    registrations = [(cloud.label, registration(name)) for name, cloud in CLOUDS.items()]
    context = {"tenant": tenant, "form": form, "registrations": registrations}
    return render(request, "settings/service_principal.html", context, status=status)


def _registered(form: ServicePrincipalForm, tenant: Tenant) -> ServicePrincipal | None:
    """Register the directory, if it is new, and the service principal in one transaction. Add errors to the form."""
    data = form.cleaned_data
    try:
        with transaction.atomic():
            directory = Directory.objects.filter(
                tenant=tenant, directory_id=str(data["directory_id"])
            ).first()
            if directory is None:
                directory = add_directory(
                    by=person(),
                    tenant=tenant,
                    directory_id=str(data["directory_id"]),
                    name=data["directory_name"] or str(data["directory_id"]),
                    cloud=data["cloud"],
                )
            return add_service_principal(
                by=person(),
                directory=directory,
                client_id=str(data["client_id"]),
                secret=data["secret"] or None,
                certificate=data["certificate"] or None,
                name=data["name"],
                expires_at=data["expires_at"],
            )
    except SuretyError as error:
        known = {name: texts for name, texts in error.fields.items() if name in form.fields}
        for name, texts in known.items():
            form.add_error(name, forms.ValidationError(texts))
        if not known:
            form.add_error(None, error.message)
        return None
