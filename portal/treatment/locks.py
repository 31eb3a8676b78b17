"""The lock that serializes writers of a tenant's treatments."""

from uuid import UUID

from tenants.locks import Lock, lock


def lock_treatments(tenant_id: UUID) -> None:
    """Wait until no other transaction writes the tenant's treatments, and hold the lock until this transaction ends.

    Take it before any row is read, because rows may change while the transaction waits.
    """
    lock(Lock.TREATMENTS, tenant_id)
