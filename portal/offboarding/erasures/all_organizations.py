"""Pseudonymise a person who had roles in several organizations. The operator requests the pseudonymisation in all these
organizations.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from portal.offboarding.erasures.checks import checked_reason, refuse_access
from portal.offboarding.erasures.requests import create_erasure, withdraw_row
from portal.offboarding.models import Erasure
from portal.offboarding.people.other_organizations import (
    WITHDRAWN_ELSEWHERE,
    in_other_organizations,
    lock_person,
)
from portal.offboarding.people.pseudonymise import new_pseudonym
from portal.offboarding.task_names import RUN_ERASURE
from tenants.actors import System
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.models import Organization, Person
from tenants.scope import organization_scope, roles_everywhere


def organizations_of_leaver(person: Person) -> list[UUID]:
    """Return the ids of all organizations in which the person has or had a role, including those outside the open
    scope.
    """
    return sorted({place for place, _, _ in roles_everywhere(person, ended=True)})


@transaction.atomic
def request_everywhere(*, person: Person, by: System, reason: str) -> list[Erasure]:
    """Request the pseudonymisation in each organization in which the person had a role, with one pseudonym.

    Only the operator may decide for several organizations. Call this function without an open scope. Raise Conflict if
    the person still has access or never had a role, or if the pseudonymisation was already requested.
    """
    text, pseudonym = checked_reason(reason), new_pseudonym()
    who = lock_person(person.pk)
    places = organizations_of_leaver(who)
    if not places:
        raise Conflict(
            f"{person} has never had a role in an organization. Check the email address.",
            code="person_unknown",
        )
    rows = []
    for place in places:
        with organization_scope(place):
            organization = Organization.objects.get(pk=place)
            refuse_access(organization, who)
            rows.append(
                create_erasure(organization, Erasure.Kind.PERSON, who.pk, by, text, pseudonym=pseudonym)
            )
    return rows


@transaction.atomic
def withdraw_abandoned(*, organization_id: UUID, by: System) -> int:
    """Withdraw the organization's waiting pseudonymisations that another organization has abandoned.

    A pseudonymisation needs a request in every organization in which the person had a role. An organization without
    such a request, or with a withdrawn request, has abandoned the pseudonymisation. Return the number of withdrawn
    pseudonymisations. Needs the organization's scope.
    """
    waiting = (Erasure.State.REQUESTED, Erasure.State.CONFIRMED)
    people = Erasure.objects.filter(organization=organization_id, kind=Erasure.Kind.PERSON, state__in=waiting)
    people = people.exclude(subject=None)
    withdrawn = 0
    for who in Person.objects.filter(pk__in=people.values("subject")).order_by("pk"):
        lock_person(who.pk)
        row = people.select_for_update(of=("self",)).filter(subject=who.pk).first()
        if row is not None and any(one.is_abandoned for one in in_other_organizations(row)):
            organization = Organization.objects.get(pk=organization_id)
            withdraw_row(row, organization, by, "", problem=WITHDRAWN_ELSEWHERE)
            withdrawn += 1
    return withdrawn


def continue_elsewhere(person: Person) -> None:
    """Enqueue the person's confirmed pseudonymisations in all organizations. Call this function without an open
    scope.
    """
    for place in organizations_of_leaver(person):
        with organization_scope(place):
            waiting = Erasure.objects.filter(subject=person.pk, state=Erasure.State.CONFIRMED)
            for pk in waiting.values_list("pk", flat=True):
                enqueue(RUN_ERASURE, place, pk)
