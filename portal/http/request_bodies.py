"""Limit the bodies of requests before Django reads them.

This WSGI application wraps Django's. If a body is larger than the limit of its URL, the application refuses the request
with 413, as soon as the Content-Length or the received chunks show the size. Large bodies are read before Django
gets the request, at a minimum rate and only a few at a time. So uploads occupy neither database connections nor all
threads. At most half of the bodies that are read at the same time belong to clients without a session.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from html import escape
from http import HTTPStatus
from threading import Lock
from typing import IO, Any, Final, Protocol

from portal.http.client_networks import client_network
from portal.http.receive_rate import ReceiveRate

type Environ = dict[str, Any]
type Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

API: Final = "/api/"
OAUTH: Final = "/oauth/"
MIB: Final = 2**20
SMALL_BODY_BYTES: Final = 32 * 1024
"""Bodies of at most this number of bytes occupy none of the `Places` for reading, because the worker receives them
completely before a thread starts.
"""
MAX_READERS: Final = 6
MAX_SIGNED_IN_READERS_PER_NETWORK: Final = 3
MAX_ANONYMOUS_READERS: Final = MAX_READERS // 2
"""The maximum number of bodies of clients without a session that are read at the same time. The other places are
reserved for signed-in people.
"""
MAX_ANONYMOUS_READERS_PER_NETWORK: Final = 2
MEMORY_BYTES: Final = 256 * 1024
BODY_BYTES: Final = "surety.body_bytes"
"""The key in a WSGI environment whose value is the number of bytes of a large body."""
_CHUNK: Final = 64 * 1024


class Refused(Exception):
    """The body of a request is refused with this HTTP status. The text is shown to people."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(frozen=True, slots=True)
class Limits:
    """The maximum sizes of bodies in bytes. The keys of `public` and `signed_in` are expressions that match URL paths.

    The limits in `public` apply to everybody. On all other paths, `anonymous` is the limit of clients without a
    session. For signed-in people, the limit is in `signed_in`. If no expression in `signed_in` matches, the limit is
    `default`.
    """

    anonymous: int
    default: int
    public: Mapping[str, int]
    signed_in: Mapping[str, int]

    def of(self, path: str, is_signed_in: Callable[[], bool]) -> int:
        """Return the limit of a path. `is_signed_in` is called only if the limit depends on its result."""
        if (limit := _match(self.public, path)) is not None:
            return limit
        if not is_signed_in():
            return self.anonymous
        limit = _match(self.signed_in, path)
        return self.default if limit is None else limit


def _match(table: Mapping[str, int], path: str) -> int | None:
    return next((limit for pattern, limit in table.items() if re.fullmatch(pattern, path)), None)


class Readers:
    """Counts the bodies that are being read, in total and per network of the client.

    `portal.http.client_socket` uses this class too, to count the clients that read their responses slowly.
    """

    def __init__(self, total: int, per_network: int) -> None:
        self._total, self._per_network = total, per_network
        self._lock, self._reading = Lock(), Counter[str]()

    @contextmanager
    def one(self, address: str) -> Iterator[None]:
        """While the block runs, count one more body as being read. Raises `Refused` (503) if there are too many."""
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


class Places:
    """The places for bodies that are read at the same time, limited in total and for each network.

    Clients with and without a session are counted separately, so clients without a session cannot use up the places of
    signed-in people.
    """

    def __init__(self) -> None:
        self._all = Readers(MAX_READERS, MAX_READERS)
        self._signed_in = Readers(MAX_READERS, MAX_SIGNED_IN_READERS_PER_NETWORK)
        self._anonymous = Readers(MAX_ANONYMOUS_READERS, MAX_ANONYMOUS_READERS_PER_NETWORK)

    @contextmanager
    def one(self, address: str, *, signed_in: bool) -> Iterator[None]:
        """Occupy one of the limited places for reading a body, until the block ends. Raises `Refused` (503)
        if no place is free.
        """
        own = self._signed_in if signed_in else self._anonymous
        with ExitStack() as stack:
            stack.enter_context(own.one(address))
            stack.enter_context(self._all.one(address))
            yield


