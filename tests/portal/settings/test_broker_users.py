"""The documented commands create the users of broker and cache. A restart of the server does not remove these users."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from portal.embedded.valkey import Valkey
from portal.settings.env import BASE_DIR

OPERATIONS = BASE_DIR / "docs" / "operations"
PAGE = (OPERATIONS / "servers.md").read_text(encoding="utf-8")
PASSWORDS = {"surety-broker": "PASSWORD", "surety-cache": "ANOTHER"}


def documented_commands() -> list[list[str]]:
    (block,) = [one for one in PAGE.split("```")[1::2] if "ACL SETUSER" in one]
    return [line.split() for line in block.strip().splitlines()]


@contextmanager
def running(configuration: Path, port: int) -> Iterator[redis.Redis]:
    """A server with the configuration file, and a connection as its user `default`."""
    server = subprocess.Popen([Valkey(configuration.parent).binary, configuration], stdout=subprocess.DEVNULL)
    try:
        retry = Retry(ConstantBackoff(0.1), 100)
        errors: list[type[Exception]] = [redis.ConnectionError]
        with redis.Redis(port=port, password="of-default", retry=retry, retry_on_error=errors) as client:
            client.ping()
            yield client
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def configuration(folder: Path, port: int, *more: str) -> Path:
    path = folder / "valkey.conf"
    path.write_text("\n".join([f"port {port}", "bind 127.0.0.1", f"dir {folder}", 'save ""', *more]) + "\n")
    return path


def restarted(path: Path, port: int, commands: list[list[str]]) -> None:
    """Run the commands, and restart the server. Then each user can sign in, and commands without a user are refused."""
    with running(path, port) as client:
        for command in commands:
            client.execute_command(*command)
    with running(path, port):
        for name, password in PASSWORDS.items():
            with redis.Redis(port=port, username=name, password=password) as client:
                assert client.ping()
        with pytest.raises(redis.AuthenticationError), redis.Redis(port=port) as client:
            client.ping()


def test_the_configuration_file_keeps_the_users(tmp_path: Path, port: int) -> None:
    restarted(configuration(tmp_path, port, "requirepass of-default"), port, documented_commands())


def test_an_acl_file_keeps_the_users(tmp_path: Path, port: int) -> None:
    assert "names an `aclfile`, use `ACL SAVE` instead." in PAGE
    users = tmp_path / "users.acl"
    users.write_text("user default on >of-default ~* &* +@all\n")
    commands = [*documented_commands()[:-1], ["ACL", "SAVE"]]
    restarted(configuration(tmp_path, port, f"aclfile {users}"), port, commands)


def test_users_that_are_not_stored_cause_the_documented_error(tmp_path: Path, port: int) -> None:
    path = configuration(tmp_path, port, "requirepass of-default")
    with pytest.raises(redis.AuthenticationError):
        restarted(path, port, documented_commands()[:-1])
    for page in ("servers.md", "troubleshooting.md"):
        text = (OPERATIONS / page).read_text(encoding="utf-8")
        assert f"`cache_unavailable` with `{redis.AuthenticationError.__name__}`" in text
