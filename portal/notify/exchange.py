"""Send one request of an API to a checked address and read the answer, of limited size and within a time limit.

The rules are those of `portal.notify.outbound`: a checked IP address, no redirects, no proxies.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from urllib3.exceptions import HTTPError

from assessments.version import VERSION
from portal.notify import outbound
from portal.notify.outbound import PostFailed, connected, limited

MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an API. The names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def exchange(method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """Send a request and return the answer.

    Raises RefusedAddress for an address that is not permitted. Raises PostFailed if there was no answer, if it was
    larger than 4 MiB, or if request and answer together took longer than the time limit.
    """
    with connected(url) as (connection, target):
        sent = {
            "Host": target.host_header,
            "User-Agent": f"Surety/{VERSION}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }
        seconds = outbound.ANSWER_SECONDS
        timeout = PostFailed(f"{target.host} did not answer within {seconds:.0f} seconds.")
        assert connection.sock is not None
        connection.timeout = seconds
        with limited(connection.sock, seconds) as expired:
            try:
                connection.request(method, target.path, body=body, headers=sent, preload_content=False)
                # For the reason, see `portal.notify.outbound`.
                response = http.client.HTTPConnection.getresponse(connection)
                content = response.read(MAX_ANSWER_BYTES + 1)
            except (OSError, HTTPError, http.client.HTTPException) as error:
                if expired.is_set() or isinstance(error, TimeoutError):
                    raise timeout from error
                raise PostFailed(
                    f"{target.host} closed the connection without a valid response ({type(error).__name__})."
                ) from error
        if expired.is_set():
            raise timeout
        if len(content) > MAX_ANSWER_BYTES:
            raise PostFailed(f"The answer of {target.host} is larger than 4 MiB.")
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, content)
