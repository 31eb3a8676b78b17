"""Send one request to an API and read the answer. The size of the answer and the time are limited.

As in `portal.notify.outbound`, the connection goes to a checked IP address, without redirects or proxies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from urllib3.connection import HTTPConnection

from assessments.version import VERSION
from portal.notify.addresses import Target
from portal.notify.outbound import PostFailed, answered_in_time, connected, response_of

MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an API. The names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class UnsendableHeader(PostFailed, code="unsendable_header"):
    """A header's value has characters that HTTP does not permit. The message does not contain the value."""


def exchange(method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """Send a request and return the answer. No error contains a header's value.

    Raises RefusedAddress for an address that is not permitted. Raises PostFailed if there is no answer, if the answer
    is larger than 4 MiB, or after the time limit. Before sending, raises UnsendableHeader for a header value that HTTP
    does not permit.
    """
    if not all(_is_sendable(value) for value in headers.values()):
        raise UnsendableHeader(
            "The credentials contain characters that cannot be sent. Enter valid credentials."
        )
    with connected(url) as (connection, target):
        sent = {
            "Host": target.host_header,
            "User-Agent": f"Surety/{VERSION}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        with answered_in_time(connection, target):
            _request(connection, method, target, body, sent)
            response = response_of(connection)
            content = response.read(MAX_ANSWER_BYTES + 1)
        if len(content) > MAX_ANSWER_BYTES:
            raise PostFailed(f"The answer of {target.host} is larger than 4 MiB.")
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, content)


def _is_sendable(value: str) -> bool:
    """Return whether http.client can send the value of a header (printable Latin-1). Check this first, because the
    error of http.client would contain the value.
    """
    return value.isprintable() and all(ord(character) < 256 for character in value)


def _request(
    connection: HTTPConnection, method: str, target: Target, body: bytes | None, headers: Mapping[str, str]
) -> None:
    try:
        connection.request(method, target.path, body=body, headers=headers, preload_content=False)
    except ValueError:
        # The text of this error may contain a value of the request, so do not show it.
        raise PostFailed(f"The request to {target.host} contains characters that cannot be sent.") from None
