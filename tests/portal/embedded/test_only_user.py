"""A state directory has one `serve` or `demo` at a time, because the first one to end stops the embedded servers."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError

from portal.management.embedded_servers import only_user_of_servers


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SURETY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BROKER_URL", raising=False)
    return tmp_path / "home"


def test_a_second_one_is_refused_until_the_first_one_ends(home: Path) -> None:
    with (
        only_user_of_servers(),
        pytest.raises(CommandError, match=f"already runs with the state directory {home}"),
        only_user_of_servers(),
    ):
        raise AssertionError("both ran")
    with only_user_of_servers():
        assert (home / "running.lock").is_file()


def test_own_servers_may_have_several(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """On several machines, each runs `serve` with the same state directory."""
    monkeypatch.setenv("DATABASE_URL", "postgresql:///unused")
    monkeypatch.setenv("BROKER_URL", "redis://unused")
    with only_user_of_servers(), only_user_of_servers():
        assert not home.exists()
