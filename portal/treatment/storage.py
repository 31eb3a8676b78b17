"""Where evidence files lie: SURETY_HOME/evidence-files, served by no address and never under their own name."""

from portal.private_files import PrivateStorage


def evidence_storage() -> PrivateStorage:
    """For the model, so that a migration does not freeze the place. Django calls it once, at start."""
    return PrivateStorage("evidence-files")


def evidence_name(row: object, _filename: str) -> str:
    """`<tenant id>/<row id>`: what the uploader called it is kept in the row alone."""
    return f"{row.tenant_id}/{row.pk}"  # type: ignore[attr-defined]
