"""Prepare the deletion of old versions of resources, because later versions may be stored as changes since them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import structlog
from django.db import connection

from assessments.evaluate import canonical
from assessments.models import ResourceVersion
from assessments.resource_versions import read_undamaged
from tenants.locks import Lock, lock

log = structlog.get_logger(__name__)

PREPARED: Final = 500
"""Maximum number of versions that one call stores whole."""


def prepare_versions(tenant_id: UUID, before: str) -> int:
    """Prepare the deletion of old versions of resources, of which the database stores some as changes since an
    earlier version. If such a version is kept but the earlier version will be deleted, store the kept version
    as a whole document.

    Return the number of versions stored whole, at most PREPARED; call the function again as long as the number
    equals PREPARED. Versions older than `before` (ISO 8601) may be deleted. A damaged version cannot be stored
    whole: the versions before it are then not deleted. Call in a transaction in the tenant's scope. Raises
    IntegrityError as the database function `retention_delete` does.
    """
    lock(Lock.VERDICTS, tenant_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT retention_refuse(%s, 'versions', %s)", [tenant_id, before])
        cursor.execute(
            "SELECT version_id FROM retention_cut_versions(%s, %s) LIMIT %s", [tenant_id, before, PREPARED]
        )
        ids = [pk for (pk,) in cursor.fetchall()]
        found, damaged = read_undamaged(ResourceVersion.objects.all(), tenant_id=tenant_id, ids=ids)
        for row in damaged:
            log.error("resource_version_damaged", version=str(row.pk))
        for row in found.values():
            cursor.execute(
                "SELECT retention_store_whole(%s, %s, %s)",
                [tenant_id, row.pk, canonical(row.document).decode()],
            )
    # Each call finds the damaged versions again, so do not count them: otherwise, the caller might never stop.
    return len(found)
