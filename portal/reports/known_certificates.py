"""The certificates in the database with which this installation has signed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.utils import timezone

from portal.reports.errors import SigningUnavailable
from portal.reports.models import KnownCertificate
from portal.reports.signing_identity import fingerprint, signing_folder
from tenants.errors import NotFound


def remember_certificate(certificate: x509.Certificate) -> bool:
    """Accept reports that were signed with the certificate. Return whether the certificate was new.

    A distrusted certificate remains distrusted.
    """
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    _, created = KnownCertificate.objects.get_or_create(
        fingerprint=fingerprint(certificate), defaults={"pem": pem}
    )
    return created


def import_known_files() -> int:
    """Add the certificates of SURETY_HOME/signing/known, where older versions kept them. Return how many were new."""
    return sum(remember_certificate(_read(path)) for path in sorted(_known_folder().glob("*.pem")))


def distrust_certificate(sha256: str) -> datetime:
    """From now on, refuse reports that were signed with the certificate. Return the time since which they are refused.

    Raises NotFound if no known certificate has this fingerprint.
    """
    row = KnownCertificate.objects.filter(fingerprint=sha256).first()
    if row is None:
        raise NotFound(
            f"No known certificate has the fingerprint {sha256}. Run “manage.py signing_certificates "
            "list” to see the known fingerprints."
        )
    if row.distrusted_at is None:
        row.distrusted_at = timezone.now()
        row.save(update_fields=["distrusted_at"])
    return row.distrusted_at


def refuse_distrusted(certificate: x509.Certificate) -> None:
    """Raise SigningUnavailable if the certificate is distrusted: Surety would refuse reports signed with it."""
    own = fingerprint(certificate)
    if KnownCertificate.objects.filter(fingerprint=own, distrusted_at__isnull=False).exists():
        raise SigningUnavailable(
            f"The signing certificate with the fingerprint {own} is distrusted, so verification would"
            " refuse every report signed with it. Configure another key and certificate in SURETY_SIGNING_P12, or in"
            " SURETY_SIGNING_CERTIFICATE and the settings of the vault or token."
        )


def _known_folder() -> Path:
    return signing_folder() / "known"


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())
