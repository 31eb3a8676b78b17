"""Values that only one row may have, such as the names of an organization's ticket systems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import IntegrityError, transaction

from tenants.errors import Conflict


@contextmanager
def unique_or_conflict(constraint: str, field: str, message: str) -> Iterator[None]:
    """If the `with` block violates the unique constraint, undo what the block wrote, and raise Conflict about `field`
    with the message.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise _conflict(field, message) from error


def unique_name(constraint: str, noun: str) -> AbstractContextManager[None]:
    """Do the same as `unique_or_conflict` for names. `noun` is the word for the row, such as “ticket system”."""
    return unique_or_conflict(constraint, "name", _message(noun))


def name_taken(noun: str) -> Conflict:
    """Return the error for a name that another row has."""
    return _conflict("name", _message(noun))


def _message(noun: str) -> str:
    return f"A {noun} with this name already exists. Choose another name."


def _conflict(field: str, message: str) -> Conflict:
    return Conflict(message, code="already_there", fields={field: [message]})
