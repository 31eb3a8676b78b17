"""How many units of one organization run at once: session-level advisory locks, one a slot.

A worker that dies loses its connection and with it the slot; no row has to be cleaned up. Row-level
security keeps one tenant's task from counting another's units, locks need no such look.
Source: https://www.postgresql.org/docs/18/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from assessments.actions.lease import Busy
from tenants.models import TenantKey

_NAME = "surety.units:{organization}:{slot}"


@contextmanager
def organization_slot(tenant_id: UUID | str, most: int | None = None) -> Iterator[None]:
    """Hold one of the organization's slots; raises Busy when all are taken."""
    organization = (
        TenantKey.objects.filter(tenant_id=tenant_id).values_list("organization_id", flat=True).first()
    )
    held = None
    for slot in range(most or settings.SURETY_UNITS_PER_ORGANIZATION):
        name = _NAME.format(organization=organization, slot=slot)
        if _lock("pg_try_advisory_lock", name):
            held = name
            break
    if held is None:
        raise Busy(2.0)
    try:
        yield
    finally:
        try:
            _lock("pg_advisory_unlock", held)
        except (DatabaseError, InterfaceError):
            # The connection went away, and the slot with it.
            connection.close()


def _lock(function: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 11))", [name])
        (answer,) = cursor.fetchone()
    return bool(answer)
