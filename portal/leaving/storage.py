"""Storage of exports: SURETY_HOME/exports, without a URL."""

from portal.private_files import PrivateStorage


def export_storage() -> PrivateStorage:
    """Return the storage. A function, so that migrations do not record the path; Django calls it once at start."""
    return PrivateStorage("exports")


def export_name(export: object, _filename: str) -> str:
    """Return the file's name in the storage, `<tenant id>/<export id>.zip`."""
    return f"{export.tenant_id}/{export.pk}.zip"  # type: ignore[attr-defined]
