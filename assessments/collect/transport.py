"""One pooled transport per process and cloud.

Sockets must not be shared across a fork, so a transport belongs to the process that created it; forked workers create a
new transport on first use. `session_owner=False`: closing one client leaves the connection pool open for the other
clients. Measured with azure-core 1.41: 400 requests on 16 threads open 16 connections.
"""

from __future__ import annotations

import os
import tempfile
import threading
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import IO
from urllib.request import Request

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter

from assessments.collect.clouds import Endpoints

POOL_SIZE = 64
CONNECTION_TIMEOUT = 10.0
READ_TIMEOUT = 60.0

_lock = threading.Lock()
_transports: dict[tuple[int, str, float, float], RequestsTransport] = {}
_ca_files: dict[tuple[int, str], IO[str]] = {}


def transport_for(
    endpoints: Endpoints,
    *,
    connection_timeout: float = CONNECTION_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
) -> RequestsTransport:
    """Return the process's transport for this cloud; timeouts are in seconds."""
    key = (os.getpid(), endpoints.ca, connection_timeout, read_timeout)
    with _lock:
        if key not in _transports:
            _transports[key] = _new(endpoints.ca, connection_timeout, read_timeout)
        return _transports[key]


def _new(ca: str, connection_timeout: float, read_timeout: float) -> RequestsTransport:
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_connections=8, pool_maxsize=POOL_SIZE))
    session.cookies.set_policy(_NoCookies())
    # Otherwise the library requests reads .netrc and replaces the bearer token with credentials from this file.
    session.auth = _unchanged
    verify = {"connection_verify": _ca_path(ca)} if ca else {}
    transport = RequestsTransport(
        session=session,
        session_owner=False,
        connection_timeout=connection_timeout,
        read_timeout=read_timeout,
        **verify,
    )
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


def _ca_path(ca: str) -> str:
    """Return `ca` if it is a path; if it is PEM text, the path of a file with it, because requests accepts only paths.

    The caller holds `_lock`.
    """
    if not ca.lstrip().startswith("-----BEGIN"):
        return ca
    key = (os.getpid(), ca)
    if key not in _ca_files:
        # The file exists as long as the process; NamedTemporaryFile makes it readable by this user only.
        file = tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="ascii")  # noqa: SIM115
        file.write(ca)
        file.flush()
        _ca_files[key] = file
    return _ca_files[key].name
