"""The web server refuses a request if a proxy could disagree about where it ends (request smuggling)."""

from __future__ import annotations

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser

AMBIGUOUS = {
    "length and transfer encoding": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "a signed length": b"Content-Length: +4\r\n\r\nabcd",
    "an unknown transfer encoding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a blank before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": b"X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
}


def parse(head: bytes) -> tuple[dict[str, str], bytes]:
    request = b"POST /verify/ HTTP/1.1\r\nHost: surety.example.com\r\n" + head
    found = next(RequestParser(Config(), iter([request]), ("127.0.0.1", 1)))
    return dict(found.headers), found.body.read()


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_request_with_an_ambiguous_end_is_refused(name: str) -> None:
    with pytest.raises(ParseException):
        parse(AMBIGUOUS[name])


def test_a_clear_request_is_read_to_its_end() -> None:
    headers, body = parse(b"Content-Length: 4\r\n\r\nabcdGET / HTTP/1.1\r\n")
    assert (headers["CONTENT-LENGTH"], body) == ("4", b"abcd")


def test_a_header_with_an_underscore_is_not_taken_for_the_header_of_the_proxy() -> None:
    """In a WSGI environment, X_Forwarded_Proto and X-Forwarded-Proto would have the same name."""
    headers, _ = parse(b"X_Forwarded_Proto: https\r\nContent-Length: 0\r\n\r\n")
    assert "X_FORWARDED_PROTO" not in headers
