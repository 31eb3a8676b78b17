"""The rules of the authorization server. oauthlib reads and validates the requests and writes the answers."""

from __future__ import annotations

import base64
from typing import Any, Final, override
from urllib.parse import unquote_plus

import structlog
from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils import timezone
from oauthlib.common import Request
from oauthlib.oauth2 import (
    BearerToken,
    ClientCredentialsGrant,
    RequestValidator,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749 import errors

from portal.accounts.actions.access_tokens import (
    OAuthClient,
    authenticated_client,
    revoke_access_token,
    store_access_token,
)
from portal.accounts.tokens.token_text import ACCESS_TOKEN, API_TOKEN, CLIENT_SECRET, new_token
from portal.api.oauth.limits import count_failure, count_success, exceeded
from tenants.ids import parse_uuid

log = structlog.get_logger(__name__)

_WRONG: Final = (
    "The client id or the client secret is wrong, expired or revoked, or the service account is disabled. Check the"
    " id and the secret, or create a new secret on the page of the service account."
)
"""The error for a client that is not accepted: one sentence for all reasons, so that nobody learns which client ids
exist.
"""


class TooManyRequests(errors.OAuth2Error):  # type: ignore[misc]
    """The client sent too many requests. RFC 6749 has no error code for this. So the answer has the status 429, with an
    error code that RFC 6749 defines for another endpoint.
    """

    error = "temporarily_unavailable"
    status_code = 429

    def __init__(self, request: Request, seconds: int) -> None:
        super().__init__(f"Too many requests. Try again in {seconds} seconds.", request=request)
        self._seconds = seconds

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self._seconds)}


class Validator(RequestValidator):  # type: ignore[misc]
    """Answers the questions of oauthlib about the client, its rights and its tokens. One instance serves one
    request.
    """

    def __init__(self, http: HttpRequest) -> None:
        super().__init__()
        self._http = http

    @override
    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        return True

    @override
    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Set the client of the request. Raise OAuth2Error for a wrong client id or secret, a repeated parameter, or
        an exceeded limit.
        """
        if repeated := request.duplicate_params:
            raise errors.InvalidRequestError(
                f"Send the parameter {_ascii(repeated[0])} only once.", request=request
            )
        client_id, secret = _credentials(request)
        if seconds := exceeded(self._http, client_id):
            raise TooManyRequests(request, seconds)
        client = authenticated_client(client_id, secret, timezone.now())
        if client is None:
            count_failure(self._http, client_id)
            # Log the id only if it is a UUID: some programs confuse id and secret.
            client_text = "not an id" if (known := parse_uuid(client_id)) is None else str(known)
            log.warning("client not authenticated", client=client_text, address=self._address)
            raise errors.InvalidClientError(_WRONG, request=request)
        if seconds := count_success(self._http, client_id):
            raise TooManyRequests(request, seconds)
        request.client, request.client_id = client, client.client_id
        return True

    @override
    def validate_grant_type(
        self,
        client_id: str,
        grant_type: str,
        client: OAuthClient,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        return grant_type == "client_credentials"

    @override
    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return [str(one) for one in request.client.rights]

    @override
    def validate_scopes(
        self,
        client_id: str,
        scopes: list[str],
        client: OAuthClient,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """Return True if the client has all requested rights (`scopes`). Otherwise raise InvalidScopeError, whose
        message names the rights that the client has.
        """
        held = [str(one) for one in client.rights]
        if not scopes or set(scopes) - set(held):
            raise errors.InvalidScopeError(
                "The parameter scope names no right, or a right that the client secret does not have. Leave out the"
                " parameter, or choose from: " + (" ".join(held) or "none"),
                request=request,
            )
        request.scopes = [one for one in held if one in scopes]
        return True

    @override
    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        stored = store_access_token(
            client=request.client,
            text=token["access_token"],
            capabilities=request.scopes,
            seconds=token["expires_in"],
            address=self._address,
        )
        if not stored:  # The secret was revoked or lost rights after the rights were checked.
            raise errors.InvalidClientError(_WRONG, request=request)
        log.info("access token issued", client=request.client_id, beginning=request.client.secret.beginning)

    @override
    def revoke_token(
        self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Revoke an access token of the client. Raise OAuth2Error for a token that the client may not revoke."""
        if token.startswith((API_TOKEN, CLIENT_SECRET)):
            raise errors.UnsupportedTokenTypeError(
                "This address revokes only access tokens. Revoke API tokens and client secrets on the page of the"
                " service account.",
                request=request,
            )
        if not revoke_access_token(client=request.client, text=token):
            raise errors.InvalidGrantError("This access token was issued to another client.", request=request)

    @property
    def _address(self) -> str:
        return str(get_adapter(self._http).get_client_ip(self._http))


class Server(TokenEndpoint, RevocationEndpoint):  # type: ignore[misc]
    """The two endpoints of the server: one issues tokens for client secrets, the other revokes access tokens."""

    def __init__(self, request: HttpRequest) -> None:
        validator, grant = Validator(request), "client_credentials"
        token = BearerToken(
            validator,
            token_generator=lambda _: new_token(ACCESS_TOKEN),
            expires_in=lambda oauth_request: oauth_request.client.seconds(timezone.now()),
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type=grant,
            default_token_type=token,
            grant_types={grant: ClientCredentialsGrant(validator)},
        )
        RevocationEndpoint.__init__(self, validator, supported_token_types=["access_token"])


def _credentials(request: Request) -> tuple[str, str]:
    """Return the client id and secret of the header Authorization or of the body (RFC 6749, section 2.3.1). If there
    are none, or they cannot be read, id and secret are empty. Raise InvalidRequestError if both the header and the body
    contain a secret, or if they contain different ids.
    """
    header = request.headers.get("Authorization", "").strip()
    if not header:
        return request.client_id or "", request.client_secret or ""
    client_id, secret = _basic(header)
    if request.client_secret or request.client_id not in (None, "", client_id):
        raise errors.InvalidRequestError(
            "Send the client id and secret once: either in the header Authorization or in the body.",
            request=request,
        )
    return client_id, secret


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:  # includes binascii.Error and UnicodeDecodeError
        return "", ""
    client_id, _, secret = text.partition(":")
    # Both parts are encoded like a form before they are joined (RFC 6749, section 2.3.1).
    return unquote_plus(client_id), unquote_plus(secret)


def _ascii(text: str) -> str:
    """Return a parameter's name without the characters that an error description must not contain (RFC 6749, section
    5.2).
    """
    return "".join(one for one in text[:40] if one.isascii() and (one.isalnum() or one in "_-"))
