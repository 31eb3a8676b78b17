"""A port that another program uses is reported before anything is started, and printed addresses can be opened."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from portal.management.addresses import remark_about_proxy, require_free_address, site


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_taken_port_is_reported_at_once(taken: int, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def started() -> None:
        raise AssertionError("the servers were started before the port was checked")

    monkeypatch.setattr(f"portal.management.commands.{command}.temporary_servers", started)
    with pytest.raises(CommandError) as caught:
        call_command(command, bind=f"127.0.0.1:{taken}")
    assert f"Another program uses port {taken} of 127.0.0.1" in str(caught.value)
    assert f"--bind 127.0.0.1:{taken + 1}" in str(caught.value)
    # `make` passes no options on, so the message also names the environment variable.
    assert f"SURETY_URL=http://127.0.0.1:{taken + 1} before make" in str(caught.value)


@pytest.mark.parametrize("bind", ["127.0.0.1:0", ":0", "[::1]:0", "unix:/tmp/surety.sock", "localhost"])
def test_free_addresses_are_accepted(bind: str) -> None:
    require_free_address(bind)


def test_foreign_address_is_refused_with_its_reason() -> None:
    with pytest.raises(CommandError, match="Choose another address with --bind"):
        require_free_address("192.0.2.1:8000")


def test_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CommandError, match="80000 is not a valid port"):
        require_free_address("127.0.0.1:80000")


# Surety answers 400 to requests for hosts that are not allowed, so the printed address must have an allowed host.
@pytest.mark.parametrize(
    ("url", "bind", "opened"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("http://localhost:8000", "[::1]:8000", "http://[::1]:8000"),
        ("http://127.0.0.1:8000", "0.0.0.0:8001", "http://127.0.0.1:8001"),
        ("http://[::1]:8000", ":8001", "http://[::1]:8001"),
        ("http://surety-vm:8000", "127.0.0.1:8000", "http://surety-vm:8000"),
        ("https://127.0.0.1:8000", "127.0.0.1:8000", "https://127.0.0.1:8000"),
        ("http://127.0.0.1:8000", "unix:/run/web.sock", "http://127.0.0.1:8000"),
    ],
)
def test_the_printed_address_has_a_host_that_the_portal_answers(
    url: str, bind: str, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SURETY_URL", url)
    assert site(bind) == opened


@pytest.mark.parametrize(
    ("url", "bind", "needs_proxy"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("http://surety-vm:8000", "0.0.0.0:8000", False),
        ("http://surety-vm:8000", "127.0.0.1:8000", True),
        ("https://surety.example.com", "127.0.0.1:8000", True),
        ("https://surety.example.com", "unix:/run/web.sock", False),
    ],
)
def test_the_terminal_says_when_people_need_a_proxy(
    url: str, bind: str, needs_proxy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SURETY_URL", url)
    assert (f"open {url}, set up a reverse proxy" in remark_about_proxy(bind)) is needs_proxy
