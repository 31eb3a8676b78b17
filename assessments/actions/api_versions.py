"""Api-versions that clouds offer, shared between workers through the cache.

The cache holds no customer data: a key is a hash of the cloud's address with a resource type, and a value lists
api-versions. Even with a wrong value, a collection does not accept a version that lacks the properties that controls
read.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
_PREFIX = "api-versions:"


class SharedVersions:
    """Stores the api-versions that clouds offer in the cache. Without the cache, each worker must find out the
    versions itself."""

    def get(self, key: str) -> Sequence[str] | None:
        """Return an offer, or None."""
        try:
            value = cache.get(_PREFIX + key)
        except (RedisError, ValueError) as error:
            log.warning("api-versions not shared", error=type(error).__name__)
            return None
        return value if isinstance(value, list) else None

    def put(self, key: str, versions: Sequence[str], seconds: int) -> None:
        """Remember an offer for some seconds."""
        try:
            cache.set(_PREFIX + key, list(versions), seconds)
        except RedisError as error:
            log.warning("api-versions not shared", error=type(error).__name__)
