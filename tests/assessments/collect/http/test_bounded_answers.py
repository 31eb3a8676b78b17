"""One answer takes bounded memory and time, however it is sent."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from assessments.collect.errors import BadAnswer
from assessments.collect.http import bounded_answers
from assessments.collect.http.bounded_answers import MAX_ANSWER_BYTES, MAX_VALUES, BoundedAdapter, last_size

MIB = 2**20


def chunks(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)


@cache
def packed() -> bytes:
    return gzip.compress(b" " * (64 * MIB))


@cache
def bodies() -> dict[str, tuple[dict[str, str], bytes]]:
    """Return {path: (headers, body)}. Made only on first use, because this takes a second."""
    # 512 MiB of blanks, compressed twice: some hundred bytes.
    bomb = gzip.compress(gzip.compress(b" " * MIB) * 512)
    return {
        "/small": ({}, b'{"value": []}'),
        "/limit": ({}, b" " * MAX_ANSWER_BYTES),
        "/large": ({}, b" " * (MAX_ANSWER_BYTES + 1)),
        "/values": ({}, b"[" + b"{}," * MAX_VALUES + b"{}]"),
        "/many": ({}, b"[" + b"0," * 1000 + b"0]"),
        "/packed": ({"Content-Encoding": "gzip"}, packed()),
        "/twice": ({"Content-Encoding": "gzip, gzip"}, bomb),
        "/chunked": (
            {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"},
            chunks(packed()),
        ),
    }


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers, body = bodies()[self.path]
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *given: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        made.mount("http://", BoundedAdapter())
        yield made


@pytest.mark.slow(seconds=2)
def test_an_answer_within_the_limits_is_read(address: str, session: requests.Session) -> None:
    assert session.get(f"{address}/small").json() == {"value": []}
    assert last_size() >= len(b'{"value": []}')
    assert len(session.get(f"{address}/limit").content) == MAX_ANSWER_BYTES
    assert last_size() == MAX_ANSWER_BYTES
    body = session.get(f"{address}/many", stream=True).content
    assert last_size() > 5 * len(body), "many small values take more memory than their text"


@pytest.mark.parametrize("path", ["/large", "/packed", "/twice", "/chunked"])
def test_a_larger_answer_is_refused_with_bounded_memory(
    path: str, address: str, session: requests.Session
) -> None:
    assert len(bodies()["/twice"][1]) < 100_000
    session.get(f"{address}/small")
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer, match="has more than 32 MiB"):
            session.get(f"{address}{path}")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * MAX_ANSWER_BYTES
    assert last_size() == 0
    assert session.get(f"{address}/small").status_code == 200


def test_millions_of_empty_objects_are_not_parsed(address: str, session: requests.Session) -> None:
    assert len(bodies()["/values"][1]) < MAX_ANSWER_BYTES
    with pytest.raises(BadAnswer, match="has more than 2,000,000 values"):
        session.get(f"{address}/values")


def test_the_limits_are_far_above_what_azure_sends() -> None:
    """An answer of Resource Manager has at most 8 MB, and an answer of Resource Graph at most 16 MiB."""
    assert MAX_ANSWER_BYTES >= 2 * 16 * MIB
    assert bounded_answers.MAX_TOTAL_BYTES >= 8 * MAX_ANSWER_BYTES
