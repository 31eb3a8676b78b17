"""Send one POST request to a checked URL, without redirects or proxies and with a time limit.

The connection goes to the checked IP address, and TLS is verified against the host name. This module uses a plain
connection of urllib3, because urllib3's pool manager follows redirects and repeats requests, and `requests` reads the
settings of proxies and netrc.

The response's body is never read: it may be endless, and could reveal content of internal services.
`portal.notify.exchange` reads a limited body, for answers of an API.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from assessments.version import VERSION
from portal.notify.addresses import Target, Unresolved, parse, resolve
from tenants.errors import Refusal

CONNECT_SECONDS: Final = 5.0
# The limit for request and response together, so that a receiver that sends slowly does not block a worker.
ANSWER_SECONDS: Final = 15.0
MAX_ADDRESSES: Final = 3
MAX_RETRY_AFTER: Final = 3600


class PostFailed(Refusal, code="post_failed"):
    """The request could not be sent, or there is no usable response. A retry may help. The message is a sentence for
    people.
    """


@dataclass(frozen=True, slots=True)
class Response:
    """The HTTP status, and Retry-After in seconds (at most an hour, 0 without the header)."""

    status: int
    retry_after: int = 0


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Response:
    """Post a body to a URL.

    Raises RefusedAddress if the URL is not permitted, and PostFailed if there is no response.
    """
    with connected(url) as (connection, target):
        return _exchange(connection, target, body, headers)


@contextmanager
def connected(url: str) -> Iterator[tuple[HTTPConnection, Target]]:
    """Check a URL, connect to its host and yield the open connection, which is closed at the end of the block.

    Raises RefusedAddress if the URL is not permitted, and PostFailed if no connection can be opened.
    """
    target = parse(url)
    try:
        addresses = resolve(target)
    except Unresolved as error:
        raise PostFailed(str(error)) from None
    failure = PostFailed(f"{target.host} has no IP address.")
    for address in addresses[:MAX_ADDRESSES]:
        connection = connection_to(target, str(address))
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            connection.close()
            failure = PostFailed(_connection_error(target, error))
            continue
        try:
            yield connection, target
        finally:
            connection.close()
        return
    raise failure


def connection_to(target: Target, address: str) -> HTTPConnection:
    """Return a connection, not yet open, to a checked IP address of the target."""
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=CONNECT_SECONDS)
    return HTTPSConnection(
        address,
        target.port,
        timeout=CONNECT_SECONDS,
        server_hostname=target.host,  # OpenSSL verifies the certificate against this name
        cert_reqs="CERT_REQUIRED",
        ssl_context=_tls(),
    )


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.SURETY_WEBHOOK_CA_FILE:
        context.load_verify_locations(cafile=settings.SURETY_WEBHOOK_CA_FILE)
    return context


def _exchange(
    connection: HTTPConnection, target: Target, body: bytes, headers: Mapping[str, str]
) -> Response:
    sent = {
        "Host": target.host_header,
        "User-Agent": f"Surety/{VERSION}",
        "Accept": "*/*",
        "Connection": "close",
        **headers,
    }
    with answered_in_time(connection, target):
        connection.request("POST", target.path, body=body, headers=sent, preload_content=False)
        response = response_of(connection)
    return Response(response.status, retry_after_seconds(response.getheader("Retry-After", "")))


def response_of(connection: HTTPConnection) -> http.client.HTTPResponse:
    """Return the response, whose body has not been read yet.

    This function uses `getresponse` of http.client instead of urllib3's: if a header cannot be parsed, urllib3's method
    logs the whole URL, which may be a credential.
    """
    return http.client.HTTPConnection.getresponse(connection)


@contextmanager
def answered_in_time(connection: HTTPConnection, target: Target) -> Iterator[None]:
    """Limit the time of the block, which sends a request and reads the response, to ANSWER_SECONDS.

    Raises PostFailed if the time is over, or if the connection ends without a valid response.
    """
    assert connection.sock is not None
    # request() sets this timeout on the socket, which so far has the timeout for connecting.
    connection.timeout = ANSWER_SECONDS
    timeout = PostFailed(f"{target.host} did not answer within {ANSWER_SECONDS:.0f} seconds.")
    with limited(connection.sock, ANSWER_SECONDS) as expired:
        try:
            yield
        except (OSError, HTTPError, http.client.HTTPException) as error:
            if expired.is_set() or isinstance(error, TimeoutError):
                raise timeout from error
            raise PostFailed(
                f"{target.host} closed the connection without a valid response ({type(error).__name__})."
            ) from error
    # `limited` may have closed the connection while headers were read. http.client then reports no error and treats the
    # headers as complete.
    if expired.is_set():
        raise timeout


@contextmanager
def limited(sock: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Yield a `threading.Event`. If the block takes longer than `seconds`, close the connection and set this event.

    The socket's own time-out is not sufficient, because it starts again with every received byte.
    """
    expired = threading.Event()
    timer = threading.Timer(seconds, _shut, [sock, expired])
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _shut(sock: socket.socket, expired: threading.Event) -> None:
    expired.set()
    try:
        # This option makes the later close of the socket reset the connection, so that a receiver that is still sending
        # stops too.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # already closed


def _connection_error(target: Target, error: BaseException) -> str:
    """Return why no connection could be opened. If the certificate is invalid, say what is wrong with it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate of {target.host} is not trusted: {cause.verify_message}."
        if isinstance(cause, ssl.SSLError):
            return f"TLS with {target.host} failed: {cause.reason or 'no common protocol or cipher'}."
        cause = cause.__cause__ or cause.__context__
    # urllib3 derives NewConnectionError, which it raises for every error but a time-out, from ConnectTimeoutError.
    if isinstance(error, ConnectTimeoutError | TimeoutError) and not isinstance(error, NewConnectionError):
        return f"No connection to {target.host} could be opened within {CONNECT_SECONDS:.0f} seconds."
    return f"The connection to {target.host} was refused or interrupted, or the host cannot be reached."


def retry_after_seconds(value: str) -> int:
    """Return how many seconds a value of Retry-After asks to wait, at most an hour. The value is a number of seconds or
    a date (RFC 9110, 10.2.3). Return 0 for an invalid value.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):  # OverflowError: a number of more than 64 bits
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = int((moment - datetime.now(UTC)).total_seconds())
    return max(0, min(seconds, MAX_RETRY_AFTER))
