"""Surety sends requests only to the configured identity provider, even if the provider redirects elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
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
