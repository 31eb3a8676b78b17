"""Who did something, from how the journal names them (`tenants.actors.describe`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from tenants.ids import parse_uuid
from tenants.models import Person

_PERSON: Final = re.compile(r"(?P<email>.+) \(person:(?P<id>[0-9a-f-]{36})\)", re.DOTALL)
_SYSTEM: Final = "system:"


class Who(NamedTuple):
    """`key` names them in an address: a person's id, `system:<name>`, or what the journal says.

    `name` is the person's name today, where there still is such a person; `note` the address that they had
    then, or that it was Surety itself.
    """

    key: str
    name: str
    note: str
    is_person: bool


def key_of(actor: str) -> str:
    """The same for all addresses that a person has had."""
    found = _PERSON.fullmatch(actor)
    return found["id"] if found else actor


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """The names of the people among them by their ids; one query, none where there are no people."""
    ids = {identifier for actor in actors if (identifier := parse_uuid(key_of(actor)))}
    if not ids:
        return {}
    return {str(person.pk): str(person) for person in Person.objects.filter(pk__in=ids)}


def who(actor: str, names: Mapping[str, str]) -> Who:
    """`names` as `names_of` gives them."""
    if actor.startswith(_SYSTEM):
        name = actor.removeprefix(_SYSTEM)
        return Who(actor, f"{name[:1].upper()}{name[1:]}", "Surety itself", False)
    found = _PERSON.fullmatch(actor)
    if not found:
        return Who(actor, actor, "", False)
    email = found["email"]
    name = names.get(found["id"], email)
    return Who(found["id"], name, email if name != email else "", True)
