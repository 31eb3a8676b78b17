"""Serve an organization's sign-in policy, and show how each of its people signs in."""

from __future__ import annotations

from typing import Any, Final

from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.account_rights import Limit, limit_of
from portal.accounts.actions.changes import (
    change_account,
    decide_change,
    end_sessions_of,
    needs_second_administrator,
    open_changes,
    person_of,
)
from portal.accounts.models import AccountChange
from portal.accounts.selectors import sign_in_data
from portal.accounts.sign_in.policy import domain_of, owns
from portal.web.components.form_parts import refused
from portal.web.organization.place import AccessPlace
from portal.web.organization.sign_in_forms import AddressForm, IdentityForm, SignInPolicyForm
from portal.web.shared import stale_forms
from portal.web.shared.visible import person
from tenants import access
from tenants.actions.sign_in_policy import change_sign_in_policy, policy_part
from tenants.errors import Conflict, Refusal
from tenants.models import Organization, Person
from tenants.roles import Capability
from tenants.values.stale_values import Part, last_change

Kind = AccountChange.Kind
CHANGES: Final = require_http_methods(["GET", "HEAD", "POST"])
_MADE: Final = {
    Kind.ADDRESS: "A link was mailed to the new address. The address becomes valid when somebody opens the link.",
    Kind.IDENTITY: "The identity is linked.",
    Kind.NEXT_SIGN_IN: (
        "If somebody signs in through single sign-on with the email address of this account within seven days,"
        " Surety links the identity to the account."
    ),
    Kind.SECOND_FACTOR: "All second factors were removed, and all sessions ended.",
}


@CHANGES
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    organization = access.organization(slug, needs=Capability.ORGANIZATION)
    stored = policy_part(organization)
    if request.method != "POST":
        return _policy(request, organization, SignInPolicyForm.of(stored), stored)
    form = SignInPolicyForm(request.POST)
    start = stale_forms.start_of(request, form, stored)
    if form.is_valid() and not _locks_out(form, person()):
        try:
            change_sign_in_policy(by=person(), organization=organization, **form.cleaned_data, expected=start)
        except Conflict:
            organization.refresh_from_db()
            return _show_conflict(request, organization, form, start)
        messages.success(request, "Sign-in policy saved. The policy applies to every request from now on.")
        return redirect("organization-sign-in", slug=organization.slug)
    return _policy(request, organization, form, start, status=400)


def _show_conflict(
    request: HttpRequest, organization: Organization, form: SignInPolicyForm, start: Part
) -> HttpResponse:
    """Save nothing. Show the entered values merged with the values that somebody else has saved. The person can save
    the merged values by submitting the form again.
    """
    now = policy_part(organization)
    labels = {name: str(form.fields[name].label) for name in now}
    last = last_change(
        organization, ["organization.sign_in_policy_changed"], f"organization:{organization.pk}"
    )
    others, merged = stale_forms.conflict(labels, start, now, form.part(), last, form.text)
    return _policy(request, organization, SignInPolicyForm.of(merged), now, status=409, others=others)


def _locks_out(form: SignInPolicyForm, me: Person) -> bool:
    domains = form.cleaned_data["sso_domains"]
    if domains and not settings.SURETY_OIDC_ISSUER:
        form.add_error(
            "sso_domains",
            "Single sign-on is not set up on this server. Ask the operator of Surety to set it up.",
        )
        return True
    if domain_of(me.email) in domains and not SocialAccount.objects.filter(user=me).exists():
        form.add_error(
            "sso_domains",
            "This policy would lock you out. First link your own account on the page Single sign-on.",
        )
        return True
    return False


def _policy(
    request: HttpRequest,
    organization: Organization,
    form: SignInPolicyForm,
    start: Part,
    *,
    status: int = 200,
    others: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "organization": organization,
        "form": form,
        "start": stale_forms.write_start(start),
        "others": others,
        "changes": open_changes(organization),
        "unproven": [domain for domain in organization.sso_domains if not owns(organization, domain)],
        "me": person().pk,
        "sso": bool(settings.SURETY_OIDC_ISSUER),
        "everybody": settings.SURETY_SECOND_FACTOR,
    }
    return render(request, "organization/sign_in.html", context, status=status)


