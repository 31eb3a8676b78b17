"""The lock between telling what is standing and forgetting it."""

from uuid import UUID

from django.db import connection


def lock_told(tenant_id: UUID) -> None:
    """Until the transaction ends: a row and the key that replaces it are not seen as both missing.

    Whoever tells may hold the tenant's treatments; whoever forgets waits for nothing else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 23))", [str(tenant_id)])
