"""The one accepted form of an ECDSA signature.

If (r, s) is a correct signature, (r, n - s) is correct too, where n is the order of the curve. BER can encode each of
these two signatures in several ways. So somebody without the key could replace one form by another. To prevent this,
Surety signs with the smaller of s and n - s, encoded in DER, and refuses all other forms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
}  # fmt: skip


def canonical(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    """Return the signature in its accepted form. Raise ValueError if the given signature is not DER."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, curve.group_order - s))


def is_canonical(signature: bytes, key: object) -> bool:
    """Return whether a signature has its accepted form.

    If `key` is not an elliptic-curve key, the signature has only one form, so the result is True.
    """
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return True
    try:
        return canonical(signature, key.curve) == signature
    except ValueError:
        return False


def made_by(key: ec.EllipticCurvePublicKey, signature: bytes, content: bytes, digest: str) -> bool:
    """Return whether the key made the signature of the content. `digest` is the name of the hash, such as “sha256”."""
    if digest not in _HASHES:
        return False
    try:
        key.verify(signature, content, ec.ECDSA(_HASHES[digest]))
    except InvalidSignature:
        return False
    return True
