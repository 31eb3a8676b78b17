"""Transports with connection pools. Each combination of process, certificate authority and timeouts has one transport,
so clouds that need no certificate authority of their own share a transport.

Sockets must not be shared across a fork, so forked workers create a new transport on first use. If a process has more
than `MAX_TRANSPORTS` transports, it closes the idle connections of the least recently used transport.

Because of `session_owner=False`, closing one client leaves the pool open for other clients. Measured with azure-core
1.41: 400 requests on 16 threads open 16 connections.
"""

from __future__ import annotations

import os
import tempfile
import threading
import weakref
from collections import OrderedDict
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import IO
from urllib.request import Request

import requests
from azure.core.pipeline.transport import RequestsTransport

from assessments.collect.http.bounded_answers import ANSWER_SECONDS, READ_TIMEOUTS, BoundedAdapter
from assessments.collect.http.clouds import Endpoints
from assessments.collect.http.time_limit import TimeLimitedAdapter

POOL_SIZE = 64
# A custom cloud needs a new transport whenever its certificate authority changes. If there were no limit, a process
# would keep all old transports.
MAX_TRANSPORTS = 8
CONNECTION_TIMEOUT = 10.0
READ_TIMEOUT = 60.0

_lock = threading.Lock()
# The transports, least recently used first.
_transports: OrderedDict[tuple[int, str, float, float], RequestsTransport] = OrderedDict()


def transport_for(
    endpoints: Endpoints,
    *,
    connection_timeout: float = CONNECTION_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
) -> RequestsTransport:
    """Return the process's transport for the certificate authority of this cloud; timeouts are in seconds."""
    key = (os.getpid(), endpoints.ca, connection_timeout, read_timeout)
    with _lock:
        if key not in _transports:
            _transports[key] = _new(endpoints.ca, connection_timeout, read_timeout)
            # Transports of the parent process stay open: closing one would remove the certificate file that the parent
            # still uses.
            own = [one for one in _transports if one[0] == key[0]]
            for unused in own[:-MAX_TRANSPORTS]:
                # Cached sessions may still use this transport. If the sessions send further requests, the transport
                # opens new connections.
                _transports.pop(unused).session.close()
        _transports.move_to_end(key)
        return _transports[key]


def host_transport() -> RequestsTransport:
    """Return a new transport for the service on this host that issues tokens of the host's managed identity."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, TimeLimitedAdapter())
    return RequestsTransport(session=session)


def _new(ca: str, connection_timeout: float, read_timeout: float) -> RequestsTransport:
    session = requests.Session()
    seconds = min(ANSWER_SECONDS, READ_TIMEOUTS * read_timeout)
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter(seconds=seconds, pool_connections=8, pool_maxsize=POOL_SIZE))
    session.cookies.set_policy(_NoCookies())
    # By default, `requests` reads .netrc and replaces the bearer token with credentials from this file.
    session.auth = _unchanged
    path, file = _ca_path(ca)
    verify = {"connection_verify": path} if path else {}
    transport = RequestsTransport(
        session=session,
        session_owner=False,
        connection_timeout=connection_timeout,
        read_timeout=read_timeout,
        **verify,
    )
    if file is not None:
        weakref.finalize(transport, file.close)
    transport.open()
    return transport


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _NoCookies(DefaultCookiePolicy):
    """Rejects cookies: Azure needs none, and cookies of one directory must not be sent to another."""

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        return False

    def return_ok(self, cookie: Cookie, request: Request) -> bool:
        return False


def _ca_path(ca: str) -> tuple[str, IO[str] | None]:
    """Return (path, temporary file) of the certificate authorities. If `ca` is a path, the file is None. If `ca` is PEM
    text, write the text to a temporary file, because `requests` accepts only paths. Closing the file removes it.
    """
    if not ca.lstrip().startswith("-----BEGIN"):
        return ca, None
    # NamedTemporaryFile makes the file readable by this user only.
    file = tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="utf-8")  # noqa: SIM115
    file.write(ca)
    file.flush()
    return file.name, file
