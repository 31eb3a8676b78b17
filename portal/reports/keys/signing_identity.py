"""The key and certificate with which reports are signed.

- `SURETY_SIGNING_P12`: the path of a PKCS#12 file
- `SURETY_SIGNING_PASSWORD_FILE`: the path of a file with its password
- `SURETY_SIGNING_CERTIFICATE`: the path of a PEM file with certificate and chain, for a key in Azure Key Vault
  (`portal.reports.keys.key_vault`) or a token (`portal.reports.keys.pkcs11_token`)

Without these settings, Surety creates a self-signed certificate in SURETY_HOME/signing/self-made.p12 (mode 0600).
Reports then say in large type that the signature is for demonstration only.

The database keeps the certificates with which reports were signed (`portal.reports.records.known_certificates`). So old
reports can still be verified after another certificate was configured.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings

from portal.reports.errors import SigningUnavailable
from portal.reports.keys.key_vault import SETTING as VAULT
from portal.reports.keys.key_vault import key_vault_key
from portal.reports.keys.pkcs11_token import KEY, MODULE, PIN_FILE, TOKEN, TokenKey
from portal.reports.keys.signing_keys import RemoteKey, SigningKey, supported_public_key
from portal.reports.signatures.visible import visible

FILE, CERTIFICATE = "SURETY_SIGNING_P12", "SURETY_SIGNING_CERTIFICATE"
YEARS = 5
MAX_NAME_LENGTH = 200
SELF_SIGNED_UNIT = "Demonstration certificate created by Surety"


@dataclass(frozen=True, slots=True)
class SigningIdentity:
    """The private key that signs reports, with its certificate and the certificates of the issuers above it.

    A key from a file is in memory. A key in a vault or token stays there, and Surety can only let the vault or token
    sign.
    """

    key: SigningKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def name(self) -> str:
        """The certificate's common name or, if there is no common name, the certificate's subject."""
        return common_name(self.certificate)

    @property
    def self_signed(self) -> bool:
        """Whether the certificate is self-signed."""
        return is_self_signed(self.certificate)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hex."""
        return fingerprint(self.certificate)


