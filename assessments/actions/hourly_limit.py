"""Count the work that the people of a customer request from workers in an hour. The limit keeps one customer from
occupying all workers.
"""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from django.core.cache import cache

_HOUR: Final = 3600


def count_in_this_hour(what: str, tenant_id: UUID) -> int:
    """Count a request of the customer, and return the number of its requests in this hour."""
    key = f"{what}:{tenant_id}:{int(time.time()) // _HOUR}"
    cache.add(key, 0, 2 * _HOUR)
    return cache.incr(key)
