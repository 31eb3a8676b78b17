"""`serve` restarts embedded servers that ended unexpectedly."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management.base import CommandError

from portal.embedded import Valkey
from portal.management.commands import serve

pytestmark = pytest.mark.slow

KILL_AND_WAIT = """
import os, signal, sys, time
from pathlib import Path
from portal.embedded import Valkey
server = Valkey(Path(sys.argv[1]))
killed = server.pid()
os.kill(killed, signal.SIGKILL)
deadline = time.monotonic() + 30
while server.pid() in (None, killed):
    if time.monotonic() > deadline:
        sys.exit(3)
    time.sleep(0.1)
"""


def test_serve_starts_a_killed_server_again(
    make_home: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of the web server, run a program that kills the broker and exits when the broker runs again."""
    home = make_home()
    monkeypatch.setenv("SURETY_HOME", str(home))
    monkeypatch.setenv("DATABASE_URL", "postgresql:///unused")
    monkeypatch.delenv("BROKER_URL", raising=False)
    monkeypatch.setattr(serve, "call_command", lambda *_arguments, **_options: None)
    monkeypatch.setattr(serve, "has_organization", lambda: True)
    started: list[str] = []

    def pause(*arguments: str) -> list[str]:
        started.extend(arguments)
        return [sys.executable, "-c", "import time; time.sleep(60)"]

    monkeypatch.setattr(serve, "manage_command", pause)
    monkeypatch.setattr(serve, "web_server", lambda _bind: [sys.executable, "-c", KILL_AND_WAIT, str(home)])
    command = serve.Command(stdout=(output := io.StringIO()), stderr=(messages := io.StringIO()))
    folder = settings.SURETY_HOME / "mail"
    monkeypatch.setattr(settings, "MAILERS", {"default": {"OPTIONS": {"file_path": folder}}})
    with pytest.raises(CommandError, match="The web server exited with status 0"):
        command.handle(bind="unix:unused", concurrency=1)
    assert (
        "The embedded valkey server ended unexpectedly. Surety has started it again." in messages.getvalue()
    )
    assert f"written to files in {folder}." in output.getvalue()
    assert started == ["worker", "--skip-checks", "--concurrency=1"]
    assert Valkey(home).pid() is None, "serve stops the servers that it started"


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), psycopg.OperationalError("refused")]
)
def test_a_server_that_does_not_start_again_ends_neither_the_site_nor_its_workers(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def failing() -> list[str]:
        tries.append(1)
        raise error

    monkeypatch.setattr(serve, "restart_crashed_servers", failing)
    command = serve.Command(stderr=(messages := io.StringIO()))
    for _ in range(3):
        command._restart_servers()
    assert len(tries) == 1, "it waits before it tries again"
    assert "Surety tries again in 30 seconds." in messages.getvalue()
