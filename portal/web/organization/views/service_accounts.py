"""List, create, change, disable and delete the service accounts of an organization. Also create their tokens, and
create and revoke their client secrets.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts import selectors
from portal.accounts.actions.client_secrets import MAX_SECRETS
from portal.accounts.actions.service_accounts import (
    change_service_account,
    create_service_account,
    delete_service_account,
    possible_responsible,
    set_service_account_active,
)
from portal.accounts.actions.service_credentials import (
    create_client_secret,
    create_service_token,
    revoke_client_secret,
)
from portal.web.components.form_parts import refused
from portal.web.organization.service_account_forms import AddForm, ChangeForm, SecretForm, TokenForm
from portal.web.shared.action_messages import reported
from portal.web.shared.visible import person
from tenants import access
from tenants.errors import NotFound, Refusal
from tenants.ids import parse_uuid
from tenants.models import Organization, ServiceAccount, Tenant
from tenants.roles import Capability


def service_accounts(request: HttpRequest, slug: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    accounts = list(selectors.service_accounts(organization))
    names, present = _customer_names(organization), _present(organization)
    rows = [
        {
            "account": one,
            "customers": _customers(one, names),
            "has_left": one.responsible_id not in present,
        }
        for one in accounts
    ]
    return render(request, "organization/service_accounts.html", {"organization": organization, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    form = AddForm(organization, _tenants(organization), request.POST or None)
    if form.is_valid():
        try:
            account = create_service_account(by=person(), organization=organization, **form.values())
        except Refusal as error:
            refused(form, error)
        else:
            return redirect("service-account", slug=slug, pk=account.pk)
    context = {"organization": organization, "form": form}
    status = 400 if form.errors else 200
    return render(request, "organization/service_account_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    organization, account = _found(slug, pk)
    tenants = _tenants(organization)
    initial = {
        "purpose": account.purpose,
        "responsible": str(account.responsible_id),
        "role": account.role,
        "customers": [one.slug for one in tenants if one.pk in (account.tenant_ids or ())],
    }
    form = ChangeForm(organization, tenants, request.POST or None, initial=initial)
    if form.is_valid():
        try:
            change_service_account(by=person(), account=account, **form.values())
        except Refusal as error:
            refused(form, error)
        else:
            return redirect("service-account", slug=slug, pk=account.pk)
    context = {"organization": organization, "account": account, "form": form}
    status = 400 if form.errors else 200
    return render(request, "organization/service_account_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("text")
def service_account(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show an account with its tokens and client secrets. POST creates a token and shows its text. No later page shows
    the text again.
    """
    organization, account = _found(slug, pk)
    form = TokenForm(account, request.POST or None)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            token, text = create_service_token(by=person(), account=account, **form.cleaned_data)
        except Refusal as error:
            refused(form, error)
        else:
            context = {"created": token, "text": text}
            form = TokenForm(account)
    return _account_page(request, organization, account, {**context, "form": form})


@require_POST
@never_cache
@sensitive_variables("text")
def add_secret(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Create a client secret and show its text. No later page shows the text again."""
    organization, account = _found(slug, pk)
    form = SecretForm(account, request.POST)
    context: dict[str, Any] = {}
    if form.is_valid():
        try:
            secret, text = create_client_secret(by=person(), account=account, **form.cleaned_data)
        except Refusal as error:
            refused(form, error)
        else:
            context = {"created_secret": secret, "text": text}
            form = SecretForm(account)
    return _account_page(request, organization, account, {**context, "secret_form": form})


@require_POST
def revoke_secret(request: HttpRequest, slug: str, pk: str, secret_pk: str) -> HttpResponse:
    _, account = _found(slug, pk)
    secret = revoke_client_secret(by=person(), account=account, secret_id=secret_pk)
    messages.success(
        request,
        f"The client secret “{secret.name}” and its access tokens are revoked. Programs can no longer use them.",
    )
    return redirect("service-account", slug=slug, pk=account.pk)


@require_POST
def switch(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Disable or enable an account."""
    _, account = _found(slug, pk)
    active = request.POST.get("enabled") == "1"
    done = (
        "enabled. Create a new token or client secret for its program."
        if active
        else "disabled. Its tokens and client secrets are revoked."
    )
    with reported(request, f"Service account “{account.name}” {done}"):
        set_service_account_active(by=person(), account=account, active=active)
    return redirect("service-account", slug=slug, pk=account.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Ask whether to delete an account. POST deletes the account."""
    organization, account = _found(slug, pk)
    if request.method != "POST":
        context = {"organization": organization, "account": account}
        return render(request, "organization/service_account_delete.html", context)
    with reported(
        request,
        f"Service account “{account.name}” deleted. The tokens and client secrets of the account are"
        " revoked.",
    ):
        delete_service_account(by=person(), account=account)
    return redirect("service-accounts", slug=slug)


def _account_page(
    request: HttpRequest, organization: Organization, account: ServiceAccount, given: dict[str, Any]
) -> HttpResponse:
    """Show an account. `given` has variables for the template, such as a rejected form, a new token or a new client
    secret.
    """
    customers = _customers(account, _customer_names(organization))
    context = {
        "organization": organization,
        "account": account,
        "now": timezone.now(),
        "customers": customers,
        "has_left": account.responsible_id not in _present(organization),
        "tokens": [
            {"token": one, "customers": customers} for one in selectors.tokens_of_service_account(account)
        ],
        "secrets": selectors.secrets_of_service_account(account),
        "max_secrets": MAX_SECRETS,
        "form": given.get("form") or TokenForm(account),
        "secret_form": given.get("secret_form") or SecretForm(account),
        **{key: value for key, value in given.items() if not isinstance(value, TokenForm)},
    }
    failed = any(context[name].errors for name in ("form", "secret_form"))
    return render(request, "organization/service_account.html", context, status=400 if failed else 200)


def _found(slug: str, pk: str) -> tuple[Organization, ServiceAccount]:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    identifier = parse_uuid(pk)
    rows = selectors.service_accounts(organization)
    account = rows.filter(pk=identifier).first() if identifier else None
    if account is None:
        raise NotFound("This service account does not exist, or you have no access to it.")
    return organization, account


def _tenants(organization: Organization) -> list[Tenant]:
    return list(access.tenants(needs=Capability.VIEW).filter(organization=organization))


def _customer_names(organization: Organization) -> dict[UUID, str]:
    return dict(Tenant.objects.filter(organization=organization).values_list("pk", "name"))


def _customers(account: ServiceAccount, names: dict[UUID, str]) -> list[str] | None:
    """Return the names of the account's customers. Return None if the account's role applies to the whole
    organization.
    """
    ids: list[UUID] | None = account.tenant_ids
    return None if ids is None else [names.get(pk, "An erased customer") for pk in ids]


def _present(organization: Organization) -> set[UUID]:
    return {one.pk for one in possible_responsible(organization)}
