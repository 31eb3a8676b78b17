"""Where the reports' files lie: SURETY_HOME/reports, served by no address."""

from portal.private_files import PrivateStorage


def report_storage() -> PrivateStorage:
    """For the model, so that a migration does not freeze the place. Django calls it once, at start."""
    return PrivateStorage("reports")


def report_name(report: object, _filename: str) -> str:
    """The file's place in the storage: `<tenant id>/<report id>.pdf`."""
    return f"{report.tenant_id}/{report.pk}.pdf"  # type: ignore[attr-defined]