class BodyLimits:
    """The WSGI application that applies the limits and then calls Django's.

    `client` returns the IP address of the client that sent a request. `is_signed_in` returns whether the session
    belongs to a person. `is_signed_in` is called at most once, only for large bodies, and may raise `Refused`.
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
        self._places = Places()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            length = _declared_length(environ)
            if length is not None and length <= SMALL_BODY_BYTES and "HTTP_EXPECT" not in environ:
                return self._application(environ, start_response)
            path = environ.get("PATH_INFO", "")
            is_signed_in = cache(lambda: self._is_signed_in(environ))
            limit = self._limits.of(path, is_signed_in)
            if length is not None and length > limit:
                raise too_large(limit, self._limits.of(path, lambda: True))
            with self._places.one(self._client(environ), signed_in=is_signed_in()):
                body, size = _read(environ, limit, length)
        except Refused as error:
            return refuse(error, environ, start_response)
        environ["wsgi.input"], environ["CONTENT_LENGTH"], environ[BODY_BYTES] = body, str(size), size
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return self._application(environ, start_response)


def _declared_length(environ: Environ) -> int | None:
    """Return the length of the body in bytes, or None if the body is sent in chunks.

    Raise Refused if the Content-Length is not a number.
    """
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    text = environ.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit()):
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "The Content-Length of the request is not a number. Send the length of the body in bytes.",
        )
    return int(text)


def too_large(limit: int, signed_in_limit: int = 0) -> Refused:
    """Return the error for a body that is larger than `limit` bytes. `signed_in_limit` is the limit for signed-in
    people.
    """
    text = f"{limit // MIB} MB" if limit >= MIB else f"{limit // 1024} kB"
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The request is too large. A request to this address may have at most {text}."
        + (
            " Signed-in people may send larger requests: sign in again, then repeat the request."
            if signed_in_limit > limit
            else ""
        ),
    )


def _read(environ: Environ, limit: int, length: int | None) -> tuple[IO[bytes], int]:
    """Return the whole body in a temporary file, and its size.

    Raise Refused if the body is larger than `limit`, is incomplete, or arrives too slowly.
    """
    body: IO[bytes] = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed with the request
    try:
        with _minimum_rate(environ.get("gunicorn.socket")):
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
        raise Refused(
            HTTPStatus.BAD_REQUEST, "The request ended before its body was complete. Send the request again."
        )
    return size


class _Connection(Protocol):
    """A connection on which `recv` raises TimeoutError if data arrives more slowly than `receive_rate` permits
    (`portal.http.client_socket`).
    """

    receive_rate: ReceiveRate | None


@contextmanager
def _minimum_rate(connection: _Connection | None) -> Iterator[None]:
    """Require the minimum rate from the client during the block. Raise Refused (408) if the client is slower."""
    if connection is None:
        yield
        return
    connection.receive_rate = ReceiveRate()
    try:
        yield
    except TimeoutError:
        raise _too_slow() from None
    finally:
        connection.receive_rate = None


def _too_slow() -> Refused:
    return Refused(HTTPStatus.REQUEST_TIMEOUT, "The file arrived too slowly. Try again.")


def refuse(error: Refused, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
    """Respond to a request whose body was refused.

    The response is a page for browsers, problem details for the API (RFC 9457), an error of OAuth for the authorization
    server (RFC 6749, section 5.2), and plain text otherwise.
    """
    text, media_type = f"{error.text}\n".encode(), "text/plain; charset=utf-8"
    path = environ.get("PATH_INFO", "")
    if path.startswith(API):
        text, media_type = _problem(error), "application/problem+json"
    elif path.startswith(OAUTH):
        refused = {"error": "invalid_request", "error_description": error.text}
        text, media_type = json.dumps(refused).encode(), "application/json"
    elif "text/html" in environ.get("HTTP_ACCEPT", ""):
        text, media_type = _page(error), "text/html; charset=utf-8"
    headers = [
        ("Content-Type", media_type),
        ("Content-Length", str(len(text))),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Cache-Control", "no-store"),
    ]
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", "60"))
    start_response(f"{error.status.value} {error.status.phrase}", headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [text]


def _page(error: Refused) -> bytes:
    """Return a page for a browser. The page has no style sheet and no link, because it is made without Django."""
    title = "Not sent" if error.status == HTTPStatus.SERVICE_UNAVAILABLE else "Not accepted"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · Surety</title><h1>{title}</h1><p>{escape(error.text)}</p>"
        "<p>Nothing was changed. Go back to the page with the form: most browsers keep what you entered.</p></html>"
    ).encode()


def _problem(error: Refused) -> bytes:
    """Return the problem details of a refusal, in the form in which `portal.api.problems` returns them for
    errors of the API.
    """
    code = error.status.phrase.lower().replace(" ", "_")
    content = {
        "type": f"urn:surety:problem:{code}",
        "title": error.status.phrase,
        "status": error.status.value,
        "detail": error.text,
        "code": code,
    }
    return json.dumps(content, ensure_ascii=False).encode()
