"""Test whether the owner and the application connect to the same database. Comparing their addresses is not enough.

A pooler or another name of the server may be in only one of the addresses.
"""

from __future__ import annotations

import secrets

from django.db.backends.base.base import BaseDatabaseWrapper


def is_same_database(owner: BaseDatabaseWrapper, application: BaseDatabaseWrapper) -> bool:
    """Return whether a lock that the owner holds keeps the application from taking the same lock.

    Advisory locks belong to one database of one server.
    """
    key = secrets.randbits(62)
    with owner.cursor() as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [key])
        try:
            with application.cursor() as other:
                # The lock of a transaction, so that it also ends behind a pooler.
                other.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
                return not other.fetchone()[0]
        finally:
            holder.execute("SELECT pg_advisory_unlock(%s)", [key])
