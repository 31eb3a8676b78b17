"""Delete the files of a customer, and its entries in the cache."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

from portal.offboarding.storage import export_storage
from portal.reports.storage import report_storage
from portal.treatment.storage import evidence_storage

_SCAN: Final = 500
_NAMED: Final = 3


class NotDeleted(Exception):
    """Files could not be deleted. The message names the files and the reason."""

    def __init__(self, left: Sequence[str]) -> None:
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        super().__init__(
            f"Could not delete {', '.join(left[:_NAMED])}{more}. Check the permissions of the state directory."
        )


def delete_files(tenant_id: UUID) -> tuple[int, list[str]]:
    """Delete the folders of the tenant: reports, evidence files, exports.

    Return the number of deleted files, and the files that could not be deleted, with the reason.
    """
    deleted, left = 0, []
    for storage in (report_storage(), evidence_storage(), export_storage()):
        folder = Path(storage.path(str(tenant_id)))
        for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else ():
            try:
                if path.is_dir():
                    path.rmdir()
                else:
                    path.unlink(missing_ok=True)
                    deleted += 1
            except OSError as error:
                left.append(f"{path.name} ({error.strerror})")
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError as error:
            left.append(f"the folder {folder.parent.name}/{folder.name} ({error.strerror})")
    return deleted, left


def delete_cached(tenant_id: UUID) -> int:
    """Delete the cached entries whose key contains the tenant's id, and return their number.

    If the cache is not Redis, delete all its entries instead, and return 0.
    """
    backend: Any = caches["default"]
    if not isinstance(backend, RedisCache):
        # Other caches cannot be searched for keys. Deleting all entries is safe, because their values can be computed
        # again.
        backend.clear()
        return 0
    # Django's cache offers no search for keys, but the client of its Redis backend does.
    client = backend._cache.get_client(None, write=True)
    keys = list(client.scan_iter(match=f"*{tenant_id}*", count=_SCAN))
    if keys:
        client.delete(*keys)
    return len(keys)
