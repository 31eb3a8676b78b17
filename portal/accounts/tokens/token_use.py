"""Determine what the requests and jobs of an API token or client secret may do. Check that the token or secret is still
valid, and return its rights and customers.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.socialaccount.models import SocialAccount

from portal.accounts.models import ApiToken, ClientSecret
from portal.accounts.sign_in.authentication import has_second_factor
from portal.accounts.sign_in.policy import Policy, policy_of
from tenants.errors import PermissionDenied
from tenants.isolation.active_scope import ScopeLimit
from tenants.models import Person
from tenants.roles import Capability
from tenants.scope import organization_scope, person_scope


@dataclass(frozen=True, slots=True)
class Authority:
    """The person in whose name a job runs, and the limit of what the job may do.

    A job runs after the answer to the API request that started the job. By then, the token may have ended or lost some
    rights. So the person and the limit are determined again for the job.
    """

    person: Person
    limit: ScopeLimit


def limit_of(token: ApiToken) -> ScopeLimit:
    """Return the limit of the token: the organization, rights and customers that its requests may use at most."""
    return ScopeLimit(
        organization_id=token.organization_id,
        # Ignore rights that this version of Surety no longer has.
        capabilities=frozenset(Capability(one) for one in token.capabilities if one in Capability),
        tenant_ids=None if token.tenant_ids is None else frozenset(token.tenant_ids),
        token=token.beginning,
    )


def require_second_factor(person: Person, policy: Policy) -> None:
    """Raise PermissionDenied if the person lacks a second factor that their organization requires.

    If the policy trusts single sign-on, a linked identity replaces the second factor.
    """
    if not policy.second_factor or has_second_factor(person):
        return
    if not (policy.trusts_sso and SocialAccount.objects.filter(user=person).exists()):
        raise PermissionDenied(
            "Your organization requires a second factor. Sign in and add one. Then the token works again.",
            code="second_factor_required",
        )


def authority_of_token(token_id: UUID, person_id: UUID, now: datetime) -> Authority:
    """Return the authority of a job that a request with this API token has started. Call this outside of any scope
    (`tenants.scope`).

    Raise PermissionDenied if the account is disabled or lacks a required second factor, or if the token has ended.
    """
    person = _active_person(person_id)
    with person_scope(person):
        token = ApiToken.objects.filter(pk=token_id, person=person).first()
    if token is not None and token.revoked_at is not None:
        raise PermissionDenied("The API token was revoked. Create a new one.", code="token_revoked")
    if token is None or token.expires_at <= now:
        raise PermissionDenied(
            "The token has expired. Create a new API token, or request a new access token.",
            code="token_expired",
        )
    require_second_factor(person, policy_of(person))
    return Authority(person, limit_of(token))


def authority_of_secret(
    secret_id: UUID, organization_id: UUID, person_id: UUID, rights: Collection[str], now: datetime
) -> Authority:
    """Return the authority of a job that a request with an access token has started.

    Call this outside of any scope (`tenants.scope`). The job may continue as long as the client secret is valid, even
    if the access token has ended. `rights` are the rights of the access token. Raise PermissionDenied if the account is
    disabled or lacks a required second factor, or if the secret has ended.
    """
    person = _active_person(person_id)
    with organization_scope(organization_id):
        secret = ClientSecret.objects.filter(pk=secret_id, person=person).first()
    if secret is None or secret.revoked_at is not None:
        raise PermissionDenied(
            "The client secret was revoked. Create a new one.", code="client_secret_revoked"
        )
    if secret.expires_at <= now:
        raise PermissionDenied(
            "The client secret has expired. Create a new one.", code="client_secret_expired"
        )
    require_second_factor(person, policy_of(person))
    held = frozenset(rights) & frozenset(secret.capabilities)
    limit = ScopeLimit(
        organization_id=organization_id,
        # Ignore rights that this version of Surety no longer has.
        capabilities=frozenset(Capability(one) for one in held if one in Capability),
        tenant_ids=None,
        token=secret.beginning,
    )
    return Authority(person, limit)


def _active_person(person_id: UUID) -> Person:
    person = Person.objects.get(pk=person_id)
    if not person.is_active:
        raise PermissionDenied(
            "The account to which the token belongs is disabled. Ask an administrator to enable it.",
            code="account_disabled",
        )
    return person
