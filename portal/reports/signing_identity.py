"""The certificate that reports are signed with.

`SURETY_SIGNING_P12` names a PKCS#12 file (its password in the file `SURETY_SIGNING_PASSWORD_FILE`). Without
it a certificate is made at set-up: SURETY_HOME/signing/self-made.p12, mode 0600. Nobody vouches for that
one, so reports say in large type that it is for demonstration.

Certificates that signed before stay known (SURETY_HOME/signing/known/<sha256>.pem, public parts alone), so
that old reports still verify after a change of certificate.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from portal.reports.errors import SigningUnavailable

YEARS = 5
SELF_SIGNED_UNIT = "Demonstration certificate made at set-up"

type SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """A private key with its certificate and the chain above it."""

    key: SigningKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def name(self) -> str:
        """The certificate's common name, or its whole subject."""
        return common_name(self.certificate)

    @property
    def self_signed(self) -> bool:
        """Whether nobody but its holder vouches for it."""
        return is_self_signed(self.certificate)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hex."""
        return fingerprint(self.certificate)


def common_name(certificate: x509.Certificate) -> str:
    """The common name of a certificate's subject; the subject in RFC 4514 form without one."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Self-issued: the holder is the only one who vouches for it."""
    return certificate.subject == certificate.issuer


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER certificate, lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def signing_folder() -> Path:
    """SURETY_HOME/signing."""
    return Path(settings.SURETY_HOME) / "signing"


def ensure_signing_identity() -> SigningIdentity:
    """The identity to sign with; made on first use where none is given. SigningUnavailable says what is wrong."""
    given = os.environ.get("SURETY_SIGNING_P12", "").strip()
    if given:
        identity = _load(Path(given), _password())
    else:
        path = signing_folder() / "self-made.p12"
        if not path.exists():
            _make(path)
        _refuse_open(path)
        identity = _load(path, None)
    now = datetime.now(UTC)
    certificate = identity.certificate
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SigningUnavailable(
            f"The signing certificate {identity.name} is valid from {certificate.not_valid_before_utc:%Y-%m-%d} "
            f"to {certificate.not_valid_after_utc:%Y-%m-%d}. Put a current one into SURETY_SIGNING_P12"
            + (" or remove the file self-made.p12 to have a new one made." if not given else ".")
        )
    _remember(certificate)
    return identity


def known_certificates() -> list[x509.Certificate]:
    """Every certificate that this installation has signed with. Empty where it never has."""
    folder = signing_folder() / "known"
    return [x509.load_pem_x509_certificate(path.read_bytes()) for path in sorted(folder.glob("*.pem"))]


def _password() -> bytes | None:
    named = os.environ.get("SURETY_SIGNING_PASSWORD_FILE", "").strip()
    if not named:
        return None
    try:
        return Path(named).read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise SigningUnavailable(
            f"SURETY_SIGNING_PASSWORD_FILE: {named} cannot be read: {error.strerror}."
        ) from None


def _load(path: Path, password: bytes | None) -> SigningIdentity:
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), password)
    except OSError as error:
        raise SigningUnavailable(f"The signing file {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise SigningUnavailable(
            f"{path} is not a PKCS#12 file, or its password is wrong. Put the password into a file and name "
            "that in SURETY_SIGNING_PASSWORD_FILE."
        ) from None
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SigningUnavailable(f"{path} holds no certificate with an RSA or elliptic-curve private key.")
    return SigningIdentity(key, certificate, tuple(chain))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Surety"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, SELF_SIGNED_UNIT),
            x509.NameAttribute(NameOID.COMMON_NAME, "Surety report signing (self-made)"),
        ]
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(
            issuer_name=subject,
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(minutes=5),
            not_valid_after=now + timedelta(days=365 * YEARS),
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    content = pkcs12.serialize_key_and_certificates(
        b"surety", key, certificate, None, serialization.NoEncryption()
    )
    # Written beside and then linked into place: of two that make one at once, the first stays.
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        try:
            os.link(beside, path)
        except FileExistsError:
            return
    finally:
        beside.unlink()


def _signing_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _refuse_open(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SigningUnavailable(f"{path} can be read by others: run chmod 600 on it, then try again.")


def _remember(certificate: x509.Certificate) -> None:
    folder = signing_folder() / "known"
    path = folder / f"{fingerprint(certificate)}.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
