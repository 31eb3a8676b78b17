"""Sign with a private key in a file, in a vault or in a token. A key in a vault or token can never be read."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from portal.reports.errors import SigningUnavailable
from portal.reports.signatures.ecdsa_form import canonical


@runtime_checkable
class RemoteKey(Protocol):
    """A private key in a vault or token. The vault or token signs with the key but never reveals it."""

    @property
    def place(self) -> str:
        """The place of the key, as error messages name it."""
        ...

    def sign(self, data: bytes, public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
        """Return the signature over the SHA-256 of `data`: PKCS #1 v1.5 for RSA, DER for an elliptic curve.

        `public_key` is the public key of the certificate. Raises SigningUnavailable.
        """
        ...


type SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | RemoteKey


def supported_public_key(certificate: x509.Certificate) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    """Return the certificate's public key. Raises SigningUnavailable if Surety does not support this kind of key."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return key
    raise SigningUnavailable(
        "The signing certificate has neither an RSA nor an elliptic-curve key. Configure a certificate with such a key."
    )


def sign_data(key: SigningKey, certificate: x509.Certificate, data: bytes) -> bytes:
    """Return the signature over the SHA-256 of `data`. An ECDSA signature is returned in the canonical form, because
    verification accepts no other form.

    Raises SigningUnavailable if a remote key does not answer or does not belong to the certificate.
    """
    public = supported_public_key(certificate)
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        signature = key.sign(data, ec.ECDSA(hashes.SHA256()))
    else:
        signature = key.sign(data, public)
    place = key.place if isinstance(key, RemoteKey) else "the signing file"
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            return signature
        public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        return canonical(signature, public.curve)
    except (InvalidSignature, ValueError):
        raise SigningUnavailable(
            f"The key in {place} does not belong to the signing certificate. Configure the certificate that"
            " belongs to this key."
        ) from None
