"""Save processor time: each process makes only a few large RSA keys, and reads each PKCS#12 file once.

Making an RSA key of 3072 bits takes 0.12 s, and reading it from a file takes as long, because its primes are tested
each time. Tests of reports make hundreds of identities and sign with them. Their keys come from this process's small
stock. Successive keys differ, so two identities of a test have different keys.
"""

from __future__ import annotations

from functools import cache
from itertools import cycle
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

# No test makes more than this many keys of one size, so no test gets the same key twice.
STOCK = 8
# Smaller keys are made so quickly that a stock of them is not worth it.
SMALLEST_BITS = 3072

_generate = rsa.generate_private_key
# The result depends only on content and password. Errors are not cached, so they are raised each time.
_read = cache(pkcs12.load_key_and_certificates)
_stocks: dict[tuple[int, int], Any] = {}


def _stocked(public_exponent: int, key_size: int, backend: Any = None) -> rsa.RSAPrivateKey:
    if key_size < SMALLEST_BITS:
        return _generate(public_exponent, key_size)
    kind = public_exponent, key_size
    if kind not in _stocks:
        _stocks[kind] = _endless(*kind)
    key: rsa.RSAPrivateKey = next(_stocks[kind])
    return key


def _endless(public_exponent: int, key_size: int) -> Any:
    made = []
    for _ in range(STOCK):
        made.append(_generate(public_exponent, key_size))
        yield made[-1]
    yield from cycle(made)


def _load(data: bytes, password: bytes | None, backend: Any = None) -> tuple[Any, Any, list[Any]]:
    key, certificate, others = _read(bytes(data), password)
    return key, certificate, list(others)


def install() -> None:
    """Replace the functions of cryptography that generate RSA keys and load PKCS#12 files, in this process."""
    rsa.generate_private_key = _stocked
    pkcs12.load_key_and_certificates = _load  # type: ignore[assignment]
