"""A receiver of posts: an HTTP or HTTPS server, in a thread, that records requests and sends chosen responses."""

from __future__ import annotations

import hashlib
import hmac
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme
from standardwebhooks import Webhook, WebhookVerificationError

TLS_NAME = "hooks.example.test"


@dataclass
class ReceivedPost:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A running receiver.

    `answers` are (status, headers) of the responses in their order; the last one is repeated. Each response waits
    until the event `may_answer` is set; at the start, this event is set. With `trickle`, the receiver sends an endless
    header byte by byte.
    """

    server: ThreadingHTTPServer
    scheme: str = "http"
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=lambda: [(204, {})])
    received: list[ReceivedPost] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    trickle: bool = False

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def url(self, host: str = "127.0.0.1", path: str = "/hook?x=1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def answer(self, status: int, **headers: str) -> None:
        """Answer every request with this status and these headers (`Retry_After="5"`)."""
        self.answers = [(status, {name.replace("_", "-"): value for name, value in headers.items()})]


@contextmanager
def run_receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(server, "https" if tls else "http")
    receiver.may_answer.set()
    server.receiver = receiver  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        receiver.received.append(ReceivedPost(self.path, dict(self.headers.items()), body))
        receiver.arrived.set()
        receiver.may_answer.wait(20)
        if receiver.trickle:
            self._trickle()
            return
        status, headers = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def _trickle(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        stop = threading.Event()
        for _ in range(200):
            try:
                self.wfile.write(b"x")
            except OSError:
                return
            stop.wait(0.05)

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


def server_context(ca: trustme.CA, *names: str) -> ssl.SSLContext:
    """A TLS context with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return context


def is_standard(secret: str | bytes, headers: dict[str, str], body: bytes) -> bool:
    """Return whether the public library of Standard Webhooks accepts a post.

    `secret` is the text that Surety shows, or the key as bytes.
    """
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except WebhookVerificationError:
        return False
    return True


def signature_is_valid(secret: str, headers: dict[str, str], body: bytes, now: float | None = None) -> bool:
    """Return whether the deprecated signature is valid and recent.

    Receivers that were written before 28 November 2026 check this signature.
    """
    signed = headers["Surety-Timestamp"].encode() + b"." + body
    expected = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs((now or time.time()) - int(headers["Surety-Timestamp"])) < 300
    return fresh and hmac.compare_digest(expected, headers["Surety-Signature"])
