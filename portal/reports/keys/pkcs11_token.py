"""A signing key in a PKCS#11 token, such as a hardware security module or a smart card.

`SURETY_SIGNING_PKCS11_MODULE` is the path of the vendor's library, `SURETY_SIGNING_PKCS11_TOKEN` and
`SURETY_SIGNING_PKCS11_KEY` are the labels of the token and of its private key. The PIN is in the file that
`SURETY_SIGNING_PASSWORD_FILE` names. The package python-pkcs11 is needed. https://docs.oasis-open.org/pkcs11/
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from portal.reports.errors import SigningUnavailable

MODULE: Final = "SURETY_SIGNING_PKCS11_MODULE"
TOKEN: Final = "SURETY_SIGNING_PKCS11_TOKEN"  # noqa: S105 - a variable's name
KEY: Final = "SURETY_SIGNING_PKCS11_KEY"
# Install with uv, because the Python environment of an installation has no pip.
INSTALL: Final = '"$(.ci/uv)" pip install --python .venv/bin/python python-pkcs11'
PIN_FILE: Final = "SURETY_SIGNING_PASSWORD_FILE"
# All threads of a process share one login to a token, so only one thread at a time may log in and sign.
_LOGIN: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A private key in a token: the path of the library, the labels of the token and of the key, and the PIN."""

    module: str
    token: str
    label: str
    pin: str = field(repr=False)

    @property
    def place(self) -> str:
        """The token and the key, as error messages name them."""
        return f"the token “{self.token}” (key “{self.label}”)"

    def sign(self, data: bytes, public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
        """Let the token sign the SHA-256 of `data`. Raises SigningUnavailable."""
        try:
            import pkcs11  # Only installations with a token need the package.
        except ImportError:
            raise SigningUnavailable(
                f"{MODULE} is set, but the package python-pkcs11 is not installed. Install it in the folder of Surety,"
                f" again after each upgrade: {INSTALL}"
            ) from None
        try:
            library = pkcs11.lib(self.module)
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            raise SigningUnavailable(
                f"{self.module} ({MODULE}) cannot be used as a PKCS#11 library: {_name(error)}. Set {MODULE} to the"
                f" path of the library of the token's vendor."
            ) from None
        try:
            with _LOGIN, library.get_token(token_label=self.token).open(user_pin=self.pin) as session:
                return _sign(pkcs11, session, self.label, data, public_key)
        except pkcs11.PKCS11Error as error:
            raise SigningUnavailable(f"{self._sentence(pkcs11.exceptions, error, public_key)}") from None

    def _sentence(self, errors: Any, error: Exception, public_key: object) -> str:
        kind = "an RSA" if isinstance(public_key, rsa.RSAPublicKey) else "an elliptic-curve"
        match error:
            case errors.NoSuchToken():
                return f"No token has the label “{self.token}” ({TOKEN}). Connect the token, or correct the label."
            case errors.MultipleTokensReturned():
                return f"Several tokens have the label “{self.token}” ({TOKEN}). Rename the other tokens."
            case errors.NoSuchKey():
                return (
                    f"The certificate belongs to {kind} key, but the token “{self.token}” has no private key of this"
                    f" kind with the label “{self.label}” ({KEY}). Correct the label, or configure the"
                    " certificate of a key that the token has."
                )
            case errors.MultipleObjectsReturned():
                return (
                    f"The token “{self.token}” has several private keys with the label “{self.label}” ({KEY})."
                    " Rename the other keys."
                )
            case errors.PinIncorrect() | errors.PinLenRange() | errors.PinInvalid():
                return (
                    f"The token “{self.token}” refused the PIN in the PIN file ({PIN_FILE}). Correct the PIN before you"
                    " try again, because a token locks itself after a few wrong PINs."
                )
            case errors.PinLocked():
                return (
                    f"The token “{self.token}” is locked, because it got a wrong PIN too often. Unlock it with the"
                    " tool of its vendor."
                )
            case _:
                return (
                    f"{self.place} did not sign: {_name(error)}. Check the token with the tool of its vendor."
                )


def _sign(
    pkcs11: Any,
    session: Any,
    label: str,
    data: bytes,
    public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
) -> bytes:
    is_rsa = isinstance(public_key, rsa.RSAPublicKey)
    key = session.get_key(
        object_class=pkcs11.ObjectClass.PRIVATE_KEY,
        key_type=pkcs11.KeyType.RSA if is_rsa else pkcs11.KeyType.EC,
        label=label,
    )
    if is_rsa:
        return bytes(key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
    # Compute the hash here, because few tokens compute it for ECDSA. The token returns two numbers of equal length.
    # Encode the numbers as DER.
    numbers = bytes(key.sign(hashlib.sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA))
    half = len(numbers) // 2
    return encode_dss_signature(int.from_bytes(numbers[:half]), int.from_bytes(numbers[half:]))


def _name(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip().splitlines()[0].rstrip(".")
