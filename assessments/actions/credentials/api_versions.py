"""Cache which api-versions each cloud offers, so that all workers know them.

A cache key consists of a hash of the cloud's endpoint and a resource type. The value is the list of api-versions that
the cloud offers for this type. The cache contains no customer data. A wrong value is harmless: a collection uses a
cached api-version only if this api-version has all properties that controls read.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
_PREFIX = "api-versions:"


class SharedVersions:
    """The cached api-versions that each cloud offers. If the cache cannot be reached, each worker learns the versions
    itself: when a cloud refuses a request because of its api-version, the answer lists the offered versions.
    """

    def get(self, key: str) -> Sequence[str] | None:
        """Return the cached api-versions. Return None if no api-versions are cached or the cache cannot be reached."""
        try:
            value = cache.get(_PREFIX + key)
        except (RedisError, ValueError) as error:
            log.warning("api-versions not shared", error=type(error).__name__)
            return None
        return value if isinstance(value, list) else None

    def put(self, key: str, versions: Sequence[str], seconds: int) -> None:
        """Cache the api-versions for this number of seconds."""
        try:
            cache.set(_PREFIX + key, list(versions), seconds)
        except RedisError as error:
            log.warning("api-versions not shared", error=type(error).__name__)
