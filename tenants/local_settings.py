"""PostgreSQL settings `surety.*`, which the policies in `tenants.rls` read. Set by `tenants.scope` alone."""

from collections.abc import Set as AbstractSet
from uuid import UUID

from django.db import connection


def array(ids: AbstractSet[UUID]) -> str:
    """The ids as a PostgreSQL array literal; empty for none."""
    return "{" + ",".join(sorted(map(str, ids))) + "}" if ids else ""


def set_local(**settings: str) -> None:
    """SET LOCAL for each `surety.<name>`, in one round trip: until the transaction ends."""
    calls = ", ".join("set_config(%s, %s, true)" for _ in settings)
    parameters = [part for name, value in settings.items() for part in (f"surety.{name}", value)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", parameters)
