"""Factories of people and memberships."""

from datetime import timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from tenants.actions import grant_membership
from tenants.models import Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests.factories.places import BY

PASSWORD = "correct horse battery staple"
_numbers = count(1)


def person(email: str = "", name: str = "", **given: Any) -> Person:
    """Create a person with a verified address and without memberships, who can sign in with PASSWORD."""
    number = next(_numbers)
    made = Person.objects.create_user(
        email or f"person{number}@example.com", PASSWORD, name=name or f"Person {number}", **given
    )
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


def member(role: Role, place: Tenant | Organization, who: Person | None = None, **given: Any) -> Person:
    """Create a person with the role in the tenant, or in the organization as a whole."""
    who = who or person()
    owner = place if isinstance(place, Organization) else place.organization
    if role is Role.AUDITOR:
        given.setdefault("valid_until", timezone.now() + timedelta(days=30))
    with organization_scope(owner):
        grant_membership(
            by=BY,
            person=who,
            organization=owner,
            role=role,
            tenant=place if isinstance(place, Tenant) else None,
            **given,
        )
    return who
