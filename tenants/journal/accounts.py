"""Record events of a person's account in the journals of all organizations in which the person has a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenants import journal
from tenants.actors import Actor
from tenants.models import Organization, Person
from tenants.scope import journal_scope, organizations_of


def record_for(
    person: Person, *, actor: Actor, action: str, details: Mapping[str, Any] | None = None
) -> None:
    """Append one entry to the journal of each organization in which the person has a role.

    If the person has no role in any organization, only Surety's log contains the event.
    """
    for organization_id in sorted(organizations_of(person)):
        with journal_scope(organization_id):
            organization = Organization(pk=organization_id)
            journal.record(
                organization=organization, actor=actor, action=action, target=person, details=details
            )
