"""PFX files with a certificate and its key."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.factories import certificate_pem

PASSPHRASE = " a pass~phrase ü "


def parts() -> tuple[Any, x509.Certificate]:
    pem = certificate_pem().encode()
    return serialization.load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)


def pfx(passphrase: str = PASSPHRASE, *, with_key: bool = True, rounds: int = 2048) -> bytes:
    key, certificate = parts()
    lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        builder = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(rounds)
        lock = builder.hmac_hash(hashes.SHA256()).build(passphrase.encode())
    return pkcs12.serialize_key_and_certificates(
        b"surety", key if with_key else None, certificate, None, lock
    )
