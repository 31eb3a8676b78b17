"""The RSA keys in the stock for tests are real, and two successive keys differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.private_keys import STOCK

BITS = 3072


def number_of(key: rsa.RSAPrivateKey) -> int:
    return key.public_key().public_numbers().n


@pytest.mark.slow(seconds=1)
def test_keys_of_the_stock_differ_until_it_begins_again() -> None:
    numbers = [number_of(rsa.generate_private_key(65537, BITS)) for _ in range(STOCK + 1)]
    assert {number.bit_length() for number in numbers} == {BITS}
    assert len(set(numbers[:STOCK])) == STOCK


@pytest.mark.slow(seconds=1)
def test_each_file_is_read_with_its_own_key_and_password() -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody")])
    now = datetime.now(UTC)
    first, second = (rsa.generate_private_key(65537, BITS) for _ in range(2))
    files = []
    for key in (first, second):
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        certificate = builder.sign(key, hashes.SHA256())
        locked = serialization.BestAvailableEncryption(b"secret")
        files.append(pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, locked))
    for _ in range(2):
        found = [pkcs12.load_key_and_certificates(file, b"secret")[0] for file in files]
        assert [number_of(key) for key in found] == [number_of(first), number_of(second)]
        with pytest.raises(ValueError, match="password"):
            pkcs12.load_key_and_certificates(files[0], b"other")
