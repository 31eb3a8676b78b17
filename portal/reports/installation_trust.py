"""The data with which this installation verifies reports: its certificates and the records of its reports."""

from __future__ import annotations

from uuid import UUID

from django.db import DatabaseError

from portal.reports.errors import SigningUnavailable
from portal.reports.models import KnownCertificate, SignedReport
from portal.reports.signing_identity import configured_certificate, fingerprint
from portal.reports.trust import SignedFile, Trust


def installation_trust() -> Trust:
    """Return the trust of this installation: the configured certificate, the stored certificates, the recorded files.

    If the database cannot be read, the trust contains only the configured certificate, and the reason of the failure.
    """
    configured = _configured()
    try:
        rows = list(KnownCertificate.objects.values_list("fingerprint", "distrusted_at"))
    except DatabaseError:
        return Trust(
            certificates=configured, unread="The database with the known certificates could not be read."
        )
    distrusted = {own: since for own, since in rows if since is not None}
    return Trust(
        certificates=(configured | {own for own, _ in rows}) - distrusted.keys(),
        distrusted=distrusted,
        by_file=_by_file,
        by_report=_by_report,
        has_records=True,
    )


def _configured() -> frozenset[str]:
    try:
        certificate = configured_certificate()
    except SigningUnavailable:
        # This process may not be able to read the key. If the key has ever signed a report, its certificate is in the
        # database.
        return frozenset()
    return frozenset() if certificate is None else frozenset({fingerprint(certificate)})


def _by_file(sha256: str) -> SignedFile | None:
    return _signed_file(SignedReport.objects.filter(sha256=sha256).first())


def _by_report(report: str) -> SignedFile | None:
    try:
        identifier = UUID(report)
    except ValueError:
        return None
    return _signed_file(SignedReport.objects.filter(report=identifier).first())


def _signed_file(row: SignedReport | None) -> SignedFile | None:
    return None if row is None else SignedFile(str(row.report), row.sha256, row.level, row.kind)
