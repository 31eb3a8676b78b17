"""Count how often people request something in an hour, such as a test sign-in or a mail to a new address.

Callers refuse requests above a limit, so that one customer cannot occupy all workers, and nobody can send many mails to
somebody else.
"""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from django.core.cache import cache

_HOUR: Final = 3600


def count_in_this_hour(kind: str, requester_id: UUID) -> int:
    """Count a request of this kind for the customer, organization or person with the id `requester_id`. Return the
    number of such requests in this hour.
    """
    key = f"{kind}:{requester_id}:{int(time.time()) // _HOUR}"
    cache.add(key, 0, 2 * _HOUR)
    return cache.incr(key)
