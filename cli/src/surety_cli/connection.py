"""Send requests to Surety with the generated client.

This module handles TLS, problem details, the limit of requests, and lists of several pages.
"""

from __future__ import annotations

import json
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx

from surety_cli import VERSION
from surety_cli.client_credentials import RENEWABLE, ClientCredentials
from surety_cli.exits import NoAnswer, Refused, Unreachable, UsageFailure
from surety_cli.settings import Login
from surety_cli.text import visible
from surety_client import AuthenticatedClient
from surety_client.models import Problem
from surety_client.types import UNSET, Response, Unset

SECONDS: Final = 60.0
PAGE: Final = 500
_TRIES: Final = 5
_MAX_WAIT: Final = 120.0
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_REDIRECT: Final = 300

Answer = TypeVar("Answer")
Item = TypeVar("Item")


def client_for(login: Login) -> AuthenticatedClient:
    """Return a client for the API of the server that `login` names, with the token or client secret of `login`. Raise
    UsageFailure if the file with the certificate authority cannot be read.
    """
    verify: bool | ssl.SSLContext = True
    if login.ca_file:
        if not Path(login.ca_file).is_file():
            raise UsageFailure(f"The file {login.ca_file} with the certificate authority does not exist.")
        try:
            verify = ssl.create_default_context(cafile=login.ca_file)
        except OSError:  # ssl.SSLError is an OSError, too.
            raise UsageFailure(f"{login.ca_file} contains no certificate in the format PEM.") from None
    headers, timeout = {"User-Agent": f"surety-cli/{VERSION}"}, httpx.Timeout(SECONDS)
    # A connection with http is not encrypted, so a proxy could read the token. So for http, ignore the environment
    # variables that name proxies.
    trust = not login.server.startswith("http:")
    arguments: dict[str, Any] = {"event_hooks": {"response": [_refuse]}, "trust_env": trust}
    if not login.token:
        arguments["auth"] = ClientCredentials(
            login, headers=headers, timeout=timeout, verify=verify, trust_env=trust
        )
    return AuthenticatedClient(
        base_url=login.server,
        token=login.token or "none",  # ClientCredentials sets the real token.
        headers=headers,
        timeout=timeout,
        verify_ssl=verify,
        httpx_args=arguments,
    )


def send(call: Callable[[], Response[Answer | Problem]]) -> tuple[Answer, Any]:
    """Send one request. Return the answer, and its JSON (None for files).

    If the limit of requests is reached, wait and send the request again. Raise Refused if Surety rejects the request,
    and Unreachable if Surety cannot be reached. Raise NoAnswer if no answer came, but Surety may have carried out the
    request.
    """
    tries = 1
    while True:
        try:
            return _answered(call())
        except Refused as refused:
            wait = refused.retry_after
            if refused.http_status != _TOO_MANY or wait is None or wait > _MAX_WAIT or tries == _TRIES:
                raise
            print(f"The limit of requests is reached. Waiting {wait:.0f} s.", file=sys.stderr)
            time.sleep(wait)
            tries += 1
        except httpx.ConnectTimeout:
            raise Unreachable("Surety did not answer in time. Try again later.") from None
        except httpx.TimeoutException:
            raise NoAnswer("Surety did not answer in time. Try again later.") from None
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
            raise NoAnswer(_why(error)) from None
        except httpx.TransportError as error:
            raise Unreachable(_why(error)) from None
        except (httpx.InvalidURL, UnicodeError):
            raise UsageFailure(
                "The address of the server contains characters that are not allowed in an"
                " address. Correct it."
            ) from None
        except ImportError as error:
            if "SOCKS" not in str(error):
                raise
            # httpx needs another package for a SOCKS proxy.
            raise UsageFailure(
                "The proxy in ALL_PROXY or HTTPS_PROXY is a SOCKS proxy, which surety does not support. Use an HTTP"
                " proxy, or name the server in NO_PROXY."
            ) from None
        except (ValueError, TypeError, KeyError) as error:
            # The generated client raises these errors if an answer does not have the expected form.
            raise Unreachable(
                f"This version of surety cannot read the answer of the server ({type(error).__name__}). Check the"
                " address of the server, and update surety-cli."
            ) from None


def pages(
    fetch: Callable[[str | Unset], Response[Any | Problem]], kind: type[Item]
) -> Iterator[tuple[list[Item], list[dict[str, Any]]]]:
    """Yield (items, their JSON) of each page. `fetch` requests the page that begins at a cursor.

    Raise Unreachable if the server left out fields, so that an item could not be parsed as `kind`.
    """
    cursor: str | Unset = UNSET
    while True:
        page, content = send(partial(fetch, cursor))
        if not all(isinstance(one, kind) for one in page.items):
            raise Unreachable(
                "The server sent items that lack fields. Check the address of the server, and update surety-cli."
            )
        yield page.items, content["items"]
        if page.next_ is None:
            return
        following = parse_qs(urlsplit(page.next_).query).get("cursor")
        if not following or following[0] == cursor:
            raise Unreachable("The server did not name the next page of the list. Update surety-cli.")
        cursor = following[0]


def _answered(response: Response[Answer | Problem]) -> tuple[Answer, Any]:
    parsed = response.parsed
    if parsed is None or isinstance(parsed, Problem):
        raise ValueError("the answer has a status that the API does not document")
    is_json = response.headers.get("content-type", "").partition(";")[0].endswith("json")
    return parsed, json.loads(response.content) if is_json else None


def _refuse(response: httpx.Response) -> None:
    """Raise Refused or Unreachable for an unsuccessful answer, before the generated client reads the answer."""
    status = response.status_code
    if response.is_success or (status == _UNAUTHORIZED and RENEWABLE in response.request.extensions):
        return
    if status < _SERVER_ERROR and status >= _REDIRECT and "location" in response.headers:
        raise Unreachable(
            f"The server redirects to {visible(response.headers['location'])}. Use the address of Surety itself."
        )
    response.read()
    problem = _problem(response)
    sentence = _sentence(problem) if problem else f"The server answered {status} {response.reason_phrase}."
    if status >= _SERVER_ERROR:
        raise Unreachable(sentence)
    raise Refused(
        sentence, status, str(problem.get("code", "")), _retry_after(response.headers.get("retry-after"))
    )


def _problem(response: httpx.Response) -> dict[str, Any]:
    if response.headers.get("content-type", "").partition(";")[0] != "application/problem+json":
        return {}
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _sentence(problem: dict[str, Any]) -> str:
    """Return the problem details as text: the detail, and the message of each field. A message that equals the detail
    is not repeated.
    """
    detail = str(problem.get("detail", ""))
    lines = [detail]
    errors = problem.get("errors")
    for error in errors if isinstance(errors, list) else ():
        if not isinstance(error, dict):
            continue
        message = str(error.get("message", ""))
        if message == detail:
            lines[0] = f"{error.get('field')}: {detail}"
        else:
            lines.append(f"  {error.get('field')}: {message}")
    return "\n".join(visible(line) for line in lines)


def _retry_after(text: str | None) -> float | None:
    """Return the seconds that a Retry-After header states, as a number or as a date. Return None if the header is
    missing or invalid.
    """
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _why(error: httpx.TransportError) -> str:
    text = visible(str(error)) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            f"The certificate of the server is not trusted ({text}). If your organization has its own certificate"
            " authority, name its file with --ca-file."
        )
    return f"Surety cannot be reached: {text}. Check the address and the network."
