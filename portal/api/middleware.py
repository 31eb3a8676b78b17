"""Middleware of the API. It removes cookies, authenticates requests by their token, limits the number of requests, and
answers errors as problem details.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from portal.accounts.actions.api_tokens import note_use
from portal.accounts.models import ApiToken
from portal.accounts.selectors import usable_token
from portal.accounts.sign_in.policy import policy_of
from portal.accounts.tokens.token_use import limit_of
from portal.api.problems import problem
from portal.api.rate_limits import count_request, rate_headers, too_many
from portal.api.requests import is_api, is_of_program
from tenants.middleware import SCOPE_LIMIT
from tenants.scope import person_scope

TOKEN: Final = "surety_api_token"  # noqa: S105 - the name of an attribute
"""The name of the attribute in which a request has its ApiToken."""
POLICY: Final = "surety_api_policy"
"""The name of the attribute in which a request has the sign-in policy of the token's person. The policy depends on all
roles of the person. The request's scope contains only the roles that the token can use, so the policy cannot be read
in this scope.
"""
USED_AGAIN_AFTER: Final = timedelta(minutes=1)
_CHALLENGE: Final = 'Bearer realm="Surety"'

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ApiRequestMiddleware:
    """Remove the cookies of requests to the API and to the authorization server. Otherwise, a page of another site
    could use a person's session.

    If SECURE_SSL_REDIRECT is set, refuse requests without https instead of redirecting them. This middleware must come
    before the session middleware.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_of_program(request):
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                return problem(
                    403,
                    "https_required",
                    "Send requests with https. If this request contained a token or client secret, revoke it:"
                    " others may have read it.",
                )
            request.META.pop("HTTP_COOKIE", None)
            # Django would decode the query string with the charset of the Content-Type, but URLs are always UTF-8.
            request.encoding = "utf-8"
        return self.get_response(request)


class ApiTokenMiddleware:
    """Run each API request as the person of its token, and limit the requests per minute. This middleware must come
    before ScopeMiddleware.
    """

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
                "The token is unknown, expired or revoked. Create a new API token (under Account, API tokens), or"
                " request a new access token. Send it as “Authorization: Bearer …”.",
                headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'},
            )
        return self._answer(request, token)

    def _answer(self, request: HttpRequest, token: ApiToken) -> HttpResponseBase:
        usage = count_request(token)
        rate = rate_headers(usage.limit, usage.used)
        if usage.is_exceeded:
            return too_many(
                f"{usage.sentence} Wait for the number of seconds in the header Retry-After.", rate
            )
        request.user = token.person
        setattr(request, TOKEN, token)
        setattr(request, SCOPE_LIMIT, limit_of(token))
        setattr(request, POLICY, policy_of(token.person))
        response = self.get_response(request)
        for name, value in rate.items():
            # If the request was refused because of another limit, the answer already has the headers of that limit.
            # Keep them.
            response.headers.setdefault(name, value)
        patch_vary_headers(response, ["Authorization"])
        now = timezone.now()
        if token.last_used_at is None or token.last_used_at < now - USED_AGAIN_AFTER:
            with person_scope(token.person):
                note_use(token=token, at=now, address=request.META.get("REMOTE_ADDR", ""))
        return response
