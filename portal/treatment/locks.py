"""The lock that serializes writers of a tenant's treatments."""

from uuid import UUID

from tenants.locks import Lock, lock


def lock_treatments(tenant_id: UUID) -> None:
    """Wait until no other transaction writes the tenant's treatments, then hold the lock until the current
    transaction ends.

    Take the lock before any row is read or written, because rows may change while the transaction waits.
    """
    lock(Lock.TREATMENTS, tenant_id)
