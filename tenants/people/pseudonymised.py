"""Refuse access to people whose pseudonymisation has started: they get no new role, and their account is not enabled.

Triggers of `portal.offboarding` enforce this; this module turns their errors into a message for people.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import IntegrityError

from tenants.errors import Conflict
from tenants.models import Person

REFUSAL: Final = "a person whose pseudonymisation has started gets no access"


@contextmanager
def no_access_once_pseudonymised(person: Person) -> Iterator[None]:
    """Raise Conflict if a statement in the `with` block gives access to a person whose pseudonymisation has started.

    The transaction cannot continue afterwards, so let the error end it.
    """
    try:
        yield
    except IntegrityError as error:
        if REFUSAL not in str(error):
            raise
        raise Conflict(
            f"The pseudonymisation of {person} has started, so this person cannot get access again. If the person"
            " returns, invite the person with another email address.",
            code="person_pseudonymised",
        ) from None
