"""Register the first organization of an installation with its administrator, by a one-time link or by a command."""

from __future__ import annotations

import secrets as random
from datetime import timedelta
from typing import Final

import structlog
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.models import SetupLink
from tenants.actions import register_organization
from tenants.actors import Actor, System
from tenants.errors import Conflict, NotFound, invalid
from tenants.locks import Lock, lock
from tenants.models import Organization, OrganizationKey, Person
from tenants.people.link_tokens import hash_token
from tenants.values.addresses import clean_address
from tenants.values.names import clean_name

log = structlog.get_logger(__name__)

LINK_MINUTES: Final = 60
# The actor that the journal names for everything that is done with a set-up link.
SETUP_LINK: Final = System("set-up link")


def has_organization() -> bool:
    """Return whether the installation has an organization."""
    return OrganizationKey.objects.exists()


@transaction.atomic
def create_link() -> str:
    """Create a set-up link, and return its token, which is not stored. Earlier links stop working.

    Raise Conflict if an organization exists: its administrators invite all further people.
    """
    _require_empty()
    now = timezone.now()
    SetupLink.objects.filter(used_at=None, expires_at__gt=now, created_at__lt=now).update(expires_at=now)
    token = random.token_urlsafe(32)
    SetupLink.objects.create(
        token_hash=hash_token(token), created_at=now, expires_at=now + timedelta(minutes=LINK_MINUTES)
    )
    return token


def find_link(token: str) -> SetupLink:
    """Return the unused link. Raise NotFound for a wrong, used or expired link, and if an organization exists."""
    found = SetupLink.objects.filter(
        token_hash=hash_token(token), used_at=None, expires_at__gt=timezone.now()
    ).first()
    if found is None or has_organization():
        raise NotFound(
            "This link has expired, was already used, or was replaced by a newer link. If no organization is"
            " registered yet, run manage.py setup_link on the server to get a new link."
        )
    return found


@transaction.atomic
def use_link(
    *, token: str, organization: str, name: str, email: str, password: str
) -> tuple[Organization, Person]:
    """Register the organization and its administrator. The link works only once, even if several requests use it at the
    same time.

    Raise NotFound for a link that cannot be used, and InvalidInput for invalid values.
    """
    lock(Lock.FIRST_ORGANIZATION, "")
    link = find_link(token)
    registered, administrator = create_organization(
        by=SETUP_LINK, organization=organization, name=name, email=email, password=password
    )
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    log.warning("first_organization_registered", organization=str(registered.pk))
    return registered, administrator


@transaction.atomic
def create_organization(
    *,
    by: Actor,
    organization: str,
    email: str,
    name: str = "",
    password: str = "",
    erasure_wait_hours: int | None = None,
) -> tuple[Organization, Person]:
    """Register an organization and its first administrator. `register_organization` explains `erasure_wait_hours`.

    If an account with this email address exists, the person of that account becomes the administrator. `name` and
    `password` must then be empty. The address of a new account counts as verified: whoever may call this action
    controls the server.
    """
    lock(Lock.FIRST_ORGANIZATION, "")
    address = clean_address(email, "email")
    person = Person.objects.filter(email=address).first()
    if person is None:
        person = _create_administrator(address, name, password, organization)
    elif name or password:
        raise _account_exists()
    registered = register_organization(
        by=by, name=organization, administrator=person, erasure_wait_hours=erasure_wait_hours
    )
    return registered, person


def _create_administrator(email: str, name: str, password: str, organization: str) -> Person:
    cleaned = clean_name(name, missing="Enter the administrator’s name.")
    draft = Person(email=email, name=cleaned)
    draft.invited_to = [organization]  # type: ignore[attr-defined]  # for validators of passwords
    try:
        validate_password(password, draft)
    except ValidationError as error:
        raise invalid("password", " ".join(error.messages)) from None
    try:
        with transaction.atomic():
            person = Person.objects.create_user(email, password, name=cleaned)
    except IntegrityError:
        raise _account_exists() from None
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def _account_exists() -> Conflict:
    message = "This address already has an account. Leave name and password empty to use this account."
    return Conflict(message, code="account_exists", fields={"email": [message]})


def _require_empty() -> None:
    lock(Lock.FIRST_ORGANIZATION, "")
    if has_organization():
        raise Conflict(
            "This installation already has an organization. Its administrators invite people on the page People;"
            " manage.py create_organization registers another organization.",
            code="organization_exists",
        )
