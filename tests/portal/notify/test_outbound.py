"""Posting over real sockets: pinned address, verified certificate, time limits, no redirects or proxies."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest
import trustme

from portal.notify import outbound
from portal.notify.addresses import RefusedAddress
from portal.notify.outbound import PostFailed, post
from tests.portal.notify.receivers import TLS_NAME, Receiver, run_receiver, server_context

type Resolver = Callable[..., list[str]]


def test_a_post_arrives_with_its_headers(receiver: Receiver) -> None:
    receiver.answer(202)
    answer = post(receiver.url(), b'{"a":1}', {"Content-Type": "application/json", "Surety-Event": "x"})
    assert answer.status == 202
    (got,) = receiver.received
    assert (got.path, got.body) == ("/hook?x=1", b'{"a":1}')
    assert got.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["Content-Length"] == "7"
    assert got.headers["User-Agent"].startswith("Surety/")
    assert "Authorization" not in got.headers


def test_nothing_is_sent_to_addresses_that_are_not_permitted(settings: Any) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = []
    with run_receiver() as receiver:
        for url in (receiver.url(), f"https://127.0.0.1:{receiver.port}/", receiver.url(host="localhost")):
            with pytest.raises(RefusedAddress):
                post(url, b"{}", {})
        assert receiver.received == []


def test_a_name_that_resolves_to_loopback_is_refused_before_connecting(
    settings: Any, resolver: Resolver
) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = []
    resolver("hooks.example.com", "127.0.0.1")
    with pytest.raises(RefusedAddress, match=r"127\.0\.0\.1"):
        post("https://hooks.example.com/", b"{}", {})


def test_tls_is_verified_against_the_name_and_the_connection_is_pinned(
    settings: Any, resolver: Resolver, authority: trustme.CA
) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = [TLS_NAME]
    # A second look-up would return another address, but no second look-up happens.
    asked = resolver(TLS_NAME, "127.0.0.1", "192.0.2.1")
    with run_receiver(server_context(authority, TLS_NAME)) as receiver:
        assert post(receiver.url(TLS_NAME), b"{}", {}).status == 204
        assert receiver.received[0].headers["Host"] == f"{TLS_NAME}:{receiver.port}"
    assert asked == [TLS_NAME]


def test_a_certificate_for_another_name_is_refused(
    settings: Any, resolver: Resolver, authority: trustme.CA
) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = [TLS_NAME]
    resolver(TLS_NAME, "127.0.0.1")
    with (
        run_receiver(server_context(authority, "other.example.test", "127.0.0.1")) as receiver,
        pytest.raises(PostFailed, match=r"certificate of hooks\.example\.test is not trusted"),
    ):
        post(receiver.url(TLS_NAME), b"{}", {})
    assert receiver.received == []


def test_a_certificate_of_an_unknown_authority_is_refused(
    settings: Any, resolver: Resolver, authority: trustme.CA
) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = [TLS_NAME]
    settings.SURETY_WEBHOOK_CA_FILE = ""
    resolver(TLS_NAME, "127.0.0.1")
    with (
        run_receiver(server_context(authority, TLS_NAME)) as receiver,
        pytest.raises(PostFailed, match="is not trusted"),
    ):
        post(receiver.url(TLS_NAME), b"{}", {})
    assert receiver.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_returned_and_not_followed(receiver: Receiver, status: int) -> None:
    with run_receiver() as inside:
        receiver.answer(status, Location=inside.url())
        assert post(receiver.url(), b"{}", {}).status == status
        assert inside.received == []
    assert len(receiver.received) == 1


def test_proxies_from_the_environment_are_ignored(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(path=""))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert post(receiver.url(), b"{}", {}).status == 204
        assert proxy.received == []


def test_a_slow_response_times_out(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "ANSWER_SECONDS", 1.0)
    receiver.trickle = True
    began = time.monotonic()
    with pytest.raises(PostFailed, match="did not answer within 1 seconds"):
        post(receiver.url(), b"{}", {})
    assert time.monotonic() - began < 4


def test_a_silent_receiver_times_out(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "ANSWER_SECONDS", 0.6)
    receiver.may_answer.clear()
    with pytest.raises(PostFailed, match="did not answer"):
        post(receiver.url(), b"{}", {})


def test_a_slow_tls_handshake_times_out(
    settings: Any, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server announces a TLS record and sends it byte by byte."""
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", 1.0)
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = [TLS_NAME]
    resolver(TLS_NAME, "127.0.0.1")
    stop = threading.Event()

    def trickle(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer:
            for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 200:
                if stop.wait(0.1):
                    return
                try:
                    peer.sendall(bytes([byte]))
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=trickle, args=[listener], daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(PostFailed):
            post(f"https://{TLS_NAME}:{listener.getsockname()[1]}/", b"{}", {})
        assert 0.9 < time.monotonic() - began < 4
        stop.set()
        thread.join(5)


@contextmanager
def run_socket_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that passes the first connection to `answer`; yield its address."""

    def serve(listener: socket.socket) -> None:
        peer, _ = listener.accept()
        with peer, suppress(OSError):
            answer(peer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join(10)
        assert not thread.is_alive()


def flood(peer: socket.socket, head: bytes, body: bytes) -> None:
    """Send `body` again and again until the client closes the connection."""
    peer.recv(65536)
    peer.sendall(head)
    while True:
        peer.sendall(body)


def test_an_endless_body_is_not_read(settings: Any) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with run_socket_server(partial(flood, head=head, body=b"10000\r\n" + b"x" * 0x10000 + b"\r\n")) as url:
        began = time.monotonic()
        assert post(url, b"{}", {}).status == 200
        assert time.monotonic() - began < 2


ENDLESS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 4096),
    "status line": (b"HTTP/1.1 200 ", b"x" * 4096),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize(("head", "body"), ENDLESS.values(), ids=ENDLESS.keys())
def test_endless_status_lines_and_headers_time_out(
    settings: Any, monkeypatch: pytest.MonkeyPatch, head: bytes, body: bytes
) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(outbound, "ANSWER_SECONDS", 1.0)
    with run_socket_server(partial(flood, head=head, body=body)) as url:
        began = time.monotonic()
        with pytest.raises(PostFailed):
            post(url, b"{}", {})
        assert time.monotonic() - began < 4


INVALID = {
    "nothing": b"",
    "words": b"220 smtp.example.com ESMTP\r\n",
    "no status": b"HTTP/1.1 fine\r\n\r\n",
    "a status that is none": b"HTTP/1.1 9999 OK\r\n\r\n",
    "zeros": b"\0" * 100,
}


@pytest.mark.parametrize("reply", INVALID.values(), ids=INVALID.keys())
def test_invalid_responses_fail(settings: Any, reply: bytes) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]

    def answer(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(reply)

    with run_socket_server(answer) as url, pytest.raises(PostFailed):
        post(url, b"{}", {})


SLOPPY = {
    "half a head": b"HTTP/1.1 200 OK\r\nX-Ha",
    "a line that is no header": b"HTTP/1.1 200 OK\r\nno header\r\nRetry-After: 7\r\n\r\n",
    "no reason": b"HTTP/1.1 200\r\n\r\n",
    "old": b"HTTP/1.0 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("reply", SLOPPY.values(), ids=SLOPPY.keys())
def test_a_sloppy_response_is_accepted_without_logging_the_address(
    settings: Any, reply: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Anyone who has a Teams or Slack address can post to it, so it must not be logged."""
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]

    def answer(peer: socket.socket) -> None:
        # Read the whole request first: closing a connection with unread data resets it, which can discard the answer.
        request = b""
        while not request.endswith(b"{}") and (piece := peer.recv(65536)):
            request += piece
        peer.sendall(reply)

    with caplog.at_level(logging.DEBUG), run_socket_server(answer) as url:
        assert post(f"{url}services/T000/token-of-the-address", b"{}", {}).status == 200
    assert "token-of-the-address" not in caplog.text


