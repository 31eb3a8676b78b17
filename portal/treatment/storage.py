"""The storage of evidence files: the folder SURETY_HOME/evidence-files, which no URL serves."""

from portal.private_files import PrivateStorage


def evidence_storage() -> PrivateStorage:
    """The storage of evidence files. A callable, so that migrations do not contain the path."""
    return PrivateStorage("evidence-files")


def evidence_name(row: object, _filename: str) -> str:
    """The path `<tenant id>/<row id>`; the uploaded name is stored in the row only."""
    return f"{row.tenant_id}/{row.pk}"  # type: ignore[attr-defined]
