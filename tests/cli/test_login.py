"""Signing in: where the token is stored, to which server it is sent, and what is never printed."""

from __future__ import annotations

import json
import socket
import ssl
import stat
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from portal.api.problems import body
from surety_cli.exits import UsageFailure
from surety_cli.settings import Login, file, server_address, store
from tests.cli.conftest import Surety
from tests.local_server import QuietHandler, local_server
from tests.portal.api.conftest import token_for
from tests.portal.web.world import World

TOKEN = "surety_pat_0123456789"


@pytest.mark.slow(seconds=1)
def test_login_stores_the_token_for_the_user_only(
    world: World, live_server: Any, surety: Surety, home: Path
) -> None:
    person = world.people["auditor"]
    token = token_for(person, world.organization, capabilities=["view"])
    done = surety("login", "--server", f"{live_server.url}/", stdin=f"{token}\n")
    assert (done.status, done.err) == (0, "")
    assert person.email in done.out
    stored = home / "surety" / "login.json"
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert stat.S_IMODE(stored.parent.stat().st_mode) == 0o700
    assert [path.name for path in stored.parent.iterdir()] == ["login.json"]
    shown, as_json = surety("whoami"), surety("whoami", "--format", "json")
    assert person.email in shown.out
    assert json.loads(as_json.out)["capabilities"] == ["view"]
    assert token not in done.out + shown.out + as_json.out
    elsewhere = surety("whoami", "--server", "http://127.0.0.1:1")
    assert (elsewhere.status, "No token is known for http://127.0.0.1:1" in elsewhere.err) == (2, True)
    assert surety("logout").status == 0
    assert not stored.exists()
    assert surety("whoami").status == 2


def test_a_refused_token_is_neither_stored_nor_printed(
    world: World, live_server: Any, surety: Surety, home: Path
) -> None:
    done = surety("login", "--server", live_server.url, stdin=f"{TOKEN}\n")
    assert (done.status, done.out) == (3, "")
    assert "unknown, expired or revoked" in done.err
    assert TOKEN not in done.err
    assert not home.exists()


def test_a_file_that_others_can_read_is_not_used(surety: Surety, home: Path) -> None:
    store(Login("https://surety.example.com", TOKEN))
    file().chmod(0o640)
    done = surety("whoami")
    assert (done.status, "Others can read the token" in done.err) == (2, True)
    file().chmod(0o600)
    file().write_text("{}")
    assert "is damaged" in surety("whoami").err
    assert surety("logout").status == 0


def test_a_damaged_token_is_not_printed(surety: Surety, monkeypatch: pytest.MonkeyPatch) -> None:
    """The HTTP library refuses such a token with an error that contains it, so the command checks the token first."""
    for token in (f"{TOKEN}\nx", f"{TOKEN} x", f"{TOKEN}é"):
        monkeypatch.setenv("SURETY_TOKEN", token)
        done = surety("whoami", "--server", "http://127.0.0.1:1")
        assert (done.status, TOKEN in done.err) == (2, False), done.err


def test_a_socks_proxy_is_reported_as_unsupported(surety: Surety, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURETY_TOKEN", TOKEN)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    done = surety("whoami", "--server", "https://surety.example.com")
    assert (done.status, "is a SOCKS proxy, which surety does not support" in done.err) == (2, True), done.err


def test_server_addresses_are_normalized_or_refused() -> None:
    assert server_address(" https://surety.example.com/ ") == "https://surety.example.com"
    assert server_address("http://localhost:8000") == "http://localhost:8000"
    for refused in (
        "surety.example.com",
        "http://surety.example.com",
        "https://a@b.example",
        "https://b.example/?x=1",
        "https://b.example/api/v1",
    ):
        with pytest.raises(UsageFailure):
            server_address(refused)


@pytest.fixture
def encrypted() -> Iterator[Callable[[type[BaseHTTPRequestHandler]], tuple[str, trustme.CA]]]:
    """``encrypted(handler)`` serves https with a certificate of an unknown authority. Returns URL and authority."""
    servers = []

    def serve(handler: type[BaseHTTPRequestHandler]) -> tuple[str, trustme.CA]:
        authority = trustme.CA()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        servers.append(server)
        return f"https://127.0.0.1:{server.server_port}", authority

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_certificates_are_checked(
    encrypted: Callable[..., tuple[str, trustme.CA]],
    surety: Surety,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str | None] = []

    class Refusing(QuietHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            content = json.dumps(body(401, "token_invalid", "The API token is unknown.")).encode()
            self.send_response(401)
            self.send_header("Content-Type", "application/problem+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    url, authority = encrypted(Refusing)
    monkeypatch.setenv("SURETY_TOKEN", TOKEN)
    done = surety("whoami", "--server", url)
    assert (done.status, "--ca-file" in done.err, seen) == (4, True, [])
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    done = surety("whoami", "--server", url, "--ca-file", ca_file)
    assert (done.status, done.err, seen) == (3, "surety: The API token is unknown.\n", [f"Bearer {TOKEN}"])
    for wrong in (tmp_path / "missing.pem", Path(__file__)):
        assert surety("whoami", "--server", url, "--ca-file", wrong).status == 2


def test_a_server_that_does_not_answer(surety: Surety, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("SURETY_TOKEN", TOKEN)
    done = surety("customers", "--server", f"http://127.0.0.1:{port}")
    assert (done.status, done.out) == (4, "")
    assert "cannot be reached" in done.err


def test_answers_that_are_not_of_surety(surety: Surety, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(((200, "text/html", b"<html>"), (302, "text/html", b""), (502, "text/html", b"<html>")))

    class Other(QuietHandler):
        def do_GET(self) -> None:
            status, content_type, content = next(answers)
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            if status == 302:
                self.send_header("Location", "https://login.example.com/")
            self.end_headers()
            self.wfile.write(content)

    monkeypatch.setenv("SURETY_TOKEN", TOKEN)
    with local_server(Other) as url:
        for words in ("update surety-cli", "redirects to https://login.example.com/", "answered 502"):
            done = surety("whoami", "--server", url)
            assert (done.status, words in done.err) == (4, True), done.err
