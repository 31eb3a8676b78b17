"""Set settings of PostgreSQL that are valid for one transaction.

The policies in `tenants.rls` read the settings `surety.*`. Only `tenants.scope` and `tenants.people.person_scopes` set
them.
"""

from collections.abc import Set as AbstractSet
from uuid import UUID

from django.db import connection


def array(ids: AbstractSet[UUID]) -> str:
    """Return the ids as a PostgreSQL array literal. Return an empty string if there are no ids."""
    return "{" + ",".join(sorted(map(str, ids))) + "}" if ids else ""


def set_local(**settings: str) -> None:
    """Set the settings `surety.<name>` to these values until the transaction ends, with one query."""
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    parameters = [part for name, value in settings.items() for part in (f"surety.{name}", value)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", parameters)


def stay_idle() -> None:
    """Remove the limit on how long the transaction may be idle, because a slow client may take minutes to receive a
    file.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
