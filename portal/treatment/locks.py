"""One writer of a tenant's treatments at a time."""

from uuid import UUID

from django.db import connection


def lock_treatments(tenant_id: UUID) -> None:
    """Until the transaction ends: decisions, expiries and derivation of one tenant follow each other.

    What waits here reads afterwards what the one before it has committed (READ COMMITTED), so whoever comes
    second meets the state that the first one left. Take it before any row is written. It is never held while
    waiting for the engine's `lock_tenant`: treatments read verdicts and never write them, and the engine does
    not write treatments, so the two cannot wait for each other. The journal's lock comes after both.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 13))", [str(tenant_id)])
