"""Allow only one run of each kind of ticket task per organization, so that slow systems do not occupy all workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from tenants.locks import Lock, release_session_lock, try_session_lock


@contextmanager
def turn(organization_id: UUID, task: str) -> Iterator[bool]:
    """Yield whether this worker may run the task now. Yield False if another worker is running the same task for the
    organization.

    Call this function while no scope (`tenants.scope`) is open. The call never waits, because the periodic task finds
    remaining work again.
    """
    name = f"{organization_id}:{task}"
    if not try_session_lock(Lock.TICKET_RUN, name):
        yield False
        return
    try:
        yield True
    finally:
        try:
            release_session_lock(Lock.TICKET_RUN, name)
        except (DatabaseError, InterfaceError):
            # The connection was lost, and so PostgreSQL has already released the lock.
            connection.close()
