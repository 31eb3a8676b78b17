"""A client that sends a large body must send at the minimum rate all the time."""

from __future__ import annotations

import io
import socket
import threading
import time
from http import HTTPStatus
from typing import Any

import pytest

from portal.http import receive_rate
from portal.http.client_socket import ClientSocket
from portal.http.receive_rate import CREDIT_SECONDS, MIN_BYTES_PER_SECOND, SILENT_SECONDS, ReceiveRate
from portal.http.request_bodies import Refused, _read


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_byte_each_eight_seconds_is_refused_after_the_credit() -> None:
    clock = Clock()
    rate, begun = ReceiveRate(clock), clock.now
    while rate.seconds() >= 8:
        clock.now += 8
        rate.received(1)
    assert clock.now + rate.seconds() - begun == pytest.approx(CREDIT_SECONDS, abs=0.1)


def test_data_that_was_sent_quickly_permits_no_long_wait_later() -> None:
    clock = Clock()
    rate = ReceiveRate(clock)
    rate.received(60 * 2**20)
    for _ in range(2):
        clock.now += SILENT_SECONDS
        rate.received(1)
    assert rate.seconds() < 1


def test_the_minimum_rate_is_enough() -> None:
    clock = Clock()
    rate = ReceiveRate(clock)
    for _ in range(200):
        clock.now += 5
        rate.received(5 * MIN_BYTES_PER_SECOND)
    assert rate.seconds() == SILENT_SECONDS


class Source(io.RawIOBase):
    """The body of a request. Like gunicorn's, it waits in `read` until the whole block has arrived."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def read(self, size: int = -1) -> bytes:
        data = b""
        while len(data) < size and (more := self.connection.recv(size - len(data))):
            data += more
        return data


def test_a_body_that_trickles_is_refused_while_a_block_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive_rate, "CREDIT_SECONDS", 0.4)
    ours, theirs = socket.socketpair()
    connection, stop = ClientSocket.of(ours, "192.0.2.1"), threading.Event()
    connection.settimeout(5)

    def trickle() -> None:
        while not stop.wait(0.05):
            theirs.send(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    environ: dict[str, Any] = {"wsgi.input": Source(connection), "gunicorn.socket": connection}
    begun = time.monotonic()
    try:
        with pytest.raises(Refused) as refused:
            _read(environ, 10**8, 68_000_000)
    finally:
        stop.set()
        thread.join()
        theirs.close()
        connection.close()
    assert refused.value.status == HTTPStatus.REQUEST_TIMEOUT
    assert time.monotonic() - begun < 2
    assert connection.receive_rate is None
