"""A gunicorn worker whose threads never wait for a slow client to send a request.

In gunicorn's own worker, threads read requests, so a few silent connections stop the site. This worker's poller
collects the head and a small body before a thread gets the connection. Threads read larger bodies, within the limits of
`portal.http.request_bodies`. `portal.http.client_socket` limits clients that read responses slowly.

The poller also closes connections. Otherwise, gunicorn's main thread would wait for the last bytes of each client.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections import Counter
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

from portal.http.client_networks import client_network
from portal.http.client_socket import ClientSocket
from portal.http.request_bodies import SMALL_BODY_BYTES

REQUEST_SECONDS: Final = 15.0
"""The number of seconds in which the head of a request and a small body must arrive."""
LINGER_SECONDS: Final = 2.0
DRAIN_SECONDS: Final = 0.05
"""The number of seconds for which a thread waits for the rest of a refused body. The default of gunicorn is five
seconds.
"""
MAX_HEAD_BYTES: Final = 32 * 1024
MAX_WAITING_PER_NETWORK: Final = 100
# The expression accepts any number of digits, because gunicorn accepts leading zeros. Its repetitions are possessive:
# otherwise, the time for a malformed length of many zeros would be quadratic, and the whole process would wait.
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*+0*+(\d*+)[ \t]*+\r\n", re.IGNORECASE)
_MAX_DIGITS: Final = 18
# Requests whose body a thread must read. With Transfer-Encoding, the length of the body is not known in advance. With
# Expect, the client sends the body only after a first response (100).
_STREAMED: Final = re.compile(rb"\r\n(transfer-encoding|expect):", re.IGNORECASE)


def is_complete(received: bytes | bytearray) -> bool:
    """Return whether a thread can handle the request now: the head has arrived and, if the body is small, the whole
    body.

    The result only decides when a thread starts: the thread parses the same bytes again with gunicorn's parser.
    """
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(received[: end + 2])
    if _STREAMED.search(head):
        return True
    found = _LENGTH.search(head)
    digits = found[1] if found else b""
    if len(digits) > _MAX_DIGITS:
        return True  # A thread can refuse the request by its length alone, without its body.
    length = int(digits or b"0")
    return length > SMALL_BODY_BYTES or len(received) - end - 4 >= length


def is_too_long(received: bytes | bytearray) -> bool:
    """Return whether the head is already too long to be accepted and still has not ended."""
    return len(received) > MAX_HEAD_BYTES and b"\r\n\r\n" not in received


_TEXT: Final = b"The head of the request is too large.\n"
_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_TEXT), _TEXT)
)


class BufferingWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, changed so that each request is collected before a thread handles it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: Counter[str] = Counter()

    def enqueue_req(self, conn: TConn) -> None:
        """Collect the next request of a new or reused connection. On a reused connection, some bytes of the next
        request may have been read together with the previous request.
        """
        if not conn.initialized:
            conn.sock = ClientSocket.of(conn.sock, _address(conn))
        conn.init()
        conn.received = bytearray(conn.parser.unreader.take_buffered())
        if is_complete(conn.received):
            self._hand_over(conn)
            return
        network = _network(conn)
        if network and self.waiting[network] >= MAX_WAITING_PER_NETWORK:
            self.nr_conns -= 1
            conn.close()
            return
        conn.network = network
        self.waiting[network] += 1
        self._wait(conn, REQUEST_SECONDS, self._collect)

    def _wait(self, conn: TConn, seconds: float, callback: Any) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + seconds
        conn.registered = True
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(callback, conn))

    def _collect(self, conn: TConn, _client: socket.socket) -> None:
        data = _receive(conn.sock)
        if data is None:
            return
        conn.received += data
        if is_too_long(conn.received):
            self._stop_waiting(conn)
            self._refuse(conn)
            return
        if data and not is_complete(conn.received):
            return
        self._stop_waiting(conn)
        if data:
            self._hand_over(conn)
        else:
            self.nr_conns -= 1
            conn.close()

    def _refuse(self, conn: TConn) -> None:
        """Refuse a head that is too long. No thread is used, because a thread would wait for the end of the head."""
        with suppress(OSError):  # The client has closed the connection or does not read.
            conn.sock.send(_TOO_LONG)
        self._close_gently(conn)

    def _hand_over(self, conn: TConn) -> None:
        conn.parser.unreader.unread(bytes(conn.received))
        conn.received = bytearray()
        conn.data_ready = True
        super().enqueue_req(conn)

    def _stop_waiting(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)
        self._forget(conn)

    def _forget(self, conn: TConn) -> None:
        network = getattr(conn, "network", None)
        if network is not None:
            self.waiting[network] -= 1
            if self.waiting[network] <= 0:
                del self.waiting[network]
            conn.network = None

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """Return whether the connection can be reused. If a body was refused, the connection can be reused only after
        the whole body has arrived.
        """
        return keepalive and bool(conn.parser.finish_body(deadline=time.monotonic() + DRAIN_SECONDS))

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Keep the connection open for the next request, or let the poller close it. The poller closes the connection
        as soon as the client has closed its side, or after `LINGER_SECONDS`. So no thread has to wait for the client.
        """
        keep = not fs.cancelled() and fs.exception() is None and fs.result()
        if keep:
            super().finish_request(conn, fs)
            return
        self._close_gently(conn)

    def _close_gently(self, conn: TConn) -> None:
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            self._wait(conn, LINGER_SECONDS, self._discard)
        except (OSError, ValueError):  # The client has already closed the connection.
            self.nr_conns -= 1
            conn.close()

    def _discard(self, conn: TConn, _client: socket.socket) -> None:
        if _receive(conn.sock) == b"":
            self._stop_waiting(conn)
            self.nr_conns -= 1
            conn.close()

    def murder_pending(self) -> None:
        """Close the connections whose deadline has passed. Deadlines differ, so check all connections."""
        now = time.monotonic()
        for conn in [conn for conn in self.pending_conns if conn.timeout <= now]:
            self._stop_waiting(conn)
            self.nr_conns -= 1
            conn.close()


def _address(conn: TConn) -> str:
    """Return the peer's address; empty for a Unix socket."""
    return str(conn.client[0]) if isinstance(conn.client, tuple) else ""


def _network(conn: TConn) -> str:
    """Return the peer's network; empty for a Unix socket."""
    address = _address(conn)
    return client_network(address) if address else ""


def _receive(connection: socket.socket) -> bytes | None:
    """Return the next bytes: empty if the client has closed the connection, None if nothing has arrived yet."""
    try:
        return connection.recv(64 * 1024)
    except BlockingIOError:
        return None
    except OSError:
        return b""
