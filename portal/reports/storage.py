"""Where the reports' files lie: SURETY_HOME/reports, readable by nobody else and served by no address."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible


@deconstructible
class ReportStorage(FileSystemStorage):
    """`<tenant id>/<report id>.pdf`. A report leaves through a view that checks who asks, never by a URL."""

    def __init__(self) -> None:
        super().__init__(
            location=Path(settings.SURETY_HOME) / "reports",
            base_url=None,
            file_permissions_mode=0o600,
            directory_permissions_mode=0o700,
        )

    def url(self, name: str | None) -> str:
        raise ValueError("Reports have no public address: serve them through a view that checks access.")


def report_storage() -> ReportStorage:
    """For the model, so that a migration does not freeze the place. Django calls it once, at start."""
    return ReportStorage()


def report_name(report: object, _filename: str) -> str:
    """The file's place in the storage."""
    return f"{report.tenant_id}/{report.pk}.pdf"  # type: ignore[attr-defined]
