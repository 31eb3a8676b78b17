"""Time stamps are requested from the configured address only, and answers are limited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from portal.reports.errors import SigningUnavailable
from portal.reports.sign import sign
from portal.reports.time_stamp_requests import MAX_ANSWER_BYTES
from tests.portal.reports.authority import pem
from tests.portal.reports.conftest import Signed, small_pdf


@contextmanager
def answering(status: int, headers: dict[str, str], body: bytes = b"") -> Iterator[str]:
    """Answer every POST on a local port in the same way, and yield the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # the client has read enough
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def authority(signed_files: Signed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an authority whose stamps are accepted."""
    path = tmp_path / "authorities.pem"
    path.write_bytes(pem(signed_files.authority.root))
    monkeypatch.setenv("SURETY_TSA_CERTIFICATES", str(path))
    with signed_files.authority.serving() as url:
        yield url


def test_a_redirect_is_not_followed(
    signed_files: Signed, authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it leads to an authority that would be accepted."""
    monkeypatch.setenv("SURETY_TSA_URL", authority)
    sign(small_pdf(), signed_files.identity, reason="a test")
    for status in (302, 307, 308):
        with answering(status, {"Location": authority}) as url:
            monkeypatch.setenv("SURETY_TSA_URL", url)
            with pytest.raises(SigningUnavailable, match=f"status {status}"):
                sign(small_pdf(), signed_files.identity, reason="a test")


@pytest.mark.usefixtures("authority")
def test_a_large_answer_is_refused(signed_files: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"\x30" * (MAX_ANSWER_BYTES + 1)
    with answering(200, {"Content-Type": "application/timestamp-reply"}, body) as url:
        monkeypatch.setenv("SURETY_TSA_URL", url)
        with pytest.raises(SigningUnavailable, match="too large"):
            sign(small_pdf(), signed_files.identity, reason="a test")


@pytest.mark.usefixtures("authority")
def test_another_type_is_refused(signed_files: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(200, {"Content-Type": "text/html"}, b"<html>") as url:
        monkeypatch.setenv("SURETY_TSA_URL", url)
        with pytest.raises(SigningUnavailable, match="not a time stamp"):
            sign(small_pdf(), signed_files.identity, reason="a test")
