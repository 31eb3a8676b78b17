"""Queries on accounts for pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from portal.accounts.models import ApiToken, ClientSecret, IdentityPermit, Session, UnconfirmedChange
from portal.accounts.sessions import idle_limit
from portal.accounts.tokens.token_text import is_well_formed
from tenants.models import Membership, Organization, Person, ServiceAccount
from tenants.people.link_tokens import hash_token
from tenants.scope import find_by_token


def sessions_of(person: Person) -> list[Session]:
    """Return the person's sessions that have not ended, the most recently used first, without their data."""
    now = timezone.now()
    rows = Session.objects.filter(person=person, expires_at__gt=now, last_seen_at__gt=now - idle_limit())
    return list(rows.defer("data").order_by("-last_seen_at"))


def usable_token(text: str, now: datetime) -> ApiToken | None:
    """Return the row of this API token or access token, with its person loaded. Return None if there is no such token,
    if it has ended, or if its account is disabled.
    """
    if not is_well_formed(text):
        return None
    token = find_by_token(ApiToken, hash_token(text), related="person")
    if token is None or token.revoked_at is not None or token.expires_at <= now:
        return None
    return token if token.person.is_active else None


def tokens_of(person: Person) -> list[ApiToken]:
    """Return the person's API tokens, the newest first, with their organizations. Call this in a transaction with the
    person's scope (`tenants.scope`).
    """
    return list(ApiToken.objects.filter(person=person).select_related("organization"))


def tokens_of_organization(organization: Organization) -> list[ApiToken]:
    """Return all API tokens for the organization except access tokens, newest first, each with its person loaded. Call
    this in a transaction with the organization's scope (`tenants.scope`).
    """
    rows = ApiToken.objects.filter(organization=organization, client_secret__isnull=True)
    return list(rows.select_related("organization", "person"))


def service_accounts(organization: Organization) -> QuerySet[ServiceAccount]:
    """Return the organization's service accounts, sorted by name, with the responsible people. Call this in a
    transaction with the organization's scope (`tenants.scope`).
    """
    rows = ServiceAccount.objects.filter(organization=organization)
    return rows.select_related("person", "responsible", "created_by").order_by(Lower("name"), "pk")


def tokens_of_service_account(account: ServiceAccount) -> list[ApiToken]:
    """Return the API tokens of a service account except access tokens, newest first. Call this in a transaction with
    the organization's scope (`tenants.scope`).
    """
    rows = ApiToken.objects.filter(
        organization=account.organization_id, person=account.person_id, client_secret__isnull=True
    )
    return list(rows.select_related("organization"))


def secrets_of_service_account(account: ServiceAccount) -> QuerySet[ClientSecret]:
    """Return the client secrets of a service account, the newest first. Call this in a transaction with the
    organization's scope (`tenants.scope`).
    """
    return ClientSecret.objects.filter(organization=account.organization_id, person=account.person_id)


@dataclass(frozen=True, slots=True)
class SignInData:
    """The facts about a person's sign-in that administrators may see. They contain no secrets."""

    has_password: bool
    address_verified: bool
    pending_address: str
    second_factors: list[Authenticator]
    identities: list[SocialAccount]
    permit: IdentityPermit | None
    sessions: list[Session]


def sign_in_data(person: Person) -> SignInData:
    """Return how the person signs in now."""
    addresses = list(EmailAddress.objects.filter(user=person))
    pending = [row.email for row in addresses if not row.verified and row.email != person.email]
    return SignInData(
        has_password=person.has_usable_password(),
        address_verified=any(row.verified and row.email == person.email for row in addresses),
        pending_address=pending[0] if pending else "",
        second_factors=list(
            Authenticator.objects.filter(user=person).exclude(type=Authenticator.Type.RECOVERY_CODES)
        ),
        identities=list(SocialAccount.objects.filter(user=person)),
        permit=IdentityPermit.objects.filter(person=person, expires_at__gt=timezone.now()).first(),
        sessions=sessions_of(person),
    )


@dataclass(frozen=True, slots=True)
class SignInMeans:
    """What an administrator should know about the sign-in of a person before confirming a role for this person.

    `identities` are the linked identities of the account. `changes` are the changes that one administrator made to the
    account without a second administrator, oldest first. Each change has a text that says who made it, such as the name
    of the administrator.
    """

    identities: list[SocialAccount]
    changes: list[tuple[UnconfirmedChange, str]]


def sign_in_means(people: Iterable[UUID], organization: Organization) -> Mapping[UUID, SignInMeans]:
    """Return the `SignInMeans` of each person, as {id of the person: means}.

    The text for a change by an administrator of another organization does not contain this administrator's name. The
    function sends at most three queries.
    """
    ids = list(people)
    found: dict[UUID, SignInMeans] = defaultdict(lambda: SignInMeans([], []))
    for identity in SocialAccount.objects.filter(user__in=ids).order_by("pk"):
        found[identity.user_id].identities.append(identity)
    changes = list(
        UnconfirmedChange.objects.filter(person__in=ids).select_related("made_by").order_by("made_at")
    )
    makers = [change.made_by_id for change in changes if change.made_by_id is not None]
    own = Membership.objects.filter(organization=organization, person__in=makers)
    colleagues = set(own.values_list("person_id", flat=True)) if makers else set()
    for change in changes:
        if change.made_by is None:
            name = "a former administrator"
        elif change.made_by_id in colleagues:
            name = change.made_by.get_full_name()
        else:
            name = "an administrator of another organization"
        found[change.person_id].changes.append((change, name))
    return found
