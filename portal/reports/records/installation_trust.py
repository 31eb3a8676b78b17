"""The data with which this installation verifies reports: its certificates and the records of its reports."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db import DatabaseError

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import configured_certificate, fingerprint
from portal.reports.models import KnownCertificate, SignedReport
from portal.reports.records.signed_files import record_of
from portal.reports.records.time_stamp_authorities import renewing_authorities
from portal.reports.signatures.stamps import configured_certificates
from portal.reports.verification.trust import SignedFile, Trust


def installation_trust() -> Trust:
    """Return the configured and the stored certificates that this installation trusts, and functions that find the
    records of signed files.

    If the database cannot be read, return only the configured certificate, and a message about the problem.
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
        time_stamp_authorities=_authorities(),
    )


def _configured() -> frozenset[str]:
    try:
        certificate = configured_certificate()
    except SigningUnavailable:
        # Continue without the configured certificate, because this process may have no access to it. If a report was
        # ever signed with it, the certificate is in the database too.
        return frozenset()
    return frozenset() if certificate is None else frozenset({fingerprint(certificate)})


def _authorities() -> frozenset[str]:
    """Return the SHA-256 of each certificate of an authority whose archive time stamps are accepted.

    These are the configured authorities and the authorities of earlier renewals.
    """
    try:
        now = [hashlib.sha256(one.dump()).hexdigest() for one in configured_certificates()]
    except SigningUnavailable:
        now = []  # Accept at least the authorities of earlier renewals.
    return frozenset([*map(fingerprint, renewing_authorities()), *now])


def _by_file(sha256: str) -> SignedFile | None:
    row = record_of(sha256)
    return None if row is None else SignedFile(str(row.report), sha256, row.level, row.kind)


def _by_report(report: str) -> SignedFile | None:
    try:
        identifier = UUID(report)
    except ValueError:
        return None
    return _signed_file(SignedReport.objects.filter(report=identifier).first())


def _signed_file(row: SignedReport | None) -> SignedFile | None:
    return None if row is None else SignedFile(str(row.report), row.sha256, row.level, row.kind)
