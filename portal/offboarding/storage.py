"""The storage of exports in SURETY_HOME/exports, which no URL serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.files.private_files import PrivateStorage

if TYPE_CHECKING:
    from tenants.models import TenantOwned


def export_storage() -> PrivateStorage:
    """Return the storage of exports. File fields name this function, so that migrations do not contain the path."""
    return PrivateStorage("exports")


def export_name(export: TenantOwned, _filename: str) -> str:
    """Return the file's name in the storage, `<tenant id>/<export id>.zip`."""
    return f"{export.tenant_id}/{export.pk}.zip"
