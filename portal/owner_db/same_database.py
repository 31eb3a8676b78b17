"""Test whether the owner and the application connect to the same database.

Comparing their URLs is not enough. For example, one URL may name a connection pooler or another host name of the
server.
"""

from __future__ import annotations

import secrets

from django.db.backends.base.base import BaseDatabaseWrapper


def is_same_database(owner: BaseDatabaseWrapper, application: BaseDatabaseWrapper) -> bool:
    """Return whether both connections use the same database of the same server.

    The owner takes an advisory lock, and the application tries to take the same lock. An advisory lock belongs to one
    database of one server. So if the application cannot take the lock, it uses the owner's database.
    """
    key = secrets.randbits(62)
    with owner.cursor() as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [key])
        try:
            with application.cursor() as other:
                # Use a lock that ends with the transaction. A lock of the session would remain if a pooler gave the
                # session to another client.
                other.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
                return not other.fetchone()[0]
        finally:
            holder.execute("SELECT pg_advisory_unlock(%s)", [key])
