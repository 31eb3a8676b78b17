"""Requests to the identity provider: no redirects, and limits on the size and the total time of each answer."""

from __future__ import annotations

import time
from typing import Any, Final

import requests
from requests import Response
from urllib3.exceptions import HTTPError

# The documents of Entra, with all of its keys, have some 20 KB.
MAX_BYTES: Final = 1024 * 1024
# A sign-in waits for up to three answers. Each wait for the network is limited to WAIT_SECONDS.
TOTAL_SECONDS: Final = 15.0
WAIT_SECONDS: Final = 5.0
_CHUNK: Final = 64 * 1024


class UnusableAnswer(requests.RequestException):
    """The answer is too large or comes too slowly."""


class IssuerSession(requests.Session):
    """A session whose answers are read completely, with limits. Redirects, which could lead to any host, are errors."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = 0
        # A .netrc file would replace the client's secret.
        self.auth = _unchanged

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Response:
        """Send a request and return the answer. Raises RequestException."""
        deadline = time.monotonic() + TOTAL_SECONDS
        kwargs |= {"stream": True, "timeout": WAIT_SECONDS}
        answer = super().request(method, url, *args, **kwargs)
        with answer:
            content = _read(answer, deadline)
        # `Response.content` keeps what it has read in these attributes.
        answer.__dict__ |= {"_content": content, "_content_consumed": True}
        return answer


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read(answer: Response, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        # `read1` returns what has arrived, so the deadline is checked however slowly the bytes come.
        while part := answer.raw.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise UnusableAnswer(f"The answer of {answer.url} is larger than {MAX_BYTES // 1024} KB.")
            if time.monotonic() > deadline:
                raise UnusableAnswer(
                    f"The answer of {answer.url} took longer than {TOTAL_SECONDS:.0f} seconds."
                )
    except HTTPError as error:
        raise UnusableAnswer(f"The answer of {answer.url} is broken: {type(error).__name__}.") from None
    return b"".join(parts)
