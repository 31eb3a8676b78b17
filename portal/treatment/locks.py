"""The lock that serializes writers of a tenant's treatments."""

from uuid import UUID

from tenants import access
from tenants.locks import Lock, lock, try_lock


def lock_treatments(tenant_id: UUID) -> None:
    """Wait until no other transaction writes the tenant's treatments, and hold the lock until this transaction ends.

    Take the lock before reading any row, because rows may change while the transaction waits. Raise PermissionDenied if
    the person's access to the tenant ended in the meantime.
    """
    if not try_lock(Lock.TREATMENTS, str(tenant_id)):
        lock(Lock.TREATMENTS, tenant_id)
        access.require_same_access(tenant_id)
