"""One at a time: whoever writes a tenant's treatments takes the tenant's lock first, so that nobody deadlocks."""

from __future__ import annotations

from django.db import connection

from tenants.models import Tenant


def lock_treatments(tenant: Tenant) -> None:
    """Wait for the tenant's lock, which is held until the transaction ends. Take it before the journal's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"surety.treatment:{tenant.pk}"]
        )
