"""The known certificates in the database: certificates with which this installation has signed, certificates that an
operator has added, and distrusted certificates.

The table of known certificates contains certificates of signers. It contains a certificate of a time-stamp authority
only if the certificate is distrusted. The accepted certificates of time-stamp authorities are in the settings and in
the records of signed files.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256 as sha_256
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from django.utils import timezone

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.signing_identity import fingerprint, signing_folder
from portal.reports.models import KnownCertificate
from portal.reports.records.time_stamp_authorities import known_authorities
from portal.reports.signatures.stamps import CERTIFICATES, pinned_authorities
from tenants.errors import NotFound


def remember_certificate(certificate: x509.Certificate) -> bool:
    """Store the certificate, so that reports signed with it are accepted. Return whether the certificate was new.

    A distrusted certificate remains distrusted.
    """
    _, created = KnownCertificate.objects.get_or_create(
        fingerprint=fingerprint(certificate), defaults={"pem": _pem(certificate)}
    )
    return created


def import_known_files() -> int:
    """Add the certificates of SURETY_HOME/signing/known, where older versions kept them. Return how many were new."""
    return sum(remember_certificate(_read(path)) for path in sorted(_known_folder().glob("*.pem")))


def distrust_certificate(sha256: str) -> datetime:
    """Distrust a certificate of a signer or of a time-stamp authority. Return the time since which the certificate is
    distrusted.

    Afterwards, verification refuses all reports that were signed with the certificate, or all time stamps of the
    authority. Raises NotFound for an unknown fingerprint.
    """
    authorities = known_authorities()
    if (authority := authorities.get(sha256)) is not None:
        # A time stamp need not contain the root certificate: its chain can end at a certificate that the root issued.
        # So distrust the issued certificates too.
        for one in _with_issued(authority, list(authorities.values())):
            # Set `distrusted_at` in the same step. Without `distrusted_at`, the row would mean that reports may be
            # signed with the authority's certificate.
            KnownCertificate.objects.get_or_create(
                fingerprint=fingerprint(one), defaults={"pem": _pem(one), "distrusted_at": timezone.now()}
            )
            KnownCertificate.objects.filter(fingerprint=fingerprint(one), distrusted_at=None).update(
                distrusted_at=timezone.now()
            )
    KnownCertificate.objects.filter(fingerprint=sha256, distrusted_at=None).update(
        distrusted_at=timezone.now()
    )
    row = KnownCertificate.objects.filter(fingerprint=sha256).first()
    if row is None or row.distrusted_at is None:
        raise NotFound(
            f"No known certificate has the fingerprint {sha256}. Run “manage.py signing_certificates "
            "list” to see the known fingerprints."
        )
    return row.distrusted_at


def _with_issued(certificate: x509.Certificate, known: list[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificate, and the known certificates that it issued directly or indirectly."""
    found = [certificate]
    # The loop appends to `found` while reading it, so certificates that were issued indirectly are found too.
    for issuer in found:
        found += [one for one in known if one not in found and _issued(issuer, one)]
    return found


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def refuse_distrusted(certificate: x509.Certificate) -> None:
    """Raise SigningUnavailable if the certificate or a configured time-stamp authority is distrusted.

    Verification would refuse a report that is signed with this certificate or has a time stamp of this authority.
    """
    own = fingerprint(certificate)
    authorities = [sha_256(one.dump()).hexdigest() for one in pinned_authorities()]
    rows = KnownCertificate.objects.filter(fingerprint__in=[own, *authorities], distrusted_at__isnull=False)
    distrusted = set(rows.values_list("fingerprint", flat=True))
    if own in distrusted:
        raise SigningUnavailable(
            f"The signing certificate with the fingerprint {own} is distrusted, so every report that is signed with"
            " it would be invalid. Configure another key and certificate in SURETY_SIGNING_P12, or in"
            " SURETY_SIGNING_CERTIFICATE and the settings of the key vault or token."
        )
    if distrusted:
        raise SigningUnavailable(
            f"The time-stamp authority with the fingerprint {min(distrusted)} is distrusted, so its time stamps would"
            f" be invalid. Remove its certificate from the file that {CERTIFICATES} names, and configure"
            " another authority."
        )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _known_folder() -> Path:
    return signing_folder() / "known"


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())
