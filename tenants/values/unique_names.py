"""Names that only one row may have, such as the names of an organization's ticket systems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from tenants.errors import Conflict


def name_taken(noun: str) -> Conflict:
    """Return the error for a name that another row has. `noun` is the word for the row, such as “ticket system”."""
    message = f"A {noun} with this name already exists. Choose another name."
    return Conflict(message, code="already_there", fields={"name": [message]})


@contextmanager
def unique_name(constraint: str, noun: str) -> Iterator[None]:
    """If the `with` block saves a row that violates the unique constraint of names, undo what the block wrote, and
    raise `name_taken`.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise name_taken(noun) from error
