"""Allow only one run of each kind of ticket task per organization, so that slow systems do not occupy all workers."""

from __future__ import annotations

from contextlib import AbstractContextManager
from uuid import UUID

from tenants.locks import Lock, session_lock


def turn(organization_id: UUID, task: str) -> AbstractContextManager[bool]:
    """Yield whether this worker may run the task now. Yield False if another worker is running the same task for the
    organization.

    Call this function while no scope (`tenants.scope`) is open. The call never waits for the other worker, because the
    periodic task finds the remaining work later.
    """
    return session_lock(Lock.TICKET_RUN, f"{organization_id}:{task}")
