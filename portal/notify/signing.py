"""Signatures of webhooks: HMAC-SHA256 over `<timestamp>.<body>`, the receiver's proof of who sent it and when.

    Surety-Event: exception_decided
    Surety-Delivery: 0198c0de-...         the same in every try of one delivery
    Surety-Timestamp: 1764061200          seconds since 1970, of this try
    Surety-Signature: v1=<hex>

docs/webhooks.md shows receivers how to verify. The key is the secret's text as UTF-8.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

from tenants.secrets import Secret

PREFIX: Final = "whsec_"


def new_secret() -> str:
    """256 random bits, with a beginning by which secret scanners know it."""
    return PREFIX + secrets.token_urlsafe(32)


def signature(secret: Secret, timestamp: int, body: bytes) -> str:
    """`v1=<hex>` for that body at that time."""
    signed = str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()


def headers(*, secret: Secret, event: str, delivery: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    return {
        "Surety-Event": event,
        "Surety-Delivery": delivery,
        "Surety-Timestamp": str(timestamp),
        "Surety-Signature": signature(secret, timestamp, body),
    }
