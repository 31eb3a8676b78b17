"""Serve the page of an invitation's link. People accept the invitation after signing in, or create an account to accept
it.

The page is public, because the token in the mail authorizes the request. Opening the page changes nothing, because mail
filters open every link.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from portal.members.accounts import create_account
from portal.web.components.form_parts import refused
from portal.web.shared.forms.account import AccountForm
from tenants import selectors
from tenants.actions import accept_invitation
from tenants.errors import NotFound, Refusal
from tenants.models import Invitation, Membership, Person
from tenants.scope import person_scope

BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@sensitive_post_parameters("password")
@sensitive_variables("form")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    try:
        found = selectors.invitation(token)
    except NotFound:
        return _page(request, "unknown", status=404)
    if found.accepted_at is not None:
        return _page(request, "used", found)
    now = timezone.now()
    if found.expires_at <= now or (found.access_until is not None and found.access_until <= now):
        return _page(request, "expired", found, status=410)
    person = request.user
    if isinstance(person, Person):
        return _signed_in(request, found, token, person)
    if Person.objects.filter(email=found.email).exists():
        query = urlencode({"next": reverse("invitation", args=[token])})
        customers = selectors.invited_customers(token)
        return _page(
            request, "sign_in", found, customers=customers, sign_in=f"{reverse('account_login')}?{query}"
        )
    return _new_account(request, found, token)


def _signed_in(request: HttpRequest, found: Invitation, token: str, person: Person) -> HttpResponse:
    if person.email != found.email:
        return _page(request, "somebody_else", found, status=409 if request.method == "POST" else 200)
    if request.method != "POST":
        return _page(request, "accept", found, customers=selectors.invited_customers(token))
    membership = accept_invitation(by=person, token=token)
    return _done(request, membership, token)


def _new_account(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = create_account(invitation=found, token=token, **form.cleaned_data)
        except Refusal as error:
            refused(form, error)
        else:
            login(request, person, backend=BACKEND)
            return _done(request, _membership_to_report(person), token)
    return _page(
        request,
        "account",
        found,
        status=400 if form.errors else 200,
        form=form,
        token=token,
        customers=selectors.invited_customers(token),
    )


def _membership_to_report(person: Person) -> Membership:
    """Return the membership that the next page describes to a person who has just created an account.

    If the person has several memberships, prefer a membership that waits for a second administrator.
    """
    with person_scope(person):
        rows = list(Membership._base_manager.filter(person=person))
    return max(rows, key=lambda row: row.confirmation == Membership.Confirmation.WAITING)


def _done(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    starts = "" if membership.has_started else f" Your access starts on {membership.valid_from:%Y-%m-%d}."
    if membership.confirmation == Membership.Confirmation.WAITING:
        messages.info(
            request, f"Invitation accepted. The role starts when a second administrator confirms it.{starts}"
        )
    elif starts:
        messages.info(request, f"Invitation accepted.{starts}")
    else:
        messages.success(request, "Invitation accepted.")
    if refused_customers := selectors.invited_customers(token):
        messages.warning(
            request,
            f"The invitation was not accepted for {', '.join(refused_customers)}, because this part of the invitation"
            f" is no longer"
            " valid. Ask an administrator for a new invitation.",
        )
    return redirect("home")


def _page(
    request: HttpRequest, state: str, found: Invitation | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    return render(
        request, "organization/invitation.html", {"state": state, "invitation": found, **more}, status=status
    )
