"""The account adapter for allauth. Administrators create accounts by invitation, and policies decide how people sign
in.
"""

from __future__ import annotations

from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.accounts.mails import QueuedMails
from portal.accounts.sign_in import authentication
from portal.accounts.sign_in.authentication import Method
from portal.accounts.sign_in.failures import Reason, record_refusal
from portal.accounts.sign_in.policy import leaves_single_sign_on, policy_of
from portal.accounts.sign_in.sign_in_limits import SignInLimits
from tenants.errors import InvalidInput
from tenants.models import Person
from tenants.values.addresses import clean_address

_WITH_PASSWORD: Final = "reauthenticate"  # noqa: S105 - allauth's id of the re-authentication with a password


class InvitedOnlyAccountAdapter(QueuedMails, SignInLimits):
    """An account adapter that refuses sign-up: people get an account only by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return f"Surety: {subject}"

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        """Refuse a sign-in with a password or passkey if single sign-on is required. Record refusals."""
        if not isinstance(user, Person):
            return super().pre_login(request, user, **kwargs)  # type: ignore[no-any-return]
        used = authentication.methods(request, user)
        method = ", ".join(sorted(used))
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is not None:
            # Record a refused sign-in with a disabled account, unless a password was used. For a password, the receiver
            # `events.sign_in_failed` has already recorded the failure: Django's `authenticate` rejects even the correct
            # password of a disabled account, and sends the signal `user_login_failed`.
            if not user.is_active and Method.PASSWORD not in used:
                record_refusal(user, request, method=method, reason=Reason.DISABLED)
            return response
        if policy_of(user).sso and not used & {Method.SSO, Method.EMERGENCY}:
            record_refusal(user, request, method=method, reason=Reason.SSO_REQUIRED)
            messages.error(
                request,
                "Your organization requires single sign-on. Sign in with your organization’s account.",
            )
            return redirect("account_login")
        return None

    def clean_email(self, email: str) -> str:
        """Clean the new address that a person has entered. Refuse the address if single sign-on is required for the
        current address, but not for the new address: the person could then avoid single sign-on.
        """
        user = getattr(self.request, "user", None)
        if isinstance(user, Person) and leaves_single_sign_on(user, email):
            raise self.validation_error("leaves_single_sign_on")
        try:
            return clean_address(str(super().clean_email(email)), "email")
        except InvalidInput as error:
            raise ValidationError(error.message) from None

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Verify an email address with the link that was mailed to it.

        Refuse an address that another account has taken. Also refuse an address with which the person could avoid
        single sign-on, unless an administrator chose the address.
        """
        others = Person.objects.filter(email=email_address.email).exclude(pk=email_address.user_id)
        if others.exists():
            messages.error(
                request,
                "Another account now has this address. Ask an administrator which account to use.",
            )
            return False
        person = Person.objects.get(pk=email_address.user_id)
        # `clean_email` has checked this already, but the policy may have changed since then.
        if leaves_single_sign_on(person, email_address.email) and not _chosen_by_administrator(email_address):
            messages.error(request, self.error_messages["leaves_single_sign_on"])
            return False
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed:
            _mark_address(email_address, person.email)
        return confirmed

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Offer single sign-on to people whose account is linked with an identity provider.

        If the person must use single sign-on, a password is neither offered nor accepted: the password may be old or
        known to others.
        """
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if isinstance(user, Person):
            if policy_of(user).sso:
                found = [one for one in found if one["id"] != _WITH_PASSWORD]
            found += [
                {"id": "sso", "description": f"Use {name}", "url": reverse("confirm-with-sso")}
                for name, _ in linked_providers(self.request, user)
            ]
        if not found:
            # If no method were offered, allauth would redirect endlessly. So offer the page of single sign-on, which
            # says what is missing.
            found.append({"id": "sso", "description": "Single sign-on", "url": reverse("confirm-with-sso")})
        return found


def linked_providers(request: HttpRequest, person: Person) -> list[tuple[str, str]]:
    """Return name and login URL of each configured identity provider that the person is linked with."""
    # Imported here, because Django's settings load this module before models can be imported.
    from allauth.socialaccount.models import SocialAccount

    linked = set(SocialAccount.objects.filter(user=person).values_list("provider", flat=True))
    providers = get_social_adapter(request).list_providers(request)
    return [
        (str(provider.name), provider.get_login_url(request))
        for provider in providers
        if provider.sub_id in linked
    ]


def _chosen_by_administrator(address: EmailAddress) -> bool:
    # Imported here, because Django's settings load this module before models can be imported.
    from portal.accounts.actions import permits

    return permits.chosen_by_administrator(address)


def _mark_address(address: EmailAddress, previous: str) -> None:
    # Imported here, because Django's settings load this module before models can be imported.
    from portal.accounts.actions import unconfirmed

    unconfirmed.mark_address(address, previous)
