"""One POST to a checked address: pinned to it, no redirect, no proxy, an end to its patience.

The connection goes to the address that was checked while TLS is verified against the name, so that between
check and connection nothing is looked up again. urllib3's bare connection is used, not its pool manager: that
one follows redirects and retries by itself, and `requests` reads proxies and netrc from the environment.

Nothing of the answer's body is read: it may be endless, and what is shown of it would show what is there.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError

from assessments.version import VERSION
from portal.notify.addresses import Target, Unresolved, parse, resolve
from tenants.errors import SuretyError

CONNECT_SECONDS: Final = 5.0
# For everything after that: a receiver that sends a byte now and then does not hold a worker.
ANSWER_SECONDS: Final = 15.0
MAX_ADDRESSES: Final = 3
MAX_RETRY_AFTER: Final = 3600


class PostFailed(SuretyError):
    """No answer, and trying again may help. The message says what happened, for a person."""

    default_code = "post_failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, and the seconds of Retry-After (capped; 0 where there is none)."""

    status: int
    retry_after: int = 0


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post a body. RefusedAddress where that is not allowed, PostFailed where there was no answer."""
    target = parse(url)
    try:
        addresses = resolve(target)
    except Unresolved as error:
        raise PostFailed(str(error)) from None
    failure = PostFailed(f"{target.host} has no address.")
    for address in addresses[:MAX_ADDRESSES]:
        connection = _connection(target, str(address))
        try:
            try:
                connection.connect()
            except (OSError, HTTPError) as error:
                failure = PostFailed(_connection_error(target, error))
                continue
            return _exchange(connection, target, body, headers)
        finally:
            connection.close()
    raise failure


def _connection(target: Target, address: str) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=CONNECT_SECONDS)
    return HTTPSConnection(
        address,
        target.port,
        timeout=CONNECT_SECONDS,
        server_hostname=target.host,  # what OpenSSL verifies the certificate against
        cert_reqs="CERT_REQUIRED",
        ssl_context=_tls(),
    )


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.SURETY_WEBHOOK_CA_FILE:
        context.load_verify_locations(cafile=settings.SURETY_WEBHOOK_CA_FILE)
    return context


def _exchange(connection: HTTPConnection, target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    sent = {
        "Host": target.host_header,
        "User-Agent": f"Surety/{VERSION}",
        "Accept": "*/*",
        "Connection": "close",
        **headers,
    }
    assert connection.sock is not None
    # The request puts it on the socket, where the time for connecting was until now.
    connection.timeout = ANSWER_SECONDS
    # A socket's own timeout begins anew with each byte.
    over = threading.Event()
    timer = threading.Timer(ANSWER_SECONDS, _shut, [connection.sock, over])
    timer.daemon = True
    timer.start()
    late = PostFailed(f"{target.host} did not answer within {ANSWER_SECONDS:.0f} seconds.")
    try:
        connection.request("POST", target.path, body=body, headers=sent, preload_content=False)
        # That of the standard library: urllib3's own writes the whole address, which may be a password, to the
        # log when it cannot read a header.
        response = http.client.HTTPConnection.getresponse(connection)
    except (OSError, HTTPError, http.client.HTTPException) as error:
        if over.is_set() or isinstance(error, TimeoutError):
            raise late from error
        raise PostFailed(f"{target.host} broke off: {type(error).__name__}.") from error
    finally:
        timer.cancel()
    if over.is_set():  # cut off in the middle of its headers, which the library takes for their end
        raise late
    return Answer(response.status, _retry_after(response.getheader("Retry-After", "")))


def _shut(sock: socket.socket, over: threading.Event) -> None:
    over.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed in the meantime


def _connection_error(target: Target, error: BaseException) -> str:
    """Why there was no connection; a certificate's fault is named."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"The certificate of {target.host} is not trusted: {cause.verify_message}."
        if isinstance(cause, ssl.SSLError):
            return f"TLS with {target.host} failed: {cause.reason or 'no common ground'}."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, ConnectTimeoutError | TimeoutError):
        return f"No connection to {target.host} within {CONNECT_SECONDS:.0f} seconds."
    return f"No connection to {target.host}: it was refused or broke off."


def _retry_after(value: str) -> int:
    """Seconds or a date (RFC 9110, 10.2.3), never more than an hour, 0 for what cannot be read."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(int(value[:9]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = int((moment - datetime.now(UTC)).total_seconds())
    return max(0, min(seconds, MAX_RETRY_AFTER))
