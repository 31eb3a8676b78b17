"""Count the pieces of work that people request from workers in an hour.

Callers refuse requests above a limit, so that one customer cannot occupy all workers, and nobody can send many mails to
somebody else.
"""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from django.core.cache import cache

_HOUR: Final = 3600


def count_in_this_hour(what: str, of: UUID) -> int:
    """Count a request of the kind `what` for the customer, organization or person with the id `of`. Return the number
    of such requests in this hour.
    """
    key = f"{what}:{of}:{int(time.time()) // _HOUR}"
    cache.add(key, 0, 2 * _HOUR)
    return cache.incr(key)
