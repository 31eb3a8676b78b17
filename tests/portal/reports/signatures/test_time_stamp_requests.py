"""Time stamps are requested only from the configured address. Too large or too slow answers are refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from asn1crypto import core, tsp

from portal.reports.errors import SigningUnavailable
from portal.reports.signatures import time_stamp_requests
from portal.reports.signatures.time_stamp_requests import MAX_ANSWER_BYTES
from portal.reports.signing.sign import sign
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
            # The client may close the connection before it has read the whole body.
            with suppress(ConnectionError):
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


def refusal() -> bytes:
    """Return an answer that refuses the request and contains only a status (RFC 3161, 2.4.2)."""

    class Answer(core.Sequence):  # type: ignore[misc]
        _fields = [("status", tsp.PKIStatusInfo)]

    status = {"status": "rejection", "status_string": ["over quota"], "fail_info": {"bad_alg"}}
    content: bytes = Answer({"status": status}).dump()
    return content


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (refusal(), r"the authority refused the request \(rejection\): over quota, bad_alg"),
        (b"<html>", "the answer is not a time stamp"),
        (b"", "the answer is not a time stamp"),
    ],
)
def test_an_answer_without_a_time_stamp_says_why(
    signed_files: Signed, monkeypatch: pytest.MonkeyPatch, body: bytes, reason: str
) -> None:
    with answering(200, {"Content-Type": "application/timestamp-reply"}, body) as url:
        monkeypatch.setenv("SURETY_TSA_URL", url)
        with pytest.raises(SigningUnavailable, match=reason):
            sign(small_pdf(), signed_files.identity, reason="a test")


@pytest.mark.usefixtures("authority")
@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_slow_answer_is_not_waited_for(
    signed_files: Signed, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Each byte arrives within the time limit for a single read, but the whole answer takes too long."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            self.read_body()
            if part == "body":
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
            with suppress(OSError):
                while True:
                    self.wfile.write(b"0")
                    time.sleep(0.05)

    monkeypatch.setattr(time_stamp_requests, "TOTAL_SECONDS", 1.0)
    began = time.monotonic()
    with local_server(Handler) as url:
        monkeypatch.setenv("SURETY_TSA_URL", url)
        with pytest.raises(SigningUnavailable, match="did not answer within 1 seconds"):
            sign(small_pdf(), signed_files.identity, reason="a test")
    assert time.monotonic() - began < 10


def test_proxies_and_passwords_of_the_environment_are_ignored(
    signed_files: Signed, authority: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Handler(QuietHandler):
        def do_POST(self) -> None:
            asked.append(self.headers.get("Authorization", ""))
            self.send_error(403)

    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("SURETY_TSA_URL", authority)
    with local_server(Handler) as url:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        sign(small_pdf(), signed_files.identity, reason="a test")
        assert asked == []
        monkeypatch.setenv("SURETY_TSA_URL", url)
        with pytest.raises(SigningUnavailable, match="status 403"):
            sign(small_pdf(), signed_files.identity, reason="a test")
        assert asked == [""]
