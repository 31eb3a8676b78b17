"""Storage of report files: SURETY_HOME/reports, without a URL."""

from portal.private_files import PrivateStorage


def report_storage() -> PrivateStorage:
    """Return the storage. Django calls this function once at start. Migrations record the function instead of the
    path.
    """
    return PrivateStorage("reports")


def report_name(report: object, _filename: str) -> str:
    """Return the file's name in the storage, `<tenant id>/<report id>.pdf`."""
    return f"{report.tenant_id}/{report.pk}.pdf"  # type: ignore[attr-defined]
