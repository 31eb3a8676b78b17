"""Validate a service principal's certificate. The input is PEM with the certificate and its private key.

azure-identity's CertificateCredential needs an RSA key, and Entra rejects an expired certificate.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core
from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils import timezone

from tenants.errors import InvalidInput, invalid

FIELD = "certificate"
# Minimum length of the key. Key Vault and the Azure CLI create RSA keys of 2048 bits unless another size is requested.
MIN_BITS = 2048
MAX_BITS = 4096
"""The largest RSA keys of Key Vault have this size. Checking a key of 8,192 bits takes seconds, and checking a larger
key takes minutes. During this time, no other thread of the process runs.
https://learn.microsoft.com/azure/key-vault/keys/about-keys
"""
# With a longer public exponent, each sign-in would take seconds. OpenSSL has the same limit for public operations with
# large keys (OPENSSL_RSA_MAX_PUBEXP_BITS). The exponent of usual keys is 65537.
_MAX_EXPONENT_BITS = 64
# The expression only looks ahead, and consumes no characters. So every heading is found, even if the hyphens at the end
# of one heading are also the hyphens at the beginning of the next.
_BEGIN = re.compile(rb"(?=-----BEGIN ([A-Z ]{0,20}PRIVATE KEY)-----)")
_END = b"-----END "
# The object identifiers of RSA keys in `PrivateKeyInfo` (RFC 5958): rsaEncryption and RSASSA-PSS. A key with the second
# identifier signs only with the PSS scheme.
_RSA = frozenset({"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"})


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """A valid certificate.

    `pem` contains the private key, so encrypt it before storing it (`tenants.secrets`). `thumbprint` is SHA-1 in
    upper-case hex.
    """

    pem: str
    thumbprint: str
    subject: str
    expires_at: datetime


def read(pem: str, *, now: datetime | None = None) -> Certificate:
    """Validate a PEM with certificate and key.

    Raise InvalidInput if the PEM is invalid. The message describes the error and how to fix it.
    """
    now = now or timezone.now()
    data = pem.strip().encode("utf-8", "replace")
    key = _key(data)
    try:
        certificates = x509.load_pem_x509_certificates(data)
    except ValueError:
        raise _problem(
            "certificate_missing",
            "The text contains no certificate that Surety can read. Paste PEM text with both the key and a"
            " -----BEGIN CERTIFICATE----- block.",
        ) from None
    public = _der(key.public_key())
    own = [certificate for certificate in certificates if _certificate_key(certificate) == public]
    if not own:
        raise _problem(
            "certificate_key_mismatch",
            "The private key does not belong to the certificate. Paste a key and a certificate that match.",
        )
    certificate = own[0]
    if certificate.not_valid_after_utc <= now:
        raise _problem(
            "certificate_expired",
            f"The certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}. Create a new certificate, upload"
            " it to the app registration, and paste it here.",
        )
    if certificate.not_valid_before_utc > now:
        raise _problem(
            "certificate_not_yet_valid",
            f"The certificate is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC. "
            "Use another certificate, or check this server’s clock.",
        )
    return Certificate(
        pem=data.decode() + "\n",
        thumbprint=certificate.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303  Entra's own name for it
        subject=certificate.subject.rfc4514_string(),
        expires_at=certificate.not_valid_after_utc,
    )


def _key(data: bytes) -> rsa.RSAPrivateKey:
    _refuse_other_kinds(data)
    try:
        _refuse_large(serialization.load_pem_private_key(data, None, unsafe_skip_rsa_key_validation=True))
        key = serialization.load_pem_private_key(data, password=None)
    except TypeError:
        raise _problem(
            "certificate_key_encrypted",
            "The private key has a passphrase. Remove the passphrase with: openssl rsa -in key.pem -out plain.pem."
            " Surety stores the key encrypted.",
        ) from None
    except (ValueError, UnsupportedAlgorithm, InternalError):
        raise _missing_key() from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _not_rsa()
    if key.key_size < MIN_BITS:
        raise _problem(
            "certificate_key_short",
            f"The private key has {key.key_size} bits. Create a key with at least {MIN_BITS} bits.",
        )
    return key


def _refuse_other_kinds(data: bytes) -> None:
    """Raise InvalidInput for a private key that is not an RSA key, before cryptography reads it.

    For a DSA key, cryptography computes the public key. With a key of 64 kB, this takes minutes, and meanwhile no other
    thread of the process runs.
    """
    for found in _BEGIN.finditer(data):
        label, body = found[1], data[found.end(1) + len(b"-----") :].partition(_END)[0]
        if label in (b"RSA PRIVATE KEY", b"ENCRYPTED PRIVATE KEY"):
            continue
        if label != b"PRIVATE KEY":
            raise _not_rsa()
        try:
            # `validate=True` refuses headers, and all other text that a different PEM parser could skip.
            encoded = base64.b64decode(b"".join(body.split()), validate=True)
            # The first element of `PrivateKeyInfo` is the version, and the second element is the algorithm.
            algorithm = core.Sequence.load(encoded, strict=True)[1]
            kind = algorithm[0].dotted
        except (ValueError, TypeError, LookupError, AttributeError):
            raise _missing_key() from None
        if kind not in _RSA:
            raise _not_rsa()


def _refuse_large(unchecked: object) -> None:
    """Raise InvalidInput for an RSA key with numbers that would take too long to check."""
    if not isinstance(unchecked, rsa.RSAPrivateKey):
        return
    numbers = unchecked.private_numbers()
    # Check all numbers, because in a forged key the primes can be longer than the modulus.
    longest = max(
        unchecked.key_size,
        numbers.d.bit_length(),
        *(2 * prime.bit_length() for prime in (numbers.p, numbers.q)),
    )
    if longest > MAX_BITS:
        raise _problem(
            "certificate_key_long",
            f"The private key has more than {MAX_BITS} bits. Create a key with {MIN_BITS} to {MAX_BITS} bits.",
        )
    if numbers.public_numbers.e.bit_length() > _MAX_EXPONENT_BITS:
        raise _problem(
            "certificate_key_exponent",
            "The public exponent of the key is too long. Create a key with the exponent 65537.",
        )


def _certificate_key(certificate: x509.Certificate) -> bytes:
    try:
        return _der(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm):
        return (
            b""  # cryptography does not support this kind of key. The empty value differs from every RSA key.
        )


def _der(key: object) -> bytes:
    encode = getattr(key, "public_bytes")  # noqa: B009  (the union of key types has no common base)
    der: bytes = encode(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return der


def _missing_key() -> InvalidInput:
    return _problem(
        "certificate_key_missing",
        "The file contains no private key that Surety can read. Upload a PFX file, or PEM text with the key.",
    )


def _not_rsa() -> InvalidInput:
    return _problem(
        "certificate_key_not_rsa",
        "The private key is not an RSA key, but Surety needs an RSA key to sign in. Create a certificate with an RSA"
        " key.",
    )


def _problem(code: str, message: str) -> InvalidInput:
    return invalid(FIELD, message, code=code)
