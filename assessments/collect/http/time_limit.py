"""Limit the total time of HTTP requests, which includes connecting, TLS, headers and body.

The timeouts of `requests` begin anew with every byte. So a server that sends a byte now and then could occupy a thread
forever.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError


class TookTooLong(requests.Timeout):
    """The requests were not answered completely within the time limit."""


class _Limit:
    """The connections that are used within one `time_limit`. The connections are shut down when the time is over."""

    def __init__(self) -> None:
        self.expired = threading.Event()
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def watch(self, connected: socket.socket) -> None:
        # Shut the connection down through a second file descriptor, because TLS takes over the first file descriptor.
        second = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._sockets.append(second)
        if self.expired.is_set():
            _shut_down(second)

    def end(self) -> None:
        self.expired.set()
        with self._lock:
            for watched in self._sockets:
                _shut_down(watched)

    def close(self) -> None:
        with self._lock:
            for watched in self._sockets:
                watched.close()
            self._sockets.clear()


_current: Final[ContextVar[_Limit | None]] = ContextVar("surety_time_limit", default=None)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit the total time of the requests in the `with` block. The session that sends the requests must use
    `TimeLimitedAdapter`. Raise TookTooLong if the time is over.

    Looking up a host name and connecting count too, but the limit does not interrupt them: they have time limits of
    their own.
    """
    limit = _Limit()
    timer = threading.Timer(seconds, limit.end)
    timer.daemon = True
    timer.start()
    token = _current.set(limit)
    try:
        yield
    except (OSError, HTTPError, HTTPException) as error:
        if limit.expired.is_set():
            raise TookTooLong(f"no complete answer within {seconds:g} seconds") from error
        raise
    finally:
        timer.cancel()
        _current.reset(token)
        limit.close()
    # An answer that `limit.end` cut off, for example within its headers, may look complete and raise no error. So check
    # the time here too.
    if limit.expired.is_set():
        raise TookTooLong(f"no complete answer within {seconds:g} seconds")


def is_own_machine(url: str) -> bool:
    """Return whether the host of the URL is this machine, or has a link-local address, such as 169.254.169.254 of
    Azure's metadata service.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_link_local


class TimeLimitedAdapter(HTTPAdapter):
    """An adapter of `requests` whose connections `time_limit` can end. Mount it in a session for “http://” and
    “https://”.

    Requests to this machine ignore the proxy that environment variables name. A proxy can reach neither the sandbox nor
    the service of this machine that issues tokens of managed identities, and it must not see these tokens.
    """

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if is_own_machine(request.url or ""):
            kwargs["proxies"] = None
        return super().send(request, *args, **kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _Watched(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        _watch(connected)
        return connected

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:  # an earlier request opened this connection
            _watch(self.sock)
        super().request(*args, **kwargs)


class _WatchedTLS(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


_POOLS: Final = {"http": _Pool, "https": _TLSPool}


def _watch(connected: socket.socket) -> None:
    if (limit := _current.get()) is not None:
        limit.watch(connected)


def _shut_down(watched: socket.socket) -> None:
    try:
        # Because of SO_LINGER 0, closing resets the connection, so a server that is still sending stops immediately.
        watched.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        watched.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already closed
