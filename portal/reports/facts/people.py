"""The names of people who use the portal, as a report states them."""

from __future__ import annotations

from collections.abc import Callable

from portal.treatment.timeline import actor_label
from tenants.models import Person

type PersonLabel = Callable[[Person | None], str]


def person_label(person: Person | None) -> str:
    """Return the person's name and email address, or an empty string for None."""
    return actor_label(person) if person else ""


def person_id_label(person: Person | None) -> str:
    """Return the text for a person in a report without names: “Person” and the id, or an empty string for None."""
    return f"Person {person.pk}" if person else ""
