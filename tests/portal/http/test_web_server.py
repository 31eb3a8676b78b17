"""Attacks on a real gunicorn, over TCP and a Unix socket: large, slow and silent requests, forged addresses, logs."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher

from portal.accounts.models import AccountMail, Session
from portal.body_limits import ANONYMOUS
from tests import factories
from tests.factories.people import PASSWORD
from tests.portal.http.server import Server, serving

pytestmark = pytest.mark.slow(seconds=15)

HUGE = 400 * 2**20
EMAIL = "somebody@web-server.example"
BLOCK = b"x" * 2**16


@pytest.fixture(scope="module")
def server(
    committed: None, django_db_blocker: Any, broker: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    person = factories.person(EMAIL)
    # The server uses the product's settings, which lack the tests' fast password hash.
    person.password = ScryptPasswordHasher().encode(PASSWORD, "salt")
    person.save()
    with serving(tmp_path_factory.mktemp("web"), broker, SURETY_TRUSTED_PROXIES="unix") as running:
        yield running


def status_of(connection: socket.socket) -> int:
    """Return the status of the next answer on the connection."""
    data = b""
    while b"\r\n" not in data:
        received = connection.recv(4096)
        assert received, "closed without an answer"
        data += received
    return int(data.split()[1])


def send_until_answered(connection: socket.socket, chunked: bool, total: int) -> int:
    """Send a body of `total` bytes until the server answers or closes; return the number of bytes sent."""
    sent = 0
    connection.settimeout(5)
    with suppress(OSError):
        while sent < total:
            connection.sendall(b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK) if chunked else BLOCK)
            sent += len(BLOCK)
            connection.setblocking(False)
            try:
                if connection.recv(1, socket.MSG_PEEK):
                    break
            except BlockingIOError:
                pass
            finally:
                connection.settimeout(5)
    return sent


@pytest.mark.parametrize("unix", [False, True], ids=["TCP", "Unix socket"])
@pytest.mark.parametrize(
    "path",
    ["/", "/accounts/login/", "/verify/", "/t/a/exceptions/request/", "/t/a/attestations/b/", "/nowhere/"],
)
def test_400_mb_are_refused_before_they_are_read(server: Server, path: str, unix: bool) -> None:
    with server.connect(unix=unix) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {HUGE}\r\n\r\n"
        connection.sendall(head.encode())
        assert send_until_answered(connection, chunked=False, total=HUGE) < 8 * 2**20
        assert status_of(connection) == 413


@pytest.mark.parametrize(
    ("path", "most"), [("/accounts/login/", 8), ("/t/a/exceptions/request/", 8), ("/verify/", 80)]
)
def test_400_mb_in_chunks_are_refused_at_the_limit_of_the_address(
    server: Server, path: str, most: int
) -> None:
    with server.connect() as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        assert send_until_answered(connection, chunked=True, total=HUGE) < most * 2**20
        assert status_of(connection) == 413


@pytest.mark.parametrize("path", ["/t/a/exceptions/request/", "/t/a/attestations/b/"])
@pytest.mark.parametrize(
    "value", ["", "forged", "x" * 32, "..."], ids=["empty", "word", "like a key", "dots"]
)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_a_forged_session_cookie_permits_no_large_body(
    server: Server, path: str, value: str, chunked: bool
) -> None:
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {60 * 2**20}"
    cookie = f"Cookie: a=b; surety-session={value}; surety-session2=x"
    with server.connect() as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}\r\n{framing}\r\n\r\n".encode()
        )
        assert send_until_answered(connection, chunked=chunked, total=60 * 2**20) < 8 * 2**20
        assert status_of(connection) == 413


def test_forms_of_strangers_are_small_on_every_address(server: Server) -> None:
    """Django parses a form before it knows whether the page needs a session. So Surety refuses large forms of people
    without a session before they are parsed.
    """
    server.cookies.clear()
    paths = (
        "/accounts/login/",
        "/invitations/a/",
        "/unsubscribe/a/",
        "/",
        "/nowhere/",
        "/t/a/findings/bulk/",
    )
    for path in paths:
        for size, statuses in ((ANONYMOUS, {403, 404}), (ANONYMOUS + 1, {413}), (2_400_000, {413})):
            form = b"login=" + b"x" * (size - 6)
            answer = server.request("POST", path, form, Content_Type="application/x-www-form-urlencoded")
            assert answer.status in statuses, (path, size, answer.status)


def test_large_forms_of_a_signed_in_person_do_not_remain_in_memory(server: Server) -> None:
    """Request objects are parts of reference cycles, so only the garbage collector frees them. The collector counts
    objects, not bytes, so it could leave a few large forms in memory for long.
    """
    assert server.sign_in(EMAIL, PASSWORD).status == 302
    # Because of the last character, Python needs four bytes of memory for each character.
    form = b"a=" + b"x" * 2_400_000 + "\U0001f600".encode()

    def send(times: int) -> int:
        for _ in range(times):
            answer = server.request(
                "POST", "/t/a/findings/bulk/", form, Content_Type="application/x-www-form-urlencoded"
            )
            assert answer.status == 403  # 403: the form was parsed and contains no CSRF token.
        return server.memory_kib()

    before = send(2)
    assert send(40) - before < 120 * 1024


def test_a_session_permits_a_large_body_until_it_ends(server: Server) -> None:
    """While the person is signed in, a large body reaches the page, which refuses the request because it has no CSRF
    token.
    """
    assert server.sign_in(EMAIL, PASSWORD).status == 302
    body, path = b"x" * (5 * 2**20), "/t/a/exceptions/request/"
    assert server.request("POST", path, body).status in (403, 404)
    Session.objects.filter(person__email=EMAIL).update(person=None)
    refused = server.request("POST", path, body)
    assert (refused.status, "sign in again" in refused.body) == (413, True)


def test_a_body_in_chunks_reaches_the_page(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(
            b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"5\r\na=b&c\r\n2\r\n=d\r\n0\r\n\r\n"
        )
        assert (
            status_of(connection) == 403
        )  # The answer is about the missing CSRF token, so the form was read.


@pytest.mark.parametrize(
    "request_head",
    [
        b"",
        b"POST /accounts/login/ HTTP/1.1\r\nHost: localh",
        b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\nlogin=",
        b"POST /verify/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n" + BLOCK,
        b"POST /verify/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff",
        b"POST /verify/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + (b"X-Long: " + b"x" * 7000 + b"\r\n") * 5,
        b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
        b"Cookie: surety-csrf=" + b"c" * 32 + b"\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: " + b"0" * 30 + b"20\r\n\r\n",
    ],
    ids=[
        "nothing",
        "half a head",
        "half a form",
        "half a file",
        "chunks",
        "expecting 100",
        "a long head",
        "a length with zeros",
    ],
)
def test_forty_silent_connections_stop_neither_pages_nor_sign_in(server: Server, request_head: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            connection = stack.enter_context(server.connect())
            connection.sendall(request_head)
        time.sleep(0.5)
        begun = time.monotonic()
        assert server.request("GET", "/verify/").status == 200
        assert server.sign_in(EMAIL, PASSWORD).status == 302
        assert server.request("GET", "/").status == 200
        assert time.monotonic() - begun < 5


def test_stalled_uploads_of_strangers_do_not_stop_the_form_of_a_signed_in_person(server: Server) -> None:
    head = b"POST /verify/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 68000000\r\n\r\n-"
    assert server.sign_in(EMAIL, PASSWORD).status == 302
    with ExitStack() as stack:
        for number in range(6):
            connection = stack.enter_context(socket.socket())
            connection.bind((f"127.0.0.{30 + number % 2}", 0))
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(head)
        time.sleep(0.5)
        for _ in range(3):  # The form has no CSRF token, so 403 shows that it was read.
            assert server.request("POST", "/t/a/findings/bulk/", b"x" * 40_000).status == 403
        server.cookies.clear()
        refused = server.request("POST", "/verify/", b"x" * 40_000)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "60")


def test_a_client_that_never_closes_delays_nobody(server: Server) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            connection = stack.enter_context(server.connect())
            connection.sendall(b"GET /verify/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        begun = time.monotonic()
        assert server.request("GET", "/verify/").status == 200
        assert time.monotonic() - begun < 3


def test_clients_that_do_not_read_their_answers_delay_nobody(server: Server) -> None:
    ask = b"GET /static/django_htmx/htmx-2.min.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(ask * 150)  # The answers are larger than the buffers of the connection.
        time.sleep(2)
        begun = time.monotonic()
        assert server.request("GET", "/verify/").status == 200
        assert time.monotonic() - begun < 5


def test_a_client_that_reads_slowly_gets_its_whole_answer(server: Server) -> None:
    ask = b"GET /static/django_htmx/htmx-2.min.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", server.port))
        connection.settimeout(20)
        connection.sendall(ask * 149 + ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        time.sleep(2)
        data = bytearray()
        while received := connection.recv(2**20):
            data += received
        assert data.count(b"HTTP/1.1 200") == 150


def test_a_long_head_is_refused(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + (b"X: " + b"x" * 7000 + b"\r\n") * 5)
        assert status_of(connection) == 431


def test_requests_on_one_connection_and_requests_sent_ahead_are_answered(server: Server) -> None:
    ask = b"GET /nowhere-%d/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(ask % 1 + ask % 2 + (ask % 3)[:20])
        time.sleep(0.5)
        connection.sendall((ask % 3)[20:])
        data = b""
        while data.count(b"HTTP/1.1 404") < 3:
            received = connection.recv(65536)
            assert received, data[-500:]
            data += received


def test_a_file_of_some_megabytes_is_accepted(server: Server) -> None:
    server.cookies.clear()
    page = server.request("GET", "/verify/")
    token = page.body.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    body = (
        f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode() + b"x" * (5 * 2**20) + b"\r\n--b--\r\n"  # fmt: skip
    answer = server.request("POST", "/verify/", body, Content_Type="multipart/form-data; boundary=b")
    assert answer.status == 400  # The answer comes from the page, which says that the file is not a PDF.
    assert "PDF" in answer.body


def test_somebody_signs_in_over_a_unix_socket_with_the_address_of_the_proxys_client(server: Server) -> None:
    assert server.sign_in(EMAIL, PASSWORD, unix=True, X_Forwarded_For="203.0.113.7").status == 302
    assert server.request("GET", "/", unix=True, X_Forwarded_For="203.0.113.7").status == 200
    assert Session.objects.filter(address="203.0.113.7").exists()


def test_somebody_signs_in_over_a_unix_socket_without_a_header(server: Server) -> None:
    assert server.sign_in(EMAIL, PASSWORD, unix=True).status == 302
    assert server.request("GET", "/", unix=True).status == 200


def test_an_address_that_an_unlisted_peer_claims_is_ignored(server: Server) -> None:
    assert server.sign_in(EMAIL, PASSWORD, X_Forwarded_For="198.51.100.99").status == 302
    assert server.request("GET", "/", X_Forwarded_For="198.51.100.99").status == 200
    assert not Session.objects.filter(address="198.51.100.99").exists()
    assert "198.51.100.99" not in server.log.read_text()


def test_the_logs_contain_no_tokens(server: Server) -> None:
    token = "dG9rZW4tdGhhdC1tdXN0LWJl-hidden"
    for path in (
        f"/accounts/password/reset/key/1-{token}/",
        f"/unsubscribe/{token}/",
        f"/unsubscribe/{token}",
        f"/invitations/{token}/",
        f"/emergency/{token}/",
        f"/accounts/confirm-email/{token}/",
        f"/verify/?code={token}",
        f"//accounts/password/reset/key/1-{token}/",
        f"/accounts%2Fpassword%252Freset%2Fkey%2F{token}",
    ):
        server.request("GET", path, Referer=f"http://localhost/unsubscribe/{token}/")
        server.request("POST", path, b"", Referer=f"http://localhost/unsubscribe/{token}/")
    time.sleep(0.5)
    log = server.log.read_text()
    assert token not in log
    assert log.count("[hidden]") >= 16


def test_without_broker_and_mail_server_a_new_password_can_be_asked_for(
    committed: None, django_db_blocker: Any, tmp_path: Path
) -> None:
    """The mail server accepts connections and does not answer, as behind a firewall or if the server hangs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mail = {"SURETY_SMTP_HOST": "127.0.0.1", "SURETY_SMTP_PORT": str(silent.getsockname()[1])}
        with serving(tmp_path, "redis://127.0.0.1:1/0", **mail) as server:
            for email in (EMAIL, "unknown@web-server.example"):
                server.cookies.clear()
                page = server.request("GET", "/accounts/password/reset/")
                token = page.body.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
                form = urlencode({"csrfmiddlewaretoken": token, "email": email}).encode()
                begun = time.monotonic()
                answer = server.request(
                    "POST", "/accounts/password/reset/", form,
                    Content_Type="application/x-www-form-urlencoded",
                )  # fmt: skip
                assert answer.status == 302
                assert time.monotonic() - begun < 15  # The client library of the broker tries for 6 s.
    assert AccountMail.objects.count() == 2
