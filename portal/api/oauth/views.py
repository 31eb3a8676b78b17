"""The views of the authorization server: tokens, revocation (RFC 7009) and metadata (RFC 8414).

Requests to these views use neither cookies nor sessions. Errors are JSON as RFC 6749, section 5.2 describes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe
from oauthlib.common import urldecode
from oauthlib.oauth2 import MetadataEndpoint
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error
from redis.exceptions import RedisError

from portal.accounts.actions.api_tokens import OF_THE_API
from portal.api.oauth.server import Server
from portal.links import absolute
from tenants.roles import SERVICE_CAPABILITIES

FORM: Final = "application/x-www-form-urlencoded"
MAX_BYTES: Final = 8 * 1024
_NOT_CACHED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}

log = structlog.get_logger(__name__)

type Answer = tuple[Mapping[str, str], str, int]


@csrf_exempt  # No CSRF check: requests have no cookies, only a client secret.
def token(request: HttpRequest) -> HttpResponse:
    """Answer a request for an access token."""
    return _answered(request, lambda server, given: server.create_token_response(**given))


@csrf_exempt  # No CSRF check: requests have no cookies, only a client secret.
def revoke(request: HttpRequest) -> HttpResponse:
    """Revoke an access token."""
    return _answered(request, lambda server, given: server.create_revocation_response(**given))


@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """Describe the authorization server."""
    issuer = settings.SURETY_URL
    claims = {
        "issuer": issuer,
        "token_endpoint": absolute(reverse("oauth-token")),
        "revocation_endpoint": absolute(reverse("oauth-revoke")),
        "scopes_supported": [str(one) for one in OF_THE_API if one in SERVICE_CAPABILITIES],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }
    # oauthlib raises an error for an issuer without https. A development server has no https, so skip this check there.
    endpoint = MetadataEndpoint([Server(request)], claims, raise_errors=issuer.startswith("https://"))
    return JsonResponse(endpoint.claims)


@sensitive_variables("given")
def _answered(request: HttpRequest, answer: Callable[[Server, dict[str, Any]], Answer]) -> HttpResponse:
    try:
        given = {
            "uri": request.path,
            "http_method": request.method,
            "body": _form(request),
            "headers": {"Authorization": request.headers.get("Authorization", "")},
        }
        headers, body, status = answer(Server(request), given)
    except OAuth2Error as error:
        headers, body, status = error.headers, error.json, error.status_code
    except RedisError as error:
        # The cache is unavailable, so wrong secrets cannot be counted. Refuse every request.
        log.error("cache_unavailable", error=type(error).__name__)
        headers, status = {"Retry-After": "30"}, 503
        body = json.dumps(
            {
                "error": "temporarily_unavailable",
                "error_description": "The cache cannot be reached. Try again in 30 seconds.",
            }
        )
    response = HttpResponse(body, status=status, headers={**headers, **_NOT_CACHED})
    response.headers["Content-Type"] = "application/json"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Surety"'
    return response


def _form(request: HttpRequest) -> str:
    """Return the body of a request. Raise InvalidRequestError if the request is not a POST request with a small
    form.
    """
    if request.method != "POST":
        raise _Refused("Send a POST request.", status_code=405)
    if request.META.get("QUERY_STRING"):
        raise InvalidRequestError("Send the parameters in the body, not in the address.")
    if request.content_type != FORM:
        raise InvalidRequestError(f"Send the parameters with the Content-Type {FORM}.")
    try:
        body = request.body
    except RequestDataTooBig:
        raise _too_large() from None
    if len(body) > MAX_BYTES:
        raise _too_large()
    try:
        text = body.decode("utf-8")
        urldecode(text)
    except ValueError:
        # Without this check, oauthlib would answer that the grant type is missing, and hide the actual mistake.
        raise InvalidRequestError(
            "The body cannot be read as a form. Send it in UTF-8, with special characters percent-encoded (a space as"
            " %20)."
        ) from None
    return text


def _too_large() -> InvalidRequestError:
    return _Refused(f"The body is too large. Send at most {MAX_BYTES // 1024} KiB.", status_code=413)


class _Refused(InvalidRequestError):  # type: ignore[misc]
    """The error for an invalid request that is answered with a status other than 400."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Allow": "POST"} if self.status_code == 405 else {}
