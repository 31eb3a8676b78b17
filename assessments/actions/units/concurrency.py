"""Limit how many tasks of one organization read Azure at the same time: units, checks of findings, and turns of the
watch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings

from assessments.actions.units.lease import Busy
from tenants.locks import Lock, release_session_lock, try_session_lock
from tenants.models import TenantKey


@contextmanager
def organization_slot(tenant_id: UUID | str, limit: int | None = None) -> Iterator[None]:
    """Hold one of the organization's slots for tasks that read Azure (`SURETY_UNITS_PER_ORGANIZATION`). Raise Busy if
    all slots are taken.

    Row-level security hides the tasks of other tenants, so the tasks of an organization cannot be counted in a table.
    Instead, each slot is an advisory lock.
    """
    keys = TenantKey.objects.filter(tenant_id=tenant_id)
    organization = keys.values_list("organization_id", flat=True).first()
    for number in range(limit or settings.SURETY_UNITS_PER_ORGANIZATION):
        slot = f"{organization}:{number}"
        if try_session_lock(Lock.UNIT_SLOT, slot):
            break
    else:
        raise Busy(2.0)
    try:
        yield
    finally:
        release_session_lock(Lock.UNIT_SLOT, slot)
