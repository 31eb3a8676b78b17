"""Finding the record of a signed file by the hash of the file or of a copy with other archive time stamps."""

from __future__ import annotations

from portal.reports.models import RenewedFile, SignedReport


def record_of(sha256: str) -> SignedReport | None:
    """Return the record of the report whose file has or had this SHA-256, None if there is none.

    The caller needs no scope (`tenants.scope`).
    """
    if record := SignedReport.objects.filter(sha256=sha256).first():
        return record
    renewed = RenewedFile.objects.filter(sha256=sha256).first()
    return None if renewed is None else SignedReport.objects.filter(report=renewed.report).first()
