"""Find the record of a signed file by its hash, or by the hash that it had before a renewal of its time stamp."""

from __future__ import annotations

from portal.reports.models import RenewedFile, SignedReport


def record_of(sha256: str) -> SignedReport | None:
    """Return the record of the report whose file has this SHA-256 now or had it earlier. Return None if there is none.

    The caller needs no scope (`tenants.scope`).
    """
    if record := SignedReport.objects.filter(sha256=sha256).first():
        return record
    renewed = RenewedFile.objects.filter(sha256=sha256).first()
    return None if renewed is None else SignedReport.objects.filter(report=renewed.report).first()
