"""Sign webhooks: HMAC-SHA256 over `<timestamp>.<body>` proves to the receiver who sent them and when.

    Surety-Event: exception_decided
    Surety-Delivery: 0198c0de-...         the same in all attempts of a delivery
    Surety-Timestamp: 1764061200          seconds since 1970, of this attempt
    Surety-Signature: v1=<hex>

docs/webhooks.md shows how to verify a signature. The key is the whole text of the secret as UTF-8.
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
    """Return a secret of 256 random bits with a prefix that secret scanners recognize."""
    return PREFIX + secrets.token_urlsafe(32)


def signature(secret: Secret, timestamp: int, body: bytes) -> str:
    """Return the signature `v1=<hex>` of the body at that time."""
    signed = str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()


def headers(*, secret: Secret, event: str, delivery: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of one attempt."""
    return {
        "Surety-Event": event,
        "Surety-Delivery": delivery,
        "Surety-Timestamp": str(timestamp),
        "Surety-Signature": signature(secret, timestamp, body),
    }
