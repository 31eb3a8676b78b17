"""The pseudonymisations of the same person in other organizations.

Each organization has its own erasure, because an organization cannot see the erasures of other organizations. This
module reads only the states of these erasures, without names or ids of organizations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from portal.offboarding.models import Erasure
from tenants.models import Organization, Person
from tenants.scope import roles_everywhere

WITHDRAWN_ELSEWHERE: Final = (
    "The request was withdrawn in another organization in which the person had a role. The operator can make a new"
    " request."
)
_STARTED: Final = (Erasure.State.RUNNING, Erasure.State.DONE)


@dataclass(frozen=True, slots=True)
class Other:
    """The pseudonymisation of the person in another organization.

    `state` is None if that organization has not requested the pseudonymisation. `is_due` states whether the waiting
    period has ended there. `has_returned` states whether the person got a role there after the request, even if that
    role has ended since.
    """

    state: str | None
    is_due: bool
    has_returned: bool

    @property
    def has_started(self) -> bool:
        return self.state in _STARTED

    @property
    def is_abandoned(self) -> bool:
        """Whether the other organization has not requested the pseudonymisation, or has withdrawn its request."""
        return self.state is None or self.state == Erasure.State.WITHDRAWN

    @property
    def may_start(self) -> bool:
        """Whether the other organization permits the start: the pseudonymisation has started there, or it was confirmed
        there and the waiting period has ended.
        """
        return self.has_started or (self.state == Erasure.State.CONFIRMED and self.is_due)


def in_other_organizations(erasure: Erasure) -> list[Other]:
    """Return the states of a person's pseudonymisation in other organizations. Needs the scope of the
    organization of `erasure`.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, due, returned FROM leaving_elsewhere(%s, %s)",
            [erasure.organization_id, erasure.pk],
        )
        return [Other(*values) for values in cursor.fetchall()]


def lock_person(pk: UUID) -> Person:
    """Lock a person, so that only one organization at a time decides about the person's pseudonymisation."""
    return Person.objects.select_for_update(no_key=True).get(pk=pk)


def worked_elsewhere(organization: Organization, person: Person) -> bool:
    """Return whether the person has or had a role in any other organization."""
    return {place for place, _, _ in roles_everywhere(person, ended=True)} != {organization.pk}


def elsewhere_sentence(person: Person) -> str:
    """Return the sentence that says how to pseudonymise a person who had roles in several organizations."""
    return (
        f"{person} also had a role in another organization. Ask the operator of Surety to request the"
        f" pseudonymisation in all organizations (manage.py pseudonymise_person {person.email} --reason TEXT)."
        " Then an administrator of each organization confirms the request on the page Erasures."
    )
