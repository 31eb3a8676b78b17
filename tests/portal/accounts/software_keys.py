"""A security key in software. It answers the challenges of WebAuthn as a browser does, or as an attacker does."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode

ORIGIN, SITE = "http://testserver", "testserver"
PRESENT, VERIFIED, ATTESTED, EXTENSIONS = 1, 4, 64, 128


class SoftwareKey:
    """A key with a counter. `tail` is appended to the authenticator data of an answer."""

    def __init__(self, counter: int = 5) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.counter = counter

    def _data(self, flags: int, site: str, tail: bytes = b"") -> bytes:
        head = hashlib.sha256(site.encode()).digest() + bytes([flags])
        return head + struct.pack(">I", self.counter) + tail

    def _answer(self, kind: str, options: Any, response: dict[str, bytes], **client: Any) -> dict[str, Any]:
        data = {
            "type": f"webauthn.{kind}",
            "challenge": options["challenge"],
            "origin": ORIGIN,
            "crossOrigin": False,
            **client,
        }
        texts = {"clientDataJSON": json.dumps(data).encode(), **response}
        return {
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "type": "public-key",
            "response": {name: websafe_encode(text) for name, text in texts.items()},
            "clientExtensionResults": {"credProps": {"rk": True}},
        }

    def create(
        self, options: Any, *, flags: int = PRESENT | VERIFIED, site: str = SITE, **client: Any
    ) -> dict[str, Any]:
        """Answer the options of a registration."""
        numbers = self.private.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        tail = b"\0" * 16 + struct.pack(">H", len(self.id)) + self.id
        tail += cbor.encode({1: 2, 3: -7, -1: 1, **point})
        attested = {"fmt": "none", "attStmt": {}, "authData": self._data(flags | ATTESTED, site, tail)}
        return self._answer("create", options, {"attestationObject": cbor.encode(attested)}, **client)

    def get(
        self,
        options: Any,
        handle: bytes | None = None,
        *,
        flags: int = PRESENT | VERIFIED,
        site: str = SITE,
        tail: bytes = b"",
        **client: Any,
    ) -> dict[str, Any]:
        """Answer the options of an authentication. `handle` names the person."""
        self.counter += 1
        data = self._data(flags, site, tail)
        answer = self._answer("get", options, {"authenticatorData": data}, **client)
        signed = data + hashlib.sha256(websafe_decode(answer["response"]["clientDataJSON"])).digest()
        answer["response"]["signature"] = websafe_encode(self.private.sign(signed, ec.ECDSA(hashes.SHA256())))
        if handle is not None:
            answer["response"]["userHandle"] = websafe_encode(handle)
        return answer
