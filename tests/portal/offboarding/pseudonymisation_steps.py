"""A person who leaves, and the steps of their pseudonymisation."""

from __future__ import annotations

from django.utils import timezone

from portal.offboarding.erasures.erase_customer import run_erasure
from portal.offboarding.erasures.requests import confirm_erasure, request_pseudonymisation
from portal.offboarding.models import Erasure
from tenants.models import (
    Membership,
    Person,
)
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.portal.web.world import World

NAME = "Mira Okafor"
ADDRESSES = ("engineer@example.com", "mira.former@example.com")


def leaver(world: World) -> Person:
    return world.people["organization_engineer"]


def administrators(world: World) -> tuple[Person, Person]:
    return world.people["organization_administrator"], factories.member(
        Role.ORGANIZATION_ADMINISTRATOR, world.organization
    )


def end_access(world: World, who: Person) -> None:
    with organization_scope(world.organization):
        Membership.objects.filter(person=who, valid_until=None).update(valid_until=timezone.now())


def confirmed(world: World, who: Person) -> Erasure:
    first, second = administrators(world)
    with person_scope(first):
        erasure = request_pseudonymisation(
            organization=world.organization, person=who, by=first, reason="Mira left"
        )
    with person_scope(second):
        return confirm_erasure(erasure=erasure, by=second)


def run_confirmed(erasure: Erasure) -> Erasure:
    run_erasure(organization_id=erasure.organization_id, erasure_id=erasure.pk)
    with organization_scope(erasure.organization_id):
        return Erasure.objects.get(pk=erasure.pk)
