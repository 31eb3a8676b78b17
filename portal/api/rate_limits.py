"""Limit the requests to the API: count them, send the headers RateLimit-*, and refuse further requests with
status 429.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final, NamedTuple

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import JsonResponse
from redis.exceptions import RedisError

from portal.accounts.models import ApiToken
from portal.api.problems import problem

MINUTE: Final = 60

log = structlog.get_logger(__name__)


class Usage(NamedTuple):
    """A limit, and the number of requests in this minute that count towards the limit, including the present request.

    `limit` is 0 if there is no limit.
    """

    limit: int
    used: int
    sentence: str

    @property
    def is_exceeded(self) -> bool:
        """Whether the request must be refused."""
        return bool(self.limit) and self.used > self.limit


def count_request(token: ApiToken) -> Usage:
    """Count a request with this token. There are two limits: one for the token, and one for all tokens of the token's
    person. Return the usage of the limit that permits fewer further requests.

    All access tokens of a client secret count as one token.
    """
    own = settings.SURETY_API_REQUESTS_PER_MINUTE
    total = settings.SURETY_API_PERSON_REQUESTS_PER_MINUTE
    of_token = Usage(
        own,
        _count(f"token:{token.client_secret_id or token.pk}") if own else 0,
        f"A token may send {own} requests in a minute.",
    )
    # A request that exceeds the limit of its token does not also count towards the limit of all tokens of the person.
    if of_token.is_exceeded or not total:
        return of_token
    of_person = Usage(
        total,
        _count(f"person:{token.person_id}"),
        f"All tokens of a person together may send {total} requests in a minute.",
    )
    if not own:
        return of_person
    return min(of_token, of_person, key=lambda one: one.limit - one.used)


def rate_headers(limit: int, used: int) -> dict[str, str]:
    """Return the RateLimit headers. `limit` is the permitted number of requests per minute, and `used` the number of
    requests that were sent. If `limit` is 0, there is no limit, and no headers are returned.
    """
    if not limit:
        return {}
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(max(0, limit - used)),
        "RateLimit-Reset": str(MINUTE - int(time.time()) % MINUTE),
    }


def too_many(detail: str, rate: Mapping[str, str], *, code: str = "too_many_requests") -> JsonResponse:
    """Return the answer to a request that exceeds a limit. `rate` are the headers of this limit."""
    return problem(429, code, detail, headers={**rate, "Retry-After": rate["RateLimit-Reset"]})


def _count(key: str) -> int:
    """Return how many requests were counted for the key in this minute, including this one."""
    key = f"api:{key}:{int(time.time()) // MINUTE}"
    try:
        cache.add(key, 0, 2 * MINUTE)
        return cache.incr(key)
    except (RedisError, ValueError) as error:
        # If the cache is unavailable, requests are answered but not counted. `incr` raises ValueError if the cache has
        # evicted the key since `add`.
        log.warning("requests not counted", kind="api", error=type(error).__name__)
        return 0
