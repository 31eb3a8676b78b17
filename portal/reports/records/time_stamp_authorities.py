"""The time-stamp authorities that this installation knows from its settings and from the records of signed files."""

from __future__ import annotations

import structlog
from cryptography import x509

from portal.reports.keys.signing_identity import fingerprint
from portal.reports.models import RenewedFile, SignedReport
from portal.reports.signatures.stamps import configured_certificates

log = structlog.get_logger(__name__)


def known_authorities() -> dict[str, x509.Certificate]:
    """Return {fingerprint: certificate} of all configured and recorded time-stamp authorities.

    Raises SigningUnavailable if the configured authorities cannot be read.
    """
    configured = [x509.load_der_x509_certificate(one.dump()) for one in configured_certificates()]
    return {fingerprint(one): one for one in (*recorded_authorities(), *configured)}


def recorded_authorities() -> list[x509.Certificate]:
    """Return the certificates of the authorities that were pinned when files were signed or renewed."""
    signed = SignedReport.objects.exclude(time_stamp_authorities="")
    texts = set(signed.values_list("time_stamp_authorities", flat=True).distinct())
    return [*renewing_authorities(), *(one for pem in sorted(texts) for one in _readable(pem))]


def renewing_authorities() -> list[x509.Certificate]:
    """Return the certificates of the authorities that were pinned when archive time stamps were renewed."""
    texts = RenewedFile.objects.values_list("time_stamp_authorities", flat=True).distinct()
    return [one for pem in texts for one in _readable(pem)]


def _readable(pem: str) -> list[x509.Certificate]:
    """Return the certificates in a stored PEM text. A damaged text is only logged, so that other files can still be
    verified.
    """
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        log.error("time_stamp_authorities_unreadable")
        return []
