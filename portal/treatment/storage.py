"""Store evidence files in the folder SURETY_HOME/evidence-files, which no URL serves."""

from portal.files.private_files import PrivateStorage


def evidence_storage() -> PrivateStorage:
    """Return the storage of evidence files.

    Migrations refer to this function and not to the path of the folder, because the path differs between installations.
    """
    return PrivateStorage("evidence-files")


def evidence_name(row: object, _filename: str) -> str:
    """Return the path `<tenant id>/<row id>`. The uploaded file's own name is stored only in the row."""
    return f"{row.tenant_id}/{row.pk}"  # type: ignore[attr-defined]
