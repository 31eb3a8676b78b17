"""A connection on which threads wait only a limited time for a client that sends or reads slowly.

gunicorn would wait without a limit for a client that does not read its response. A dozen such connections would occupy
all threads.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Buffer
from typing import Final

from portal.http.receive_rate import CREDIT_SECONDS, MIN_BYTES_PER_SECOND, ReceiveRate
from portal.http.request_bodies import Readers, Refused

RECEIVE_SECONDS: Final = 5.0
"""The number of seconds for which a thread waits for data of a request. A thread rarely has to wait, because it gets
the request only after the head and a small body have arrived.
"""
PROMPT_SECONDS: Final = 0.25
"""If a client reads no data for this number of seconds, the client counts as slow."""
MAX_SLOW_CLIENTS: Final = 5
MAX_SLOW_CLIENTS_PER_NETWORK: Final = 4

_slow_clients = Readers(MAX_SLOW_CLIENTS, MAX_SLOW_CLIENTS_PER_NETWORK)


class ClientSocket(socket.socket):
    """The socket of a connection, which gunicorn's threads use like any other socket.

    The time for sending a response is limited to `CREDIT_SECONDS`, plus the time that its bytes take at the minimum
    rate. After this time, or if too many clients are slow, the connection is reset. `receive_rate`, while it is set, is
    the minimum rate at which the client must send.
    """

    address: str = ""
    receive_rate: ReceiveRate | None = None
    _sent: int = 0
    _waited: float = 0.0

    @classmethod
    def of(cls, connection: socket.socket, address: str) -> ClientSocket:
        """Return a socket with limits for the given connection. The given socket object cannot be used afterwards."""
        made = cls(fileno=connection.detach())
        made.address = address
        return made

    def setblocking(self, flag: bool) -> None:
        """Make the socket blocking (with a timeout) or non-blocking.

        gunicorn calls this with True when a thread begins to handle a request. So the time limits start again whenever
        `flag` is True.
        """
        if flag:
            self._sent, self._waited = 0, 0.0
        self.settimeout(RECEIVE_SECONDS if flag else 0.0)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Receive data. Raise TimeoutError if the client sends more slowly than `receive_rate`."""
        if self.receive_rate is None:
            return super().recv(bufsize, flags)
        timeout = self.gettimeout()
        # On a busy server, the deadline can pass before this call. The minimum timeout lets the call still return data
        # that has already arrived.
        self.settimeout(max(self.receive_rate.seconds(), 0.001))
        try:
            data = super().recv(bufsize, flags)
        finally:
            self.settimeout(timeout)
        self.receive_rate.received(len(data))
        return data

    def sendall(self, data: Buffer, flags: int = 0) -> None:
        """Send everything. Raise ConnectionResetError if the client reads too slowly."""
        timeout = self.gettimeout()
        if timeout == 0.0:
            super().sendall(data, flags)
            return
        left = memoryview(data).cast("B")
        try:
            while left:
                left = left[self._send_some(left, flags) :]
        finally:
            self.settimeout(timeout)

    def _send_some(self, data: memoryview, flags: int) -> int:
        begun = time.monotonic()
        try:
            count = self._send_within(PROMPT_SECONDS, data, flags)
            if not count:
                with _slow_clients.one(self.address):
                    allowed = CREDIT_SECONDS + self._sent / MIN_BYTES_PER_SECOND
                    count = self._send_within(allowed - self._waited, data, flags)
        except Refused:
            count = 0
        self._waited += time.monotonic() - begun
        self._sent += count
        if not count:
            raise ConnectionResetError(errno.ECONNRESET, "The client reads the response too slowly.")
        return count

    def _send_within(self, seconds: float, data: memoryview, flags: int) -> int:
        """Send data, and return how many bytes were sent; 0 if the client accepts no bytes within `seconds`."""
        self.settimeout(max(seconds, 0.001))
        try:
            return self.send(data, flags)
        except TimeoutError:
            return 0
