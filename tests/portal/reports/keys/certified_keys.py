"""Issue certificates for the keys that tests create."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import NameOID

type Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certified(key: Key, *, days: int = 9) -> list[x509.Certificate]:
    """Return a certificate for the key, and the certificate of the authority that issued it."""
    root = ec.generate_private_key(ec.SECP256R1())

    def issue(name: str, public: CertificatePublicKeyTypes, *, authority: bool) -> x509.Certificate:
        issuer, subject = (
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Vault CA", name)
        )
        now = datetime.now(UTC)
        start, end = now - timedelta(days=20), now + timedelta(days=days)
        builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), start, end)
        return builder.add_extension(x509.BasicConstraints(authority, None), critical=True).sign(
            root, hashes.SHA256()
        )

    return [
        issue("Reports of Contoso", key.public_key(), authority=False),
        issue("Vault CA", root.public_key(), authority=True),
    ]
