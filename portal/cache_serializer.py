"""Cached values as JSON. Unlike unpickling, reading JSON never runs code, even if an attacker wrote the value."""

from __future__ import annotations

import json
from typing import Any


class JSONCacheSerializer:
    """Serializer for Django's Redis cache. Integers stay plain numbers, so that Redis can increment them."""

    def dumps(self, obj: Any) -> int | bytes:
        """Return the stored form. Raise TypeError for values that JSON cannot hold. Tuples become lists."""
        if type(obj) is int:
            return obj
        return json.dumps(obj, allow_nan=False, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value. If the JSON is nested too deeply to be read, return None, as if nothing were stored.

        Raise ValueError for data that is not JSON.
        """
        try:
            return json.loads(data)
        except RecursionError:
            return None
        except ValueError:
            raise ValueError(
                "The cache holds a value that Surety did not write. Find out who else writes to the"
                " cache, then empty the cache."
            ) from None
