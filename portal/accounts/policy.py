"""The sign-in policy of an organization, and the policy that applies to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tenants.models import Membership, Person
from tenants.scope import current_or_none, person_scope

_FIELDS = (
    "organization__second_factor_roles",
    "organization__sso_domains",
    "organization__sso_counts_as_second_factor",
    "organization__session_idle_minutes",
    "organization__session_hours",
)


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
    """Return the domain of an e-mail address in lower case."""
    return email.rpartition("@")[2].lower()


def leaves_single_sign_on(person: Person, address: str) -> bool:
    """Return whether single sign-on is required for the person's current address but not for `address`."""
    return policy_of(person).sso and not policy_of(person, address).sso


def policy_of(person: Person, address: str = "") -> Policy:
    """Return the policy for a person by their current memberships. Opens the person's scope if none is open.

    `address`: the policy that would apply if the person had this e-mail address.
    """
    address = address or person.email
    if current_or_none() is None:
        with person_scope(person):
            return _read(person, address)
    return _read(person, address)


def _read(person: Person, address: str) -> Policy:
    mine = Membership.objects.filter(Membership.valid_at(timezone.now()), person=person)
    second_factor = sso = False
    trusts_sso = True
    idle, hours = settings.SURETY_SESSION_IDLE_MINUTES, settings.SURETY_SESSION_HOURS
    for role, roles, domains, trusts, own_idle, own_hours in mine.values_list("role", *_FIELDS):
        if settings.SURETY_SECOND_FACTOR or role in roles:
            second_factor, trusts_sso = True, trusts_sso and trusts
        sso = sso or domain_of(address) in domains
        idle, hours = min(idle, own_idle or idle), min(hours, own_hours or hours)
    return Policy(second_factor, sso, trusts_sso, timedelta(minutes=idle), timedelta(hours=hours))
