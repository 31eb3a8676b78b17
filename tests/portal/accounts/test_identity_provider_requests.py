"""Surety sends requests only to the configured identity provider, even if the provider redirects elsewhere."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from threading import Thread

import pytest
import requests
from allauth.socialaccount.adapter import get_adapter


@pytest.fixture
def redirecting() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that redirects every request to itself, and the requested paths."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_redirects_are_not_followed(redirecting: tuple[str, list[str]], method: str) -> None:
    address, asked = redirecting
    with get_adapter().get_requests_session() as session, pytest.raises(requests.TooManyRedirects):
        session.request(method, f"{address}/.well-known/openid-configuration")
    assert asked == ["/.well-known/openid-configuration"]


BOMB = gzip.compress(bytes(8 * 2**20))


class Answering(BaseHTTPRequestHandler):
    """Give answers that are too large (`/huge`, or compressed `/bomb`) or too slow (`/slow`, `/slow-headers`)."""

    def do_GET(self) -> None:
        if self.path == "/slow-headers":
            with suppress(OSError):
                while True:
                    self.wfile.write(b"H")
                    time.sleep(0.05)
            return
        self.send_response(200)
        if self.path == "/bomb":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with suppress(OSError):
            if self.path == "/bomb":
                self.wfile.write(BOMB)
            while self.path == "/huge":
                self.wfile.write(b" " * 65536)
            while self.path == "/slow":
                self.wfile.write(b" ")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("huge", "larger than 1024 KiB"),
        ("bomb", "larger than 1024 KiB"),
        ("slow", "took longer than 1 seconds"),
        ("slow-headers", "took longer than 1 seconds"),
    ],
)
def test_endless_answers_end(path: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can start a single sign-on, so large or slow answers of the provider must not occupy the web server."""
    if path.startswith("slow"):
        monkeypatch.setattr("portal.accounts.sso.issuer_session.TOTAL_SECONDS", 1.0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with (
            get_adapter().get_requests_session() as session,
            pytest.raises(requests.RequestException, match=reason),
        ):
            session.get(f"http://127.0.0.1:{server.server_port}/{path}")
    finally:
        server.shutdown()
        server.server_close()
