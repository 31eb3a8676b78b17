"""The account of a person who accepts an invitation and has no account yet."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tenants.actions import accept_invitation
from tenants.errors import Conflict, invalid
from tenants.models import Invitation, Person
from tenants.values.names import clean_name, printable_name


@transaction.atomic
def create_account(*, invitation: Invitation, token: str, name: str, password: str) -> Person:
    """Create the account of the invited email address, and accept the invitation.

    The address counts as verified, because the token was mailed to it. Raise InvalidInput if the password is weak or
    the name has several lines. Raise Conflict if the address already has an account.
    """
    draft = Person(email=invitation.email, name=clean_name(name, missing="Enter your name."))
    tenant = invitation.tenant.name if invitation.tenant else ""
    draft.invited_to = [invitation.organization.name, tenant]  # type: ignore[attr-defined]  # read by password validators
    try:
        validate_password(password, draft)
    except ValidationError as error:
        raise invalid("password", " ".join(error.messages)) from None
    try:
        with transaction.atomic():
            person = Person.objects.create_user(invitation.email, password, name=draft.name)
    except IntegrityError:
        raise Conflict(
            "This address already has an account. Sign in to accept the invitation.", code="account_exists"
        ) from None
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    accept_invitation(by=person, token=token)
    return person


@transaction.atomic
def create_account_without_password(*, invitation: Invitation, token: str, name: str) -> Person:
    """Create the account of an invited email address for single sign-on, and accept the invitation.

    The address counts as verified, because the token was mailed to it. The caller links the identity to the account.
    `name` comes from the identity provider; characters that cannot be printed become spaces.

    Raise Conflict if the address already has an account. The person must then sign in to this account and link the
    identity to it.
    """
    try:
        with transaction.atomic():
            person = Person.objects.create_user(invitation.email, name=printable_name(name))
    except IntegrityError:
        raise Conflict(
            "This address already has an account. Sign in with that account, then link your identity on the page"
            " Single sign-on.",
            code="account_exists",
        ) from None
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    accept_invitation(by=person, token=token)
    return person
