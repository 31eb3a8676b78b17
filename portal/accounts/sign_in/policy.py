"""The sign-in policy of an organization, and the policy that applies to a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from tenants.isolation.built_query import BuiltInstances
from tenants.models import Membership, Organization, Person
from tenants.scope import Scope, current, current_or_none, person_scope


@dataclass(frozen=True, slots=True)
class Policy:
    """The sign-in policy of a person: for each rule, the strictest requirement of the person's organizations.

    `trusts_sso` states whether single sign-on counts as two factors.
    """

    second_factor: bool
    sso: bool
    trusts_sso: bool
    idle: timedelta
    absolute: timedelta


def domain_of(email: str) -> str:
    """Return the domain of an email address in lower case."""
    return email.rpartition("@")[2].lower()


def leaves_single_sign_on(person: Person, address: str) -> bool:
    """Return whether the person could avoid single sign-on by changing the email address to `address`.

    This is the case if single sign-on is required for the person's current address, but not for `address`.
    """
    return policy_of(person).sso and not policy_of(person, address).sso


def policy_of(person: Person, address: str = "") -> Policy:
    """Return the sign-in policy that applies to a person now. The policy depends on the person's valid roles. If no
    scope (`tenants.scope`) is open, this function opens the person's scope.

    If `address` is given, return the policy that would apply if the person had this email address.
    """
    address = address or person.email
    if current_or_none() is None:
        with person_scope(person):
            return _read(person, address)
    return _read(person, address)


def policy_in_scope(person: Person, scope: Scope, organizations: Iterable[Organization]) -> Policy:
    """Return the policy that applies to the person.

    The current scope (`tenants.scope`) already has the person's roles, so no query is needed. `organizations`
    are the organizations in which the person has a role.
    """
    return _strictest(
        person.email, ((one, scope.roles_held.get(one.pk, frozenset())) for one in organizations)
    )


def _read(person: Person, address: str) -> Policy:
    now, scope = timezone.now(), current()
    rows: Iterable[Membership]
    # In a scope without organizations, the query selects nothing. Django builds no SQL for such a query, so there is
    # no prebuilt form of it.
    key = scope.key if scope.visible_organization_ids | scope.organization_ids else None
    if key is None:
        rows = _memberships(now, person.pk).select_related("organization")
    else:
        rows = _built_memberships(key)(moment=now, person=person.pk)
    return _strictest(address, ((row.organization, (row.role,)) for row in rows))


def _memberships(moment: datetime, person: UUID) -> QuerySet[Membership]:
    return Membership.objects.filter(Membership.valid_at(moment), person=person)


@lru_cache(maxsize=512)
def _built_memberships(_of_scope: tuple[object, ...]) -> BuiltInstances[Membership]:
    """Return a prebuilt form of the query `_memberships` that also selects the organizations. The form is cached per
    scope, because each request of a program sends this query.
    """
    return BuiltInstances(
        _memberships, related_object="organization", moment=datetime(1, 1, 1, tzinfo=UTC), person=UUID(int=0)
    )


def _strictest(address: str, held: Iterable[tuple[Organization, Collection[str]]]) -> Policy:
    """Return the strictest requirements of the organizations, for a person who has these roles in them.

    An organization can require single sign-on for those of its people whose email addresses belong to a domain. If the
    operator has stated that the organization owns the domain, the requirement applies to all of these people. If not,
    it applies only to people who have no role in another organization. Without this limit, an organization could enter
    the domain of another organization and lock out the people of that organization.
    """
    places: dict[UUID, tuple[Organization, set[str]]] = {}
    for organization, roles in held:
        if roles:
            places.setdefault(organization.pk, (organization, set()))[1].update(roles)
    domain = domain_of(address)
    second_factor = sso = False
    trusts_sso = True
    idle, hours = settings.SURETY_SESSION_IDLE_MINUTES, settings.SURETY_SESSION_HOURS
    for organization, roles in places.values():
        if settings.SURETY_SECOND_FACTOR or not roles.isdisjoint(organization.second_factor_roles):
            second_factor = True
            trusts_sso = trusts_sso and organization.sso_counts_as_second_factor
        if domain in organization.sso_domains and (len(places) == 1 or owns(organization, domain)):
            sso = True
        idle = min(idle, organization.session_idle_minutes or idle)
        hours = min(hours, organization.session_hours or hours)
    return Policy(second_factor, sso, trusts_sso, timedelta(minutes=idle), timedelta(hours=hours))


def owns(organization: Organization, domain: str) -> bool:
    """Return whether the operator has stated that the organization owns the domain.

    The command `manage.py claim_domain` stores such a statement. The setting SURETY_SSO_DOMAIN_OWNERS takes precedence.
    """
    owner = settings.SURETY_SSO_DOMAIN_OWNERS.get(domain)
    return owner == organization.slug if owner is not None else domain in organization.owned_domains
