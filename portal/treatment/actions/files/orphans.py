"""Delete stored evidence files that have no row in the database. Such a file remains if a transaction fails after the
file was written.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from portal.treatment.models import EvidenceFile
from portal.treatment.storage import evidence_storage
from tenants.models import Tenant

# Keep files that are younger than this. The rows of these files may be in a transaction that has not ended yet.
MIN_AGE: Final = timedelta(days=1)


def delete_orphan_files(tenant: Tenant) -> int:
    """Delete the tenant's stored files that are older than a day and have no row. Return the number of deleted
    files.
    """
    storage = evidence_storage()
    folder = str(tenant.pk)
    if not storage.exists(folder):
        return 0
    _, names = storage.listdir(folder)
    paths = {f"{folder}/{name}" for name in names}
    known = set(EvidenceFile.objects.filter(tenant=tenant).values_list("file", flat=True))
    before = timezone.now() - MIN_AGE
    deleted = 0
    for path in sorted(paths - known):
        if storage.get_modified_time(path) < before:
            storage.delete(path)
            deleted += 1
    return deleted