def test_a_response_may_take_longer_than_connecting(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "CONNECT_SECONDS", 0.3)
    receiver.may_answer.clear()
    threading.Timer(1.0, receiver.may_answer.set).start()
    assert post(receiver.url(), b"{}", {}).status == 204


def test_a_receiver_that_does_not_read_times_out(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The body is larger than the socket buffers, so Surety cannot send all of it while the receiver does not read."""
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(outbound, "ANSWER_SECONDS", 1.0)
    done = threading.Event()
    with run_socket_server(lambda peer: done.wait(10) and None) as url:
        began = time.monotonic()
        with pytest.raises(PostFailed, match="did not answer within 1 seconds"):
            post(url, b"x" * 50_000_000, {})
        assert time.monotonic() - began < 4
        done.set()


def test_a_large_body_arrives(receiver: Receiver) -> None:
    body = b"x" * 2_000_000
    assert post(receiver.url(), body, {}).status == 204
    assert receiver.received[0].body == body


def test_a_closed_port_fails(settings: Any) -> None:
    settings.SURETY_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    with run_receiver() as receiver:
        url = receiver.url()
    with pytest.raises(PostFailed, match=r"connection to 127\.0\.0\.1 was refused or interrupted"):
        post(url, b"{}", {})


def test_a_name_that_does_not_resolve_can_be_retried() -> None:
    with pytest.raises(PostFailed, match=r"found no IP address of nowhere\.invalid"):
        post("https://nowhere.invalid/", b"{}", {})


RETRY_AFTER = [
    ("30", 30),
    (" 5 ", 5),
    ("86400", 3600),
    ("9" * 40, 3600),
    ("-5", 0),
    ("1.5", 0),
    ("soon", 0),
    ("", 0),
    ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ("Wed, 21 Oct 2099 07:28:00 GMT", 3600),
    ("Wed, 21 Oct 99999 07:28:00 GMT", 0),
    (f"Wed, 21 Oct {'9' * 20} 07:28:00 GMT", 0),
    (f"Wed, 21 Oct 2099 07:28:00 +{'9' * 20}", 0),
]


@pytest.mark.parametrize(("value", "seconds"), RETRY_AFTER)
def test_retry_after_is_read_and_capped(receiver: Receiver, value: str, seconds: int) -> None:
    receiver.answer(503, Retry_After=value)
    assert post(receiver.url(), b"{}", {}).retry_after == seconds
