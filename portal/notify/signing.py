"""Sign webhooks as Standard Webhooks specifies, so that receivers can verify them with a public library.

    webhook-id: 6f1c0c1e-...              the event, the same in all attempts and for all channels
    webhook-timestamp: 1764061200         seconds since 1970, of this attempt
    webhook-signature: v1,<base64> ...    HMAC-SHA256 over `<id>.<timestamp>.<body>`, one for each valid secret

The headers `Surety-Event`, `Surety-Delivery`, `Surety-Timestamp` and `Surety-Signature` are deprecated since 28
November 2026, and sent for older receivers until `LEGACY_UNTIL` at least.

docs/webhooks.md shows how to verify a signature. Source: Standard Webhooks 1.0.0,
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets as random_secrets
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from tenants.secrets import Secret

PREFIX: Final = "whsec_"
LEGACY_UNTIL: Final = date(2027, 11, 30)
"""The first day on which a version of Surety may stop sending the deprecated headers."""
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a secret of 256 random bits: `whsec_` and the key in base64."""
    return PREFIX + base64.b64encode(random_secrets.token_bytes(_SECRET_BYTES)).decode()


def event_id(tenant_id: UUID, kind: str, key: str) -> UUID:
    """Return the id of an event, computed from its stored key. All messages about the event have this id.

    The id is a UUID of version 8 (RFC 9562, 5.8) with bits of a SHA-256.
    """
    digest = hashlib.sha256(tenant_id.bytes + f"{kind}:{key}".encode()).digest()
    value = int.from_bytes(digest[:16])
    value = value & ~(0xF << 76) | 0x8 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def signing_key(secret: Secret) -> bytes:
    """Return the signing key of a secret. If the secret is `whsec_` and a text in base64, the key is this text,
    decoded. Otherwise, the key is the whole secret.

    Secrets that were made before 28 November 2026 contain URL-safe base64 without padding, so accept this form too.
    """
    text = secret.reveal()
    if text.startswith(PREFIX):
        encoded = text.removeprefix(PREFIX).rstrip("=").translate(str.maketrans("-_", "+/"))
        try:
            if key := base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True):
                return key
        except (binascii.Error, ValueError):
            return text.encode()
    return text.encode()


def signature(secret: Secret, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature `v1,<base64>` of a message with this id, time stamp and body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(signing_key(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def legacy_signature(secret: Secret, timestamp: int, body: bytes) -> str:
    """Return the deprecated signature `v1=<hex>`, whose key is the whole text of the secret."""
    signed = str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.reveal().encode(), signed, hashlib.sha256).hexdigest()


def headers(
    *,
    secrets: Sequence[Secret],
    event: str,
    delivery: str,
    timestamp: int,
    body: bytes,
    message_id: str = "",
) -> Mapping[str, str]:
    """Return the headers of a post to a webhook.

    - `secrets`: the current secret, then the previous one while it is valid
    - `delivery`: the id of the post
    - `message_id`: the id of the event; if empty, `delivery` is used
    """
    message_id = message_id or delivery
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in secrets),
        "Surety-Event": event,
        "Surety-Delivery": delivery,
        "Surety-Timestamp": str(timestamp),
        "Surety-Signature": legacy_signature(secrets[0], timestamp, body),
    }
