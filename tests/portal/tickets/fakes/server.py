"""A fake ticket system on 127.0.0.1: a server on a thread that answers as the documented API does.

Subclasses answer requests; this module adds faults that every system can have.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any
    text: str = ""


@dataclass(frozen=True)
class Response:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """Answers the next `times` requests that match `method` and `path` with `response`.

    If `loses` is true, the requests are carried out, but no answers arrive.
    """

    method: str
    path: str
    times: int
    response: Response | None = None
    loses: bool = False


class FakeSystem:
    """The state that all fakes share. `tickets` maps ids to what the API shows of a ticket."""

    kind: ClassVar[str]
    project: ClassVar[str]
    values: ClassVar[Mapping[str, str]]
    secret: ClassVar[str] = "token"
    """The name of the value that is secret."""
    base: ClassVar[str] = ""
    """The path of the base address."""
    create: ClassVar[tuple[str, str]]
    """Method and pattern of the path of the request that opens a ticket."""
    throttled: ClassVar[Response]
    refused_field: ClassVar[Response]
    public: ClassVar[Mapping[str, Any]] = {}
    """Fields of a comment that is visible to the customer."""
    internal: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    """Each mapping contains fields of a comment that is not visible to the customer."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.accepts_credentials = True
        self.address = ""
        self._clock = datetime.now(UTC)
        self.reset()

    def reset(self) -> None:
        """Forget all tickets, requests and faults."""
        self.requests.clear()
        self.faults.clear()
        self.accepts_credentials = True
        self.comment_fields = dict(self.public)

    def answer(self, request: Request) -> Response:
        """Answer a request whose credentials are right."""
        raise NotImplementedError

    def is_authorized(self, request: Request) -> bool:
        """Whether the credentials of a request are right."""
        raise NotImplementedError

    def unauthorized(self) -> Response:
        """The answer to wrong credentials."""
        raise NotImplementedError

    def fail(self, response: Response, *, times: int = 1, method: str = "", path: str = "") -> None:
        """Answer the next matching requests with this response."""
        self.faults.append(Fault(method, path, times, response))

    def lose_answer(self) -> None:
        """Let the next request open a ticket, but close the connection instead of answering it."""
        method, path = self.create
        self.faults.append(Fault(method, path, 1, loses=True))

    def titles(self) -> list[str]:
        """The titles of all tickets."""
        raise NotImplementedError

    def is_open(self, title: str) -> bool:
        """Whether the only ticket whose title contains this text is open."""
        raise NotImplementedError

    def set_by_person(self, *, is_open: bool) -> None:
        """Close or reopen the only ticket as a person does on the page of the system."""
        raise NotImplementedError

    def comment_by_person(self, text: str) -> None:
        """Comment on the only ticket, as a person does. The person's name is mira, if the API states names."""
        raise NotImplementedError

    def comments(self) -> list[str]:
        """The texts of all comments."""
        raise NotImplementedError

    def delete_all(self) -> None:
        """Delete all tickets, as an administrator of the system may."""
        raise NotImplementedError

    def text(self) -> str:
        """The text of the only ticket."""
        raise NotImplementedError

    def _handle(self, request: Request) -> tuple[Response, bool]:
        self.requests.append(request)
        if not self.accepts_credentials or not self.is_authorized(request):
            return self.unauthorized(), False
        for fault in self.faults:
            if fault.times and fault.method in ("", request.method) and re.search(fault.path, request.path):
                fault.times -= 1
                if fault.response is not None:
                    return fault.response, False
                return self.answer(request), fault.loses
        return self.answer(request), False


@contextmanager
def run(make: Callable[[], FakeSystem]) -> Iterator[FakeSystem]:
    """Run a fake system on a free port."""
    fake = make()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.fake = fake  # type: ignore[attr-defined]
    fake.address = f"http://127.0.0.1:{server.server_address[1]}{fake.base}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def _do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query={name: values[-1] for name, values in parse_qs(parts.query).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=json.loads(content) if content.startswith((b"{", b"[")) else None,
            text=content.decode(),
        )
        fake: FakeSystem = self.server.fake  # type: ignore[attr-defined]
        response, loses = fake._handle(request)
        if loses:
            self.close_connection = True
            return
        body = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
        body = b"" if response.body is None else body
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass
