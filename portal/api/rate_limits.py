"""Answers of the API about limits of requests: the headers RateLimit-* and status 429."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from django.http import JsonResponse

from portal.api.problems import problem

MINUTE: Final = 60


def rate_headers(limit: int, used: int) -> dict[str, str]:
    """Return the headers for a limit of requests per minute. `used`: the requests so far. No headers for the
    limit 0.
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
