"""Request access tokens for a client secret (OAuth 2.0). A token is requested before the first API request. It is
renewed before a request if it ends within a minute, and after the server has refused it.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Final

import httpx

from surety_cli.exits import Refused, Unreachable
from surety_cli.settings import Login
from surety_cli.text import visible

RENEWABLE: Final = "surety_renewable"
"""The name of an extension that marks requests (`httpx.Request.extensions`). If the server answers a marked request
with 401, the client renews the token and sends the request again, instead of raising an error.
"""
_MARGIN_SECONDS: Final = 60.0
"""Number of seconds before the end of a token at which the token is renewed."""
_UNAUTHORIZED: Final = 401
_SERVER_ERROR: Final = 500


class ClientCredentials(httpx.Auth):
    """Adds an access token to each request. Raises Refused or Unreachable if Surety issues no token.

    `arguments` are the arguments of the `httpx.Client` that requests the tokens, such as the certificate authority.
    """

    def __init__(self, login: Login, **arguments: Any) -> None:
        self._login, self._arguments = login, arguments
        self._token, self._ends = "", 0.0

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() >= self._ends:
            self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        request.extensions = {**request.extensions, RENEWABLE: True}
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            # The token was revoked, for example because the role of the service account was changed. So request a new
            # token.
            self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
            del request.extensions[RENEWABLE]
            yield request

    def _renew(self) -> None:
        started = time.monotonic()
        with httpx.Client(**self._arguments) as client:
            response = client.post(
                f"{self._login.server}/oauth/token",
                data={"grant_type": "client_credentials"},
                auth=(self._login.client_id, self._login.client_secret),
            )
        if not response.is_success:
            raise _failure(response)
        # If a server other than Surety has answered, these lines raise ValueError, KeyError or TypeError.
        # `connection.send` turns these errors into a message for people.
        answer = response.json()
        self._token, self._ends = (
            str(answer["access_token"]),
            started + float(answer["expires_in"]) - _MARGIN_SECONDS,
        )


def _failure(response: httpx.Response) -> Refused | Unreachable:
    status = response.status_code
    if response.has_redirect_location:
        return Unreachable(
            f"The server redirects to {visible(response.headers['location'])}. Use the address of Surety itself."
        )
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    problem = problem if isinstance(problem, dict) else {}
    # If a request was sent without https, Surety answers with problem details, which have no `error_description`.
    text = problem.get("error_description") or problem.get("detail")
    sentence = visible(str(text)) if text else f"The server answered {status} {response.reason_phrase}."
    if status >= _SERVER_ERROR:
        return Unreachable(sentence)
    wait = response.headers.get("retry-after", "")
    seconds = float(wait) if wait.isascii() and wait.isdigit() else None
    return Refused(sentence, status, str(problem.get("error", "")), seconds)
