"""Time stamps are requested from the configured address only, and answers are limited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from portal.reports.errors import SigningUnavailable
from portal.reports.sign import sign
from portal.reports.time_stamp_requests import MAX_ANSWER_BYTES
from tests.local_server import QuietHandler, local_server
from tests.portal.reports.authority import pem
from tests.portal.reports.conftest import Signed, small_pdf


@contextmanager
def answering(status: int, headers: dict[str, str], body: bytes = b"") -> Iterator[str]:
    """Answer every POST on a local port in the same way, and yield the URL."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            self.read_body()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # The client has read enough.
                self.wfile.write(body)

    with local_server(Handler) as url:
        yield f"{url}/tsa"


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
    """A redirect is not followed even if it leads to an authority that would be accepted."""
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
