"""The lock that serializes writers of a tenant's treatments."""

from uuid import UUID

from tenants.locks import Lock, lock


def lock_treatments(tenant_id: UUID) -> None:
    """Wait until no other transaction writes treatments of the tenant, and hold the lock until this one ends.

    Take the lock before any row is read or written, because rows may change while the transaction waits.
    """
    lock(Lock.TREATMENTS, tenant_id)