def common_name(certificate: x509.Certificate) -> str:
    """Return the certificate's common name. If the certificate has no common name, return its subject in RFC 4514 form.

    Characters that are not printable are replaced by visible characters. The name is cut to 200 characters.
    """
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return visible(name)[:MAX_NAME_LENGTH]


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Return whether subject and issuer of the certificate are the same. If they are, no authority has confirmed who
    holds the certificate.
    """
    return certificate.subject == certificate.issuer


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the DER certificate, lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def signing_folder() -> Path:
    """Return SURETY_HOME/signing."""
    return Path(settings.SURETY_HOME) / "signing"


def ensure_signing_identity() -> SigningIdentity:
    """Return the key and certificate to sign with. If none are configured, use a self-signed certificate, which is
    created on first use.

    Raises SigningUnavailable if the key or certificate cannot be read, or if the certificate is not valid now. The
    message says what to do.
    """
    configured = identity = _configured_identity()
    if identity is None:
        path = signing_folder() / "self-made.p12"
        if not path.exists():
            _create(path)
        _check_mode(path)
        identity = _load(path, None)
    now = datetime.now(UTC)
    certificate = identity.certificate
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SigningUnavailable(
            f"The signing certificate {identity.name} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d}"
            f" to {certificate.not_valid_after_utc:%Y-%m-%d}, so it cannot be used today. Configure a valid"
            f" certificate in {CERTIFICATE if _text(VAULT) or _text(MODULE) else FILE}"
            + ("." if configured else f", or remove {path} to create a new self-signed one.")
        )
    return identity


def configured_certificate() -> x509.Certificate | None:
    """Return the certificate with which this installation signs, even if the certificate has expired. Return None if
    there is no certificate yet.

    Raises SigningUnavailable if the certificate cannot be read.
    """
    if _remote_key() is not None:
        return _certificates()[0]
    if configured := _text(FILE):
        return _certificate(Path(configured), _password())
    path = signing_folder() / "self-made.p12"
    return _certificate(path, None) if path.exists() else None


def _configured_identity() -> SigningIdentity | None:
    if key := _remote_key():
        certificate, *chain = _certificates()
        supported_public_key(certificate)
        return SigningIdentity(key, certificate, tuple(chain))
    if configured := _text(FILE):
        return _load(Path(configured), _password())
    return None


def _remote_key() -> RemoteKey | None:
    """Return the configured key in a vault or token, None if none is configured. Raises SigningUnavailable."""
    configured = [name for name in (FILE, VAULT, MODULE) if _text(name)]
    if len(configured) > 1:
        raise SigningUnavailable(f"{' and '.join(configured)} are set. Set only one of them.")
    if configured == [VAULT]:
        return key_vault_key(_text(VAULT))
    return _token_key() if configured == [MODULE] else None


def _token_key() -> TokenKey:
    if missing := [name for name in (TOKEN, KEY, PIN_FILE) if not _text(name)]:
        raise SigningUnavailable(f"{MODULE} is set, but {missing[0]} is not set. Set {missing[0]}, too.")
    try:
        pin = (_password() or b"").decode()
    except UnicodeDecodeError:
        raise SigningUnavailable(
            f"The PIN file ({PIN_FILE}) is not UTF-8 text. Write the PIN to this file again."
        ) from None
    if not pin:
        raise SigningUnavailable(f"The PIN file ({PIN_FILE}) is empty. Write the PIN of the token to it.")
    return TokenKey(_text(MODULE), _text(TOKEN), _text(KEY), pin)


def _certificates() -> list[x509.Certificate]:
    """Return the certificate of a key in a vault or token, followed by the issuers' certificates.

    Raises SigningUnavailable if the configured PEM file cannot be read.
    """
    path = _text(CERTIFICATE)
    if not path:
        raise SigningUnavailable(
            f"{VAULT if _text(VAULT) else MODULE} is set, but {CERTIFICATE} is not set. Set {CERTIFICATE} to the path"
            " of a PEM file with the certificate of the key, followed by the certificates of its issuers."
        )
    try:
        return x509.load_pem_x509_certificates(Path(path).read_bytes())
    except OSError as error:
        raise SigningUnavailable(
            f"The file {path} ({CERTIFICATE}) cannot be read: {error.strerror}. Check the path and its permissions."
        ) from None
    except ValueError:
        raise SigningUnavailable(
            f"The file {path} ({CERTIFICATE}) contains no certificate in PEM format. Set {CERTIFICATE} to a PEM file"
            " with certificates."
        ) from None


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()


# The certificate that this process read last, with the state of its file (path, size and times) and a hash of its
# password.
_last_read: list[tuple[tuple[Any, ...], x509.Certificate]] = []


def _certificate(path: Path, password: bytes | None) -> x509.Certificate:
    """Return the certificate in a PKCS#12 file.

    Pages need the certificate often, and reading an RSA key takes 0.1 s. So the file is read again only after it has
    changed.
    """
    try:
        file = path.stat()
    except OSError:
        return _load(path, password).certificate  # `_load` raises SigningUnavailable.
    secret = None if password is None else hashlib.sha256(password).digest()
    state = (path, file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns, secret)
    for known, certificate in _last_read:
        if known == state:
            return certificate
    certificate = _load(path, password).certificate
    _last_read[:] = [(state, certificate)]
    return certificate


def _password() -> bytes | None:
    path = _text(PIN_FILE)
    if not path:
        if PIN_FILE in os.environ:
            raise SigningUnavailable(
                f"{PIN_FILE} is empty. Set {PIN_FILE} to the path of a file with the password or PIN, or remove the"
                " variable."
            )
        return None
    try:
        password = Path(path).read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise SigningUnavailable(
            f"The password file {path} (SURETY_SIGNING_PASSWORD_FILE) cannot be read: {error.strerror}. Check"
            " the path and its permissions."
        ) from None
    return password


def _load(path: Path, password: bytes | None) -> SigningIdentity:
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), password)
    except OSError as error:
        raise SigningUnavailable(
            f"The signing file {path} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from None
    except ValueError:
        raise SigningUnavailable(
            f"{path} is not a PKCS#12 file, or the password for it is wrong. Write the password to a file and set"
            " SURETY_SIGNING_PASSWORD_FILE to the path of this file."
        ) from None
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SigningUnavailable(
            f"{path} contains no certificate with an RSA or elliptic-curve private key. Set {FILE} to a PKCS#12 file"
            " with such a certificate and its key."
        )
    return SigningIdentity(key, certificate, tuple(chain))


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Surety"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, SELF_SIGNED_UNIT),
            x509.NameAttribute(NameOID.COMMON_NAME, "Surety report signing (self-signed)"),
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
    # Write a temporary file and link it to the path. If two processes do this, the second process uses the key of the
    # first.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()


def _signing_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _check_mode(path: Path) -> None:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SigningUnavailable(
            f"Other users can read the signing key {path}. Run “chmod 600 {path}” and try again."
        )
