"""Register a customer step by step. Each step has its own URL, so that people can leave and return."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from assessments.actions.credentials.attempt_records import Attempt, latest_attempt
from assessments.actions.credentials.attempts import request_attempt
from assessments.actions.credentials.preflight import request_preflight_again
from assessments.actions.schedules import set_schedule
from assessments.actions.start import start
from assessments.permissions.registration import registration as registration_commands
from assessments.timing.schedules import planned
from portal.queries.subscriptions import listed_subscriptions, why_not_assessed
from portal.web.components.form_parts import refused
from portal.web.settings.host_identity_choices import choosable, known_identity
from portal.web.settings.registration_forms import CommandsForm, CustomerForm
from portal.web.settings.subscription_choices import subscription_choices
from portal.web.settings.views.preflight import preflight_context
from portal.web.shared.forms.credential import NewPrincipalForm
from portal.web.shared.forms.schedule import ScheduleForm, default_label
from portal.web.shared.polled_attempt import has_ended_while_polled, reload_page
from portal.web.shared.visible import person
from tenants import access
from tenants.actions import (
    advance,
    choose_commands,
    finish_registration,
    start_registration,
)
from tenants.errors import NotFound, Refusal
from tenants.ids import parse_uuid
from tenants.models import Directory, Registration, ServicePrincipal, Situation, Tenant
from tenants.roles import Capability

Step = Registration.Step
_URL_NAMES: Final = {
    Step.PERMISSIONS: "registration-permissions",
    Step.CREDENTIAL: "registration-credential",
    Step.CHECK: "registration-check",
    Step.SUBSCRIPTIONS: "registration-subscriptions",
    Step.SCHEDULE: "registration-schedule",
    Step.ASSESSMENT: "registration-assessment",
}


class StepLink(NamedTuple):
    """A step as the page lists it. `url` is empty if the step cannot be opened yet."""

    label: str
    url: str
    is_current: bool
    is_done: bool


def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Register the customer and its directory (first step). The other steps have pages below the new customer."""
    organization = access.organization(slug, needs=Capability.REGISTER)
    form = CustomerForm(request.POST or None, initial={"timezone": organization.timezone})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            started = start_registration(
                by=person(),
                organization=organization,
                name=data["name"],
                directory_id=str(data["directory_id"]),
                cloud=data["cloud"],
                cloud_settings=form.cloud_settings(),
                timezone=data["timezone"],
            )
        except Refusal as error:
            refused(form, error)
        else:
            messages.success(
                request,
                f"{started.tenant.name} is registered. You can leave this setup and continue it later.",
            )
            return redirect(_URL_NAMES[Step.PERMISSIONS], started.tenant.slug)
    context = {"organization": organization, "form": form}
    return render(request, "registration/customer.html", context, status=400 if form.errors else 200)


