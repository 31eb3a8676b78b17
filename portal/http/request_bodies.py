"""Limits of request bodies, applied before Django reads them.

This WSGI application wraps Django's. A body that is larger than its address allows is refused (413), from its
Content-Length or, if the body is sent in chunks, as soon as too much has arrived. Larger bodies are read completely,
within a time limit and only a few at a time, before Django starts: so a stalled upload occupies no database
connection, and uploads cannot occupy all threads.
"""

from __future__ import annotations

import re
import socket
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from threading import Event, Lock, Timer
from typing import IO, Any, Final

from portal.http.client_networks import client_network

type Environ = dict[str, Any]
type Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

MIB: Final = 2**20
SMALL_BODY_BYTES: Final = 32 * 1024
"""Bodies of at most this size are not counted: the worker has collected them before a thread starts."""
MAX_READERS: Final = 6
MAX_READERS_PER_NETWORK: Final = 3
SILENT_SECONDS: Final = 10.0
"""Seconds without new data after which a body is refused."""
FIRST_SECONDS: Final = 20.0
MIN_BYTES_PER_SECOND: Final = 64 * 1024
"""Bytes per second. A body may take `FIRST_SECONDS` plus the time that its limit takes at this rate."""
MEMORY_BYTES: Final = 256 * 1024
_CHUNK: Final = 64 * 1024


class Refused(Exception):
    """The body of a request is refused with this HTTP status. The text is shown to people."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest permitted bodies in bytes: for addresses that match an expression, and for all others.

    `signed_in` are addresses whose limit applies only to signed-in people; for everybody else, the default applies.
    """

    default: int
    public: Mapping[str, int]
    signed_in: Mapping[str, int]

    def of(self, path: str, is_signed_in: Callable[[], bool]) -> int:
        """Return the limit of a path. `is_signed_in` is called only for paths where it makes a difference."""
        if (limit := _match(self.public, path)) is not None:
            return limit
        limit = _match(self.signed_in, path)
        return self.default if limit is None or not is_signed_in() else limit


def _match(table: Mapping[str, int], path: str) -> int | None:
    return next((limit for pattern, limit in table.items() if re.fullmatch(pattern, path)), None)


class Readers:
    """Counts the bodies that are being read, in total and per network of the client."""

    def __init__(self, total: int = MAX_READERS, per_network: int = MAX_READERS_PER_NETWORK) -> None:
        self._total, self._per_network = total, per_network
        self._lock, self._reading = Lock(), Counter[str]()

    @contextmanager
    def one(self, address: str) -> Iterator[None]:
        """Count a reader during the block. Raises `Refused` (503) if there are too many."""
        network = client_network(address)
        with self._lock:
            if self._reading.total() >= self._total or self._reading[network] >= self._per_network:
                raise Refused(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    "Too many files are being uploaded. Try again in a minute.",
                )
            self._reading[network] += 1
        try:
            yield
        finally:
            with self._lock:
                self._reading[network] -= 1
                if not self._reading[network]:
                    del self._reading[network]


class BodyLimits:
    """The WSGI application.

    `client` returns the client's address of a request. `is_signed_in` returns whether the request has the session of a
    person; it is called only for large bodies to addresses where it makes a difference, and may raise `Refused`.
    """

    def __init__(
        self,
        application: Application,
        limits: Limits,
        client: Callable[[Environ], str],
        is_signed_in: Callable[[Environ], bool],
    ) -> None:
        self._application, self._limits, self._client = application, limits, client
        self._is_signed_in = is_signed_in
        self._readers = Readers()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            length = _declared_length(environ)
            if length is not None and length <= SMALL_BODY_BYTES and "HTTP_EXPECT" not in environ:
                return self._application(environ, start_response)
            path = environ.get("PATH_INFO", "")
            limit = self._limits.of(path, lambda: self._is_signed_in(environ))
            if length is not None and length > limit:
                raise too_large(limit, self._limits.of(path, lambda: True))
            with self._readers.one(self._client(environ)):
                body, size = _read(environ, limit, length)
        except Refused as error:
            return _answer(error, environ, start_response)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = body, str(size)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self._application(environ, start_response)


def _declared_length(environ: Environ) -> int | None:
    """Return the length of the body in bytes; None if it is sent in chunks. Raises `Refused`."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    text = environ.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit()):
        raise Refused(HTTPStatus.BAD_REQUEST, "The Content-Length of the request is not a number.")
    return int(text)


def too_large(limit: int, signed_in_limit: int = 0) -> Refused:
    """Return the refusal of a body above a limit in bytes. `signed_in_limit` is the limit for signed-in people."""
    text = f"{limit // MIB} MB" if limit >= MIB else f"{limit // 1024} kB"
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The request is too large. At most {text} may be sent to this address."
        + (" Sign in again before you send files." if signed_in_limit > limit else ""),
    )


def _read(environ: Environ, limit: int, length: int | None) -> tuple[IO[bytes], int]:
    """Return the whole body in a temporary file, and its size. Raises `Refused`."""
    seconds = FIRST_SECONDS + (limit if length is None else length) / MIN_BYTES_PER_SECOND
    body: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed with the request
    try:
        with _time_limit(environ.get("gunicorn.socket"), seconds):
            size = _copy(environ["wsgi.input"], body, limit, length)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body, size


def _copy(source: IO[bytes], body: IO[bytes], limit: int, length: int | None) -> int:
    size = 0
    while length is None or size < length:
        data = source.read(_CHUNK if length is None else min(_CHUNK, length - size))
        if not data:
            break
        size += len(data)
        if size > limit:
            raise too_large(limit)
        body.write(data)
    if length is not None and size < length:
        raise Refused(HTTPStatus.BAD_REQUEST, "The request ended early.")
    return size


@contextmanager
def _time_limit(connection: socket.socket | None, seconds: float) -> Iterator[None]:
    """Limit how long the block waits for the client: for each read, and in total. Raises `Refused` (408)."""
    if connection is None:
        yield
        return
    over = Event()

    def end() -> None:
        over.set()
        with suppress(OSError):  # the client has gone
            connection.shutdown(socket.SHUT_RD)  # This ends a read that waits for the client.

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    before = connection.gettimeout()
    connection.settimeout(SILENT_SECONDS)
    try:
        yield
    except TimeoutError:
        raise _too_slow() from None
    except (OSError, ValueError, Refused) as error:
        if over.is_set() and not (isinstance(error, Refused) and error.status != HTTPStatus.BAD_REQUEST):
            raise _too_slow() from None
        raise
    finally:
        timer.cancel()
        connection.settimeout(before)


def _too_slow() -> Refused:
    return Refused(HTTPStatus.REQUEST_TIMEOUT, "The file arrived too slowly. Try again.")


def _answer(error: Refused, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
    text = f"{error.text}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(text))),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ]
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", "60"))
    start_response(f"{error.status.value} {error.status.phrase}", headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [text]
