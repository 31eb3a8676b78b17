"""The storage of report files: the folder SURETY_HOME/reports, which no URL serves."""

from portal.files.private_files import PrivateStorage


def report_storage() -> PrivateStorage:
    """Return the storage of report files. Model fields refer to this function, so that migrations contain no path."""
    return PrivateStorage("reports")


def report_name(report: object, _filename: str) -> str:
    """Return the name of a report's file in the storage: `<tenant id>/<report id>.pdf`."""
    return f"{report.tenant_id}/{report.pk}.pdf"  # type: ignore[attr-defined]
