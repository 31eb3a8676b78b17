"""Fixtures that create state directories, each with its own servers, and stop the servers after the test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.embedded import Postgres, ServerFiles, Valkey


class Homes:
    """Creates state directories. At the end, stops their servers and removes the directories."""

    def __init__(self) -> None:
        self._made: list[tuple[Path, Path]] = []

    def make(self, mode: int = 0o711, below: str = "home") -> Path:
        """Return the path of a new state directory. With ``mode`` 0o700, the servers' account cannot reach it."""
        base = Path(tempfile.mkdtemp(prefix="surety-test-"))
        base.chmod(mode)
        self._made.append((base, base / below))
        return base / below

    def remove(self) -> None:
        for base, home in self._made:
            for server in (Postgres(home), Valkey(home)):
                server.stop()
            ServerFiles(home).remove()
            shutil.rmtree(base)


@pytest.fixture
def make_home() -> Iterator[Callable[..., Path]]:
    homes = Homes()
    yield homes.make
    homes.remove()


@pytest.fixture(scope="module")
def running_home() -> Iterator[Path]:
    """A state directory with both servers running, for tests that only read."""
    homes = Homes()
    home = homes.make()
    Postgres(home).ensure()
    Valkey(home).ensure()
    yield home
    homes.remove()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changes the user, which only root may")
