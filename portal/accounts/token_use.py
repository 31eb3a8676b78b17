"""What a request or a job of an API token may do: whether the token still counts, and its limit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from portal.accounts.authentication import has_second_factor
from portal.accounts.models import ApiToken
from portal.accounts.policy import Policy, policy_of
from tenants.active_scope import ScopeLimit
from tenants.errors import PermissionDenied
from tenants.models import Person
from tenants.roles import Capability
from tenants.scope import person_scope


def limit_of(token: ApiToken) -> ScopeLimit:
    """Return the limit of the token for the scope of its person."""
    return ScopeLimit(
        organization_id=token.organization_id,
        # Ignore rights that this version no longer has.
        capabilities=frozenset(Capability(one) for one in token.capabilities if one in Capability),
        tenant_ids=None if token.tenant_ids is None else frozenset(token.tenant_ids),
        token=token.beginning,
    )


def require_second_factor(person: Person, policy: Policy) -> None:
    """Raise PermissionDenied if the person lacks a second factor that their organization requires."""
    if policy.second_factor and not policy.trusts_sso and not has_second_factor(person):
        raise PermissionDenied(
            "Your organization requires a second factor. Sign in and add one. Then the token works again.",
            code="second_factor_required",
        )


def token_that_counts(token_id: UUID, person_id: UUID, now: datetime) -> ApiToken:
    """Return a token with its person, for work that goes on after the request. Call without an open scope.

    Raise PermissionDenied if the person's account is disabled or lacks a required second factor, or if the token was
    revoked, has ended or was deleted after its end.
    """
    person = Person.objects.get(pk=person_id)
    if not person.is_active:
        raise PermissionDenied("The account of the token’s person is disabled.", code="account_disabled")
    with person_scope(person):
        token = ApiToken.objects.filter(pk=token_id, person=person).first()
    if token is not None and token.revoked_at is not None:
        raise PermissionDenied("The API token was revoked.", code="token_revoked")
    if token is None or token.expires_at <= now:
        raise PermissionDenied("The API token has expired.", code="token_expired")
    require_second_factor(person, policy_of(person))
    token.person = person
    return token