def resume(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirect to the next step of the registration."""
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    return redirect(_URL_NAMES[Step(_registration(tenant).step)], slug)


def permissions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the commands that create the service principal."""
    tenant, registration = _open(slug)
    directory = _directory(tenant)
    identities = choosable(tenant, directory)
    form = CommandsForm(
        request.POST or None,
        initial={"reach": registration.reach, "kind": CommandsForm.kind_of(registration)},
        identities=identities,
    )
    if request.method == "POST" and form.is_valid():
        choose_commands(registration=registration, **form.chosen())
        if "continue" not in request.POST:
            return redirect(_URL_NAMES[Step.PERMISSIONS], slug)
        return _next(registration, Step.CREDENTIAL)
    fix = registration_commands(
        directory.cloud_name,
        directory_id=directory.directory_id,
        reach=registration.reach,
        kind=registration.kind,
        identity=known_identity(identities, registration.host_identity),
    )
    context = {"form": form, "fix": fix, "directory": directory}
    return _page(request, Step.PERMISSIONS, registration, context, status=400 if form.errors else 200)


@sensitive_post_parameters("secret", "certificate")
@sensitive_variables("form")
def credential(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign in with the entered credential, and store it if the sign-in succeeds."""
    tenant, registration = _open(slug)
    directory = _directory(tenant)
    attempt = _attempt(request, tenant)
    if has_ended_while_polled(request, attempt):
        return reload_page()
    if attempt is not None and attempt.has_succeeded:
        return _next(registration, Step.CHECK)
    identities = choosable(tenant, directory)
    initial = {"client_id": attempt.client_id} if attempt else {}
    for identity in identities:
        if identity.name == registration.host_identity:
            initial = {"client_id": identity.client_id, "identity": identity.name}
    form = NewPrincipalForm(
        request.POST or None,
        request.FILES or None,
        initial=initial,
        identities=identities,
    )
    if request.method == "POST" and form.is_valid():
        try:
            attempt = request_attempt(
                by=person(),
                directory=directory,
                client_id=str(form.cleaned_data["client_id"]),
                name=form.cleaned_data["name"],
                **form.credential(),
            )
        except Refusal as error:
            refused(form, error)
        else:
            return redirect(f"{reverse(_URL_NAMES[Step.CREDENTIAL], args=[slug])}?attempt={attempt.id}")
    context = {
        "form": form,
        "directory": directory,
        "attempt": attempt,
        "principals": _principals(tenant),
        "kind": registration.kind,
    }
    return _page(request, Step.CREDENTIAL, registration, context, status=400 if form.errors else 200)


def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the pre-flight of the newest service principal. POST continues with the next step. POST with `again`
    requests a new pre-flight instead.
    """
    tenant, registration = _open(slug)
    principal = _principals(tenant).order_by("-created_at").first()
    if principal is None:
        return redirect(_URL_NAMES[Step.CREDENTIAL], slug)
    if "again" in request.POST:
        request_preflight_again(by=person(), service_principal=principal)
        return redirect(_URL_NAMES[Step.CHECK], slug)
    if request.method == "POST":
        return _next(registration, Step.SUBSCRIPTIONS)
    return _page(request, Step.CHECK, registration, preflight_context(tenant, principal))


def subscriptions(request: HttpRequest, slug: str) -> HttpResponse:
    """Include or exclude the discovered subscriptions."""
    tenant, registration = _open(slug)
    listed = list(listed_subscriptions(tenant))
    found = subscription_choices(request, tenant, listed)
    if found.is_saved:
        return _next(registration, Step.SCHEDULE)
    choosable = {entry["row"].pk for entry in found.entries}
    context = {
        "entries": found.entries,
        "start": found.start,
        "others": found.others,
        "not_assessed": [(row, why_not_assessed(row)) for row in listed if row.pk not in choosable],
        "principals": _principals(tenant),
    }
    return _page(request, Step.SUBSCRIPTIONS, registration, context, status=found.status)


def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Set the schedule of the customer's later assessments."""
    tenant, registration = _open(slug)
    form = ScheduleForm(
        request.POST if request.method == "POST" else None,
        choice=planned(tenant, timezone.now()).choice,
        default=default_label(tenant),
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_schedule(tenant=tenant, by=person(), wanted=form.wanted())
        except Refusal as error:
            refused(form, error)
        else:
            return _next(registration, Step.ASSESSMENT)
    return _page(request, Step.SCHEDULE, registration, {"form": form}, status=400 if form.is_bound else 200)


def assessment(request: HttpRequest, slug: str) -> HttpResponse:
    """Start the first assessment, and redirect to the assessment's page, which shows the progress."""
    tenant, registration = _open(slug)
    if request.method == "POST":
        try:
            started = start(tenant=tenant, by=person())
        except Refusal as error:
            messages.error(request, error.message)
            return redirect(_URL_NAMES[Step.ASSESSMENT], slug)
        finish_registration(tenant=tenant)
        return redirect("assessment", slug, started.pk)
    rows = list(listed_subscriptions(tenant))
    context = {
        "included": [row for row in rows if row.situation is Situation.INCLUDED],
        "excluded": [row for row in rows if row.situation is Situation.EXCLUDED],
        "principals": _principals(tenant),
    }
    return _page(request, Step.ASSESSMENT, registration, context)


@require_POST
def end(request: HttpRequest, slug: str) -> HttpResponse:
    """End the registration without an assessment."""
    tenant, _ = _open(slug)
    finish_registration(tenant=tenant)
    messages.success(
        request,
        "You have skipped the remaining steps. You can complete the setup in the customer’s settings.",
    )
    return redirect("tenant-settings", slug)


def _open(slug: str) -> tuple[Tenant, Registration]:
    tenant = access.tenant(slug, needs=Capability.ADMINISTER)
    return tenant, _registration(tenant)


def _registration(tenant: Tenant) -> Registration:
    found = Registration.objects.select_related("tenant").filter(tenant=tenant).first()
    if found is None:
        raise NotFound(
            "This customer was registered without setup steps, so there are no steps to continue. Use the settings"
            " of the customer."
        )
    return found


def _directory(tenant: Tenant) -> Directory:
    return Directory.objects.filter(tenant=tenant).order_by("created_at")[0]


def _principals(tenant: Tenant) -> Any:
    rows = ServicePrincipal.objects.filter(tenant=tenant).select_related("directory__tenant")
    return rows.defer("credential").order_by("created_at")


def _attempt(request: HttpRequest, tenant: Tenant) -> Attempt | None:
    return latest_attempt(tenant.pk, parse_uuid(request.GET.get("attempt")))


def _next(registration: Registration, step: Registration.Step) -> HttpResponse:
    advance(registration=registration, step=step)
    return redirect(_URL_NAMES[step], registration.tenant.slug)


def _page(
    request: HttpRequest,
    step: Registration.Step,
    registration: Registration,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    slug = registration.tenant.slug
    reached = Step.values.index(registration.step)
    links = [
        StepLink(
            label=one.label,
            url=reverse(_URL_NAMES[one], args=[slug]) if index <= reached else "",
            is_current=one == step,
            is_done=index < reached,
        )
        for index, one in enumerate(Step)
    ]
    shown = {"tenant": registration.tenant, "registration": registration, "steps": links, **context}
    return render(request, f"registration/{step.value}.html", shown, status=status)
