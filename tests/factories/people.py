"""Factories of people and memberships."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models.signals import post_save
from django.utils import timezone

from portal.accounts.events import role_saved
from tenants.actions import grant_membership
from tenants.models import Membership, Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests.factories.places import BY

PASSWORD = "correct horse battery staple"
ROLE_SAVED = {"sender": Membership, "dispatch_uid": "accounts.events.role_saved"}
_numbers = count(1)
# The ids of new people, to whom `member` has not granted a role yet.
_new: set[UUID] = set()


@contextmanager
def _without_reaction() -> Iterator[None]:
    """Save roles without calling `role_saved`, which adapts the account of a person whose roles change.

    A new account has no tokens, permits or unverified addresses to adapt. Looking for them would take half of the time
    of granting a role.
    """
    assert post_save.disconnect(**ROLE_SAVED)
    try:
        yield
    finally:
        post_save.connect(role_saved, **ROLE_SAVED)


def person(email: str = "", name: str = "", **given: Any) -> Person:
    """Create a person with a verified address and without memberships, who can sign in with PASSWORD."""
    number = next(_numbers)
    made = Person.objects.create_user(
        email or f"person{number}@example.com", PASSWORD, name=name or f"Person {number}", **given
    )
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    _new.add(made.pk)
    return made


def member(role: Role, place: Tenant | Organization, who: Person | None = None, **given: Any) -> Person:
    """Grant the role in the tenant or the whole organization to `who`, or to a new person. Return the person."""
    who = who or person()
    owner = place if isinstance(place, Organization) else place.organization
    if role is Role.AUDITOR:
        given.setdefault("valid_until", timezone.now() + timedelta(days=30))
    is_new = who.pk in _new
    _new.discard(who.pk)
    with organization_scope(owner), _without_reaction() if is_new else nullcontext():
        grant_membership(
            by=BY,
            person=who,
            organization=owner,
            role=role,
            tenant=place if isinstance(place, Tenant) else None,
            **given,
        )
    return who
