"""Send requests to the identity provider, without redirects. The size and the total time of each answer are limited."""

from __future__ import annotations

from typing import Any, Final

import requests
from requests import Response
from urllib3.exceptions import HTTPError

from assessments.collect.http.time_limit import TimeLimitedAdapter, TookTooLong, time_limit

# This limit is far above the size of the documents that Entra sends: even the list of all its keys has only some 20 KB.
MAX_BYTES: Final = 1024 * 1024
# TOTAL_SECONDS limits the time for one answer with its headers; a sign-in waits for up to three answers. WAIT_SECONDS
# limits each wait for the network.
TOTAL_SECONDS: Final = 15.0
WAIT_SECONDS: Final = 5.0
_CHUNK: Final = 64 * 1024


class UnusableAnswer(requests.RequestException):
    """The answer is too large, too slow or broken."""


class IssuerSession(requests.Session):
    """A session that reads each answer completely, within limits of size and time. A redirect is an error, because it
    could lead to any host. An answer with an error status is an error too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = 0
        # If `auth` were not set, `requests` would replace the client's secret by a password from a .netrc file.
        self.auth = _unchanged
        self.mount("http://", TimeLimitedAdapter())
        self.mount("https://", TimeLimitedAdapter())

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Response:
        """Send a request and return the answer. Raise RequestException if the request fails."""
        kwargs |= {"stream": True, "timeout": WAIT_SECONDS}
        try:
            with time_limit(TOTAL_SECONDS), super().request(method, url, *args, **kwargs) as answer:
                content = _read(answer)
        except TookTooLong as error:
            raise UnusableAnswer(
                f"The answer of {url} took longer than {TOTAL_SECONDS:.0f} seconds."
            ) from error
        # `Response.content` caches the body in these two attributes.
        answer.__dict__ |= {"_content": content, "_content_consumed": True}
        answer.raise_for_status()
        return answer


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read(answer: Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        while part := answer.raw.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise UnusableAnswer(f"The answer of {answer.url} is larger than {MAX_BYTES // 1024} KiB.")
    except HTTPError as error:
        raise UnusableAnswer(f"The answer of {answer.url} is broken: {type(error).__name__}.") from None
    return b"".join(parts)
