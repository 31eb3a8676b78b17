"""Cached values as JSON. Unlike unpickling, reading JSON never runs code.

If the cache contains a value that Surety did not write, reading raises UnreadableCache. Surety handles this error as if
the cache were unreachable: if other programs write to the cache, the counts of attempts cannot be trusted.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

_COUNTS: Final = "allauth:rl:"
"""The prefix of the keys under which allauth stores attempts, such as attempts to sign in. Each value is a list of the
times of the attempts, in seconds.
"""


class UnreadableCache(RedisError, ValueError):
    def __init__(self) -> None:
        super().__init__(
            "The cache contains a value that Surety did not write. Find out which other program writes to the cache,"
            " then empty the cache."
        )


class CheckedRedisCache(RedisCache):
    """Django's Redis cache. It also checks the values with which allauth counts attempts, such as attempts to sign in.

    allauth stores the times of the attempts as a list, and does not check what it reads. If such a value is not a list
    of times, `get` raises UnreadableCache.
    """

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        found = super().get(key, default, version)
        is_count = isinstance(key, str) and key.startswith(_COUNTS) and not key.endswith(":lock")
        if is_count and not _are_times(found):
            raise UnreadableCache
        return found


def _are_times(value: Any) -> bool:
    return isinstance(value, list) and all(type(one) in (int, float) and math.isfinite(one) for one in value)


class JSONCacheSerializer:
    """Serializer for Django's Redis cache. Integers stay plain numbers, so that Redis can increment them."""

    def dumps(self, obj: Any) -> int | bytes:
        """Return the form in which a value is stored. Tuples become lists. Raise TypeError or ValueError for values
        that JSON cannot hold.
        """
        if type(obj) is int:
            return obj
        return json.dumps(obj, allow_nan=False, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value of a stored form. For JSON that is nested too deeply, return None, as if nothing were
        stored. Raise UnreadableCache for data that is not JSON.
        """
        try:
            return json.loads(data)
        except RecursionError:
            return None
        except ValueError:
            raise UnreadableCache from None
