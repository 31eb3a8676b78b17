"""Actors: a person, or a named part of Surety itself."""

import getpass
import os
from dataclasses import dataclass

from tenants.models import Person


@dataclass(frozen=True, slots=True)
class System:
    """A part of Surety that acts without a person, such as the scheduler or a set-up command."""

    name: str


type Actor = Person | System


def operator() -> System:
    """Return the operator who runs a command. The operator has the name of the operating system's account. If the
    account has no name, as in some containers, its number is used instead.
    """
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # Before Python 3.13, `getuser` raised KeyError.
        name = f"uid {os.getuid()}"
    return System(f"operator {name}")


def title_of(name: str) -> str:
    """Return the name of a part of Surety as pages show it, with a capital first letter, such as `Operator root`."""
    return f"{name[:1].upper()}{name[1:]}"


def describe(actor: Actor) -> str:
    """Return the text with which the journal names an actor.

    The text is `<email> (person:<id>)` for a person, `system:<name>` for a part of Surety, and
    `<name> (service account) (person:<id>)` for a service account.
    """
    if isinstance(actor, System):
        return f"system:{actor.name}"
    who = actor.get_full_name() if actor.is_service else actor.email
    return f"{who} (person:{actor.pk})"
