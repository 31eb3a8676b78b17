"""Store confidential records in the cache. The records are sealed with the key ring, so nobody can read or forge them.

An attacker may be able to write to the cache. So a record contains the time at which it expires, and is bound to its
key, which names the tenant and the object. A record that was copied to another key, or that has expired and was put
back, is not accepted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from tenants import secrets
from tenants.errors import SecretsUnusable

log = structlog.get_logger(__name__)
_PREFIX: Final = "sealed:"


def store(key: str, record: Mapping[str, Any], seconds: int) -> None:
    """Seal the record and cache it. `record` consists of JSON values."""
    key = _PREFIX + key
    until = timezone.now() + timedelta(seconds=seconds)
    plain = json.dumps({"until": until.isoformat(), "record": record})
    cache.set(key, base64.b64encode(secrets.ring().seal(plain, key)).decode(), seconds)


def load(key: str) -> dict[str, Any] | None:
    """Return the record, or None if it is missing, expired or not from Surety.

    Also return None if the cache cannot be reached: people can repeat the action that created the record.
    """
    key = _PREFIX + key
    try:
        stored = cache.get(key)
        if stored is None:
            return None
        sealed = base64.b64decode(stored, validate=True)
        plain = json.loads(secrets.ring().unseal(sealed, key).reveal())
    except (RedisError, OSError) as error:
        log.warning("cache not readable", key=key, error=type(error).__name__)
        return None
    except (SecretsUnusable, TypeError, ValueError) as error:
        # The key ring has changed, or somebody else wrote to the cache.
        log.warning("cached record ignored", key=key, error=type(error).__name__)
        return None
    if datetime.fromisoformat(plain["until"]) <= timezone.now():
        log.warning("cached record ignored", key=key, error="expired")
        return None
    record: dict[str, Any] = plain["record"]
    return record
