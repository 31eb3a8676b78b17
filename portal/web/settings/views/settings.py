"""Show a tenant's directories, service principals (never their secrets), subscriptions and policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from assessments.actions.credentials.attempt_records import Attempt, latest_attempt
from assessments.actions.credentials.attempts import request_attempt, unsaved_directory
from assessments.estate.quantities import in_days
from assessments.models import Finding
from assessments.permissions.registration import registration
from assessments.timing.schedules import DEFAULT, planned
from assessments.timing.watching import watch_setting
from portal.queries.delegated_roles import delegated_access
from portal.queries.subscriptions import listed_subscriptions, state_remark, why_not_assessed
from portal.web.components.form_parts import refused
from portal.web.components.vocabulary import SEVERITIES
from portal.web.settings.forms import ServicePrincipalForm
from portal.web.settings.host_identity_choices import choosable
from portal.web.shared.credentials import expiry
from portal.web.shared.local_times import local
from portal.web.shared.polled_attempt import has_ended_while_polled, reload_page
from portal.web.shared.visible import may, person
from tenants import access, scope, selectors
from tenants.azure.foreign import foreign_rows, grant_commands, undecided
from tenants.cloud_table import CLOUDS
from tenants.errors import Refusal
from tenants.ids import parse_uuid
from tenants.models import Directory, Registration, ServicePrincipal, Situation, Subscription, Tenant
from tenants.roles import Capability


def settings(request: HttpRequest, slug: str) -> HttpResponse:
    tenant = access.tenant(slug, needs=Capability.VIEW_ALL)
    by_directory: dict[object, list[dict[str, Any]]] = {}
    for principal in selectors.service_principals(tenant):
        by_directory.setdefault(principal.directory_id, []).append(_principal(principal))
    directories = Directory.objects.filter(tenant=tenant).order_by("name", "pk")
    known: dict[object, Directory] = {directory.pk: directory for directory in directories}
    rows = Subscription.objects.filter(Subscription.assessed(), tenant=tenant, is_delegated=True)
    delegated = set(rows.values_list("directory_id", flat=True))
    due = tenant.due_days
    schedule = planned(tenant, timezone.now())
    listed = list(listed_subscriptions(tenant))
    context = {
        "tenant": tenant,
        "may_administer": may(Capability.ADMINISTER, tenant),
        "may_assess": may(Capability.ASSESS, tenant),
        "schedule": {
            "Assessments": schedule.label,
            "Set by": {DEFAULT: "The organization’s default"}.get(
                schedule.choice, "This customer’s own schedule"
            ),
            "Next start": "Paused, because Entra refuses the service principals"
            if schedule.is_paused
            else local(schedule.next_at, schedule.zone) or "None",
            "Watch between assessments": "On" if watch_setting(tenant).is_on else "Off",
        },
        "directories": [
            {
                "name": directory.name,
                "directory_id": directory.directory_id,
                "cloud": directory.cloud.label or "Custom cloud",
                "rows": by_directory.get(directory.pk, []),
                "is_delegated": directory.pk in delegated,
            }
            for directory in known.values()
        ],
        "subscriptions": [_subscription(row, by_directory, known) for row in listed],
        "delegated_access": delegated_access(tenant, listed),
        "undecided": _undecided(tenant),
        "registration": Registration.objects.filter(tenant=tenant, finished_at=None).first(),
        "policy": {
            "Time zone": tenant.timezone,
            "Labels": ", ".join(tenant.labels) or "None",
            "Maximum length of exceptions": in_days(tenant.exception_cap_days),
            **{
                f"{SEVERITIES[key].label} findings due after": in_days(due[key])
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
    """Return how many subscriptions of other directories wait for a decision. For people who may not decide, return
    0.
    """
    if not scope.current().may_in_organization(Capability.ADMINISTER, tenant.organization_id):
        return 0
    return foreign_rows([tenant], every_home=True).filter(undecided()).count()


def _principal(row: ServicePrincipal) -> dict[str, Any]:
    credential = expiry(row.expires_at)
    return {
        "pk": row.pk,
        "name": str(row),
        "client_id": row.client_id,
        "kind": row.get_kind_display(),
        "is_keyless": row.is_keyless,
        "thumbprint": row.thumbprint,
        "expires_at": row.expires_at,
        "credential": credential,
        "needs_credential": not row.is_keyless
        and not row.disabled_at
        and bool(row.last_error_code or (credential and credential.role)),
        "error": f"{row.last_error_code}: {row.last_error}" if row.last_error_code else "",
        "checked_at": row.last_checked_at,
        "disabled_at": row.disabled_at,
    }


@sensitive_post_parameters("secret", "certificate")
@sensitive_variables("form")
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign in with a new service principal. If the sign-in succeeds, store the principal. If its directory is new, also
    store the directory.
    """
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    attempt = latest_attempt(tenant.pk, parse_uuid(request.GET.get("attempt")))
    if has_ended_while_polled(request, attempt):
        return reload_page()
    if attempt is not None and attempt.has_succeeded:
        return _added(request, tenant, attempt)
    initial = {"client_id": attempt.client_id} if attempt else {}
    form = ServicePrincipalForm(
        request.POST or None, request.FILES or None, initial=initial, identities=choosable(tenant)
    )
    if request.method == "POST" and form.is_valid() and (requested := _requested(form, tenant)):
        return redirect(f"{reverse('service-principal-add', args=[slug])}?attempt={requested.id}")
    status = 400 if form.is_bound else 200
    registrations = [(cloud.label, registration(name)) for name, cloud in CLOUDS.items()]
    context = {"tenant": tenant, "form": form, "registrations": registrations, "attempt": attempt}
    return render(request, "settings/service_principal.html", context, status=status)


def _added(request: HttpRequest, tenant: Tenant, attempt: Attempt) -> HttpResponse:
    """Redirect to the assessment that was started. If no assessment was started, redirect to the permissions of the new
    service principal.
    """
    if attempt.assessment_id is not None:
        messages.success(request, "Service principal registered. An assessment is running.")
        return redirect("assessment", slug=tenant.slug, pk=attempt.assessment_id)
    messages.success(
        request, "Service principal registered. Check the permissions of the service principal here."
    )
    return redirect("preflight", slug=tenant.slug, pk=attempt.principal_id)


def _requested(form: ServicePrincipalForm, tenant: Tenant) -> Attempt | None:
    """Request a sign-in with the form's values. If the request is refused, add the reason to the form and return
    None.
    """
    data = form.cleaned_data
    try:
        rows = Directory.objects.filter(tenant=tenant, directory_id=str(data["directory_id"]))
        directory = rows.select_related("tenant").first() or unsaved_directory(
            tenant=tenant,
            directory_id=str(data["directory_id"]),
            name=data["directory_name"],
            cloud=data["cloud"],
        )
        return request_attempt(
            by=person(),
            directory=directory,
            client_id=str(data["client_id"]),
            name=data["name"],
            starts_assessment=data["start"],
            **form.credential(),
        )
    except Refusal as error:
        refused(form, error)
        return None
