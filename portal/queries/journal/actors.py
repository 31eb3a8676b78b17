"""Parse the actors of journal entries from the texts that `tenants.actors.describe` wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from tenants.actors import title_of
from tenants.ids import parse_uuid
from tenants.models import Person

_PERSON: Final = re.compile(r"(?P<email>.+) \(person:(?P<id>[0-9a-f-]{36})\)", re.DOTALL)
_SYSTEM: Final = "system:"


class JournalActor(NamedTuple):
    """An actor as pages show it.

    `key` identifies the actor in query parameters: a person's id, `system:<name>`, or the text in the journal. `name`
    is the current name. For a person, `note` is the email address at the time of the entry, or empty if it equals the
    name. For a part of Surety, `note` says that Surety itself acted.
    """

    key: str
    name: str
    note: str
    is_person: bool


def key_of(actor: str) -> str:
    """Return the actor's key, which does not change with a person's email address."""
    found = _PERSON.fullmatch(actor)
    return found["id"] if found else actor


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Return {id: current name} of the people among the actors. If no actor is a person, send no query."""
    ids = {identifier for actor in actors if (identifier := parse_uuid(key_of(actor)))}
    if not ids:
        return {}
    return {str(person.pk): str(person) for person in Person.objects.filter(pk__in=ids)}


def parse_actor(actor: str, names: Mapping[str, str]) -> JournalActor:
    """Return the actor that a text of the journal states. `names` is the result of `names_of`."""
    if actor.startswith(_SYSTEM):
        name = actor.removeprefix(_SYSTEM)
        return JournalActor(actor, title_of(name), "Surety itself", False)
    found = _PERSON.fullmatch(actor)
    if not found:
        return JournalActor(actor, actor, "", False)
    email = found["email"]
    name = names.get(found["id"], email)
    return JournalActor(found["id"], name, email if name != email else "", True)
