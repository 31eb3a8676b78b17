"""Find the record of a signed file, even if its archive time stamps were renewed."""

from __future__ import annotations

from portal.reports.models import RenewedFile, SignedReport


def record_of(sha256: str) -> SignedReport | None:
    """Return the record of the report whose file had this SHA-256 at any time. No scope (`tenants.scope`) has
    to be open.
    """
    if record := SignedReport.objects.filter(sha256=sha256).first():
        return record
    renewed = RenewedFile.objects.filter(sha256=sha256).first()
    return None if renewed is None else SignedReport.objects.filter(report=renewed.report).first()