@CHANGES
def account(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Show how a person signs in. POST changes one of the person's means of signing in; `kind` names the change."""
    organization, who = _who(slug, pk)
    forms_by_kind: dict[str, forms.Form] = {Kind.ADDRESS: AddressForm(prefix="address")}
    if settings.SURETY_OIDC_ISSUER:
        forms_by_kind[Kind.IDENTITY] = IdentityForm(prefix="identity")
    if request.method != "POST":
        return _account(request, organization, who, forms_by_kind)
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        return _account(request, organization, who, forms_by_kind, status=400)
    form: forms.Form = forms.Form(request.POST)
    if kind in forms_by_kind:
        form = forms_by_kind[kind] = type(forms_by_kind[kind])(request.POST, prefix=kind)
    if form.is_valid():
        value = str(form.cleaned_data.get("value", ""))
        try:
            waits = change_account(
                by=person(), organization=organization, person=who, kind=Kind(kind), value=value
            )
        except Refusal as error:
            if kind in forms_by_kind:
                refused(form, error)
            else:
                messages.error(request, error.message)
        else:
            if waits:
                messages.info(
                    request,
                    "A second administrator must confirm this change. Until then, the change is listed on the page"
                    " “Sign-in”.",
                )
            else:
                messages.success(request, _MADE[Kind(kind)])
            return redirect("person-account", slug=organization.slug, pk=who.pk)
    return _account(request, organization, who, forms_by_kind, status=400)


def _who(slug: str, pk: str) -> tuple[Organization, Person]:
    """Return the organization and the person whose sign-in is shown.

    Raise NotFound if the person has no role that the signed-in person may change.
    """
    place = AccessPlace.of(slug)
    return place.organization, person_of(place.organization, pk, place.rows)


def _account(
    request: HttpRequest,
    organization: Organization,
    who: Person,
    forms_by_kind: dict[str, forms.Form],
    status: int = 200,
) -> HttpResponse:
    limit = limit_of(person(), organization, who)
    context: dict[str, Any] = {
        "organization": organization,
        "who": who,
        "limit": limit,
        "own": limit == Limit.OWN,
        "data": sign_in_data(who),
        "address_form": forms_by_kind[Kind.ADDRESS],
        "identity_form": forms_by_kind.get(Kind.IDENTITY),
        "second_administrator": needs_second_administrator(organization, who),
        "waiting": open_changes(organization, who),
        "me": person().pk,
    }
    return render(request, "organization/account.html", context, status=status)


@require_POST
def end_all_sessions(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    organization, who = _who(slug, pk)
    try:
        count = end_sessions_of(by=person(), organization=organization, person=who)
    except Refusal as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "1 session was ended." if count == 1 else f"{count} sessions were ended.")
    return redirect("person-account", slug=organization.slug, pk=who.pk)


@require_POST
def decide(request: HttpRequest, slug: str, pk: str) -> HttpResponse:
    """Confirm or refuse a requested change of how a person signs in. If the signed-in person requested the change, a
    refusal withdraws the request.
    """
    organization = access.organization(slug, needs=Capability.MEMBERS)
    change = access.get(
        AccountChange,
        pk,
        needs=Capability.MEMBERS,
        queryset=AccountChange.objects.filter(organization=organization),
    )
    confirm = request.POST.get("decision") == "confirm"
    try:
        decide_change(by=person(), change=change, confirm=confirm)
    except Refusal as error:
        messages.error(request, error.message)
    else:
        done = "The change was made." if confirm else "The change was refused. Nothing was changed."
        messages.success(request, done)
    return redirect("organization-sign-in", slug=organization.slug)
