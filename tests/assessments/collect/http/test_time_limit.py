"""Requests end within their total time, wherever the server slows them down."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import requests

from assessments.collect.http.time_limit import TimeLimitedAdapter, TookTooLong, time_limit

LIMIT = 0.6
# The header of a TLS record of 16 KiB. The server sends the rest of the record one byte at a time.
HANDSHAKE = bytes([0x16, 0x03, 0x03, 0x40, 0x00])
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def dripping(first: bytes, drop: bytes) -> Iterator[int]:
    """Yield a local port that answers with `first` and then sends one byte of `drop` every 0.05 seconds."""
    ended = threading.Event()

    def drip(channel: socket.socket) -> None:
        with channel, suppress(OSError):
            channel.recv(65536)
            channel.sendall(first)
            for position in range(10_000):
                if ended.wait(0.05):
                    return
                channel.sendall(drop[position % len(drop) :][:1])

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=[server.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        ended.set()
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        made.mount("http://", TimeLimitedAdapter())
        made.mount("https://", TimeLimitedAdapter())
        yield made


@pytest.mark.parametrize(
    ("scheme", "first", "drop"),
    [
        ("http", b"", b"HTTP/1.1 200 OK"),
        ("http", b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
        ("http", b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        ("http", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        ("https", HANDSHAKE, b"\x02"),
    ],
    ids=["status line", "headers", "body", "chunks", "TLS handshake"],
)
def test_a_slow_answer_ends(session: requests.Session, scheme: str, first: bytes, drop: bytes) -> None:
    began = time.monotonic()
    with (
        dripping(first, drop) as port,
        pytest.raises(TookTooLong, match=r"within 0\.6 seconds"),
        time_limit(LIMIT),
    ):
        session.get(f"{scheme}://127.0.0.1:{port}/", timeout=5)
    assert LIMIT <= time.monotonic() - began < 3


def test_a_slow_answer_ends_on_a_connection_that_is_used_again(session: requests.Session) -> None:
    """The limit also applies to a connection that an earlier request, with a limit of its own, has opened."""
    asked: list[int] = []

    def serve(server: socket.socket) -> None:
        with server.accept()[0] as channel, suppress(OSError):
            while channel.recv(65536):
                asked.append(1)
                if len(asked) == 1:
                    channel.sendall(OK)
                while len(asked) > 1:
                    channel.sendall(b"H")
                    time.sleep(0.05)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=[server], daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with time_limit(5):
            assert session.get(url, timeout=5).text == "ok"
        with pytest.raises(TookTooLong), time_limit(LIMIT):
            session.get(url, timeout=5)
    assert len(asked) == 2


def test_an_error_within_the_time_stays_what_it_is(session: requests.Session) -> None:
    with pytest.raises(requests.ConnectionError) as raised, time_limit(5):
        session.get("http://127.0.0.1:9/", timeout=5)
    assert not isinstance(raised.value, TookTooLong)
