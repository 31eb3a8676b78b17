"""Middleware of the API: no cookies, sign-in with a token, limits per token, errors as problem details."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from redis.exceptions import RedisError

from portal.accounts.actions.api_tokens import note_use
from portal.accounts.models import ApiToken
from portal.accounts.selectors import usable_token
from portal.api.problems import problem
from portal.api.requests import is_api
from tenants.active_scope import ScopeLimit
from tenants.middleware import SCOPE_LIMIT
from tenants.roles import Capability
from tenants.scope import person_scope

TOKEN: Final = "surety_api_token"  # noqa: S105 - the name of an attribute
"""The attribute of a request with the ApiToken with which it was sent."""
USED_AGAIN_AFTER: Final = timedelta(minutes=1)
_MINUTE: Final = 60
_CHALLENGE: Final = 'Bearer realm="Surety"'

log = structlog.get_logger(__name__)

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ApiRequestMiddleware:
    """Remove the cookies of API requests, so that a page of another site cannot use a person's session, and refuse
    requests without https where pages require it. Must come before the session middleware."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_api(request):
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                return problem(
                    403,
                    "https_required",
                    "Send requests with https. If you sent a token with this one, revoke it: others may have read it.",
                )
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)


class ApiTokenMiddleware:
    """Let an API request act as the person of its token, within the token's limit. Must come before ScopeMiddleware."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api(request):
            return self.get_response(request)
        header = request.headers.get("Authorization")
        if header is None:
            return self.get_response(request)
        scheme, _, text = header.strip().partition(" ")
        token = usable_token(text.strip(), timezone.now()) if scheme.lower() == "bearer" else None
        if token is None:
            return problem(
                401,
                "token_invalid",
                "The API token is unknown, expired or revoked. Create a new one under Account, API tokens, and send it"
                " as “Authorization: Bearer surety_pat_…”.",
                headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'},
            )
        return self._answer(request, token)

    def _answer(self, request: HttpRequest, token: ApiToken) -> HttpResponseBase:
        limit = settings.SURETY_API_REQUESTS_PER_MINUTE
        used = _count(token) if limit else 0
        rate = _rate_headers(limit, used)
        if limit and used > limit:
            return problem(
                429,
                "too_many_requests",
                f"This token may send {limit} requests in a minute. Wait for the seconds in Retry-After.",
                headers=rate | {"Retry-After": rate["RateLimit-Reset"]},
            )
        request.user = token.person
        setattr(request, TOKEN, token)
        setattr(request, SCOPE_LIMIT, _limit_of(token))
        response = self.get_response(request)
        for name, value in rate.items():
            response.headers[name] = value
        patch_vary_headers(response, ["Authorization"])
        now = timezone.now()
        if token.last_used_at is None or token.last_used_at < now - USED_AGAIN_AFTER:
            with person_scope(token.person):
                note_use(token=token, at=now, address=request.META.get("REMOTE_ADDR", ""))
        return response


def _limit_of(token: ApiToken) -> ScopeLimit:
    return ScopeLimit(
        organization_id=token.organization_id,
        # A right that a later version no longer has gives nothing.
        capabilities=frozenset(Capability(one) for one in token.capabilities if one in Capability),
        tenant_ids=None if token.tenant_ids is None else frozenset(token.tenant_ids),
    )


def _count(token: ApiToken) -> int:
    """Return how many requests the token has sent in this minute, this one included."""
    key = f"api:{token.pk}:{int(time.time()) // _MINUTE}"
    try:
        cache.add(key, 0, 2 * _MINUTE)
        return cache.incr(key)
    except (RedisError, ValueError) as error:
        # As for pages, the API stays usable without the cache. ValueError: the key was evicted in between.
        log.warning("requests not counted", kind="api", error=type(error).__name__)
        return 0


def _rate_headers(limit: int, used: int) -> dict[str, str]:
    if not limit:
        return {}
    left = _MINUTE - int(time.time()) % _MINUTE
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(max(0, limit - used)),
        "RateLimit-Reset": str(left),
    }
