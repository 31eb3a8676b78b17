"""`is_complete`: whether enough of a request has arrived for a thread to handle it. These tests need no server."""

from __future__ import annotations

import pytest

from portal.http.gunicorn_worker import is_complete
from tests.processor_time import at_most

HEAD = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("length", "body", "complete"),
    [
        (b"3", b"abc", True),
        (b"3", b"ab", False),
        (b" \t 003 \t", b"abc", True),
        (b"003", b"ab", False),
        (b"000", b"", True),
        (b"", b"", True),
        (b"0" * 7_000 + b"3", b"ab", False),
        # A number of so many digits is too large, so a thread refuses the request without reading its body.
        (b"9" * 7_000, b"", True),
        (b"100000", b"", True),  # The body is large, so a thread receives it.
    ],
)
def test_a_request_is_complete_with_its_body(length: bytes, body: bytes, complete: bool) -> None:
    assert is_complete(HEAD + b"Content-Length:" + length + b"\r\n\r\n" + body) is complete


@pytest.mark.parametrize(
    "value", [b"0" * 60_000, b" " * 60_000, b"0" * 30_000 + b" " * 30_000], ids=["zeros", "spaces", "both"]
)
def test_a_malformed_length_is_read_at_once(value: bytes) -> None:
    """One thread collects all requests. If a regular expression backtracked, nobody would be served meanwhile."""
    with at_most(1):
        assert is_complete(HEAD + b"Content-Length: " + value + b"x\r\n\r\n")
