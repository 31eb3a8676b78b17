"""Only one `serve` or `demo` may use a state directory, because each stops the embedded servers when it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands

from portal.embedded.errors import EmbeddedServerError
from portal.management import embedded_servers
from portal.management.embedded_servers import COMMANDS_THAT_WRITE_SOURCES, only_user_of_servers


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SURETY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BROKER_URL", raising=False)
    return tmp_path / "home"


def test_a_second_one_is_refused_until_the_first_one_ends(home: Path) -> None:
    with (
        only_user_of_servers(),
        pytest.raises(CommandError, match=f"is already running with the state directory {home}"),
        only_user_of_servers(),
    ):
        raise AssertionError("both ran")
    with only_user_of_servers():
        assert (home / "running.lock").is_file()


def test_several_commands_may_use_separate_servers(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """With separate database and broker servers, several machines run `serve` with one shared state directory."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///unused")
    monkeypatch.setenv("BROKER_URL", "redis://unused")
    with only_user_of_servers(), only_user_of_servers():
        assert not home.exists()


class _StuckServer:
    name = "postgresql"

    def __init__(self, home: Path) -> None:
        self.home = home

    def stop(self) -> None:
        raise EmbeddedServerError("PostgreSQL did not stop")


def test_a_failure_is_not_hidden_by_a_server_that_does_not_stop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(embedded_servers, "ensure_servers", lambda: ["postgresql"])
    monkeypatch.setattr(embedded_servers, "Postgres", _StuckServer)
    with pytest.raises(CommandError, match="No space left"), embedded_servers.temporary_servers():
        raise CommandError("No space left on device")
    assert capsys.readouterr().err == "PostgreSQL did not stop\n"
    with pytest.raises(EmbeddedServerError, match="did not stop"), embedded_servers.temporary_servers():
        pass


def test_others_may_read_the_files_that_generators_write() -> None:
    generators = {name for name in get_commands() if name.startswith("generate_")}
    assert generators
    assert generators <= COMMANDS_THAT_WRITE_SOURCES
