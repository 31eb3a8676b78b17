"""Prepare the deletion of old versions of resources.

The database stores some versions only as the differences from an earlier version. So a version that is kept may depend
on an old version that is about to be deleted.
"""

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
"""The maximum number of versions that one call stores as a whole, not as differences."""


def prepare_versions(tenant_id: UUID, before: str) -> int:
    """Store versions of resources as whole documents if they need earlier versions that are about to be deleted.

    Versions older than `before` (ISO 8601) may be deleted. Return the number of versions that were stored as whole
    documents. If the number is PREPARED, more versions may remain, so call the function again. A damaged version cannot
    be stored as a whole document, so the earlier versions that it needs are not deleted.

    Call in a transaction in the tenant's scope. The function raises IntegrityError if nothing may be deleted now, as
    the database function `retention_delete` does.
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
    # Do not count damaged versions. Each call finds the same damaged versions again. If they were counted, the number
    # could stay at PREPARED, and the caller would call this function forever.
    return len(found)
