"""Homes with servers of their own, stopped after the test whatever happens."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.embedded import Postgres, Valkey


@pytest.fixture
def make_home() -> Iterator[Callable[..., Path]]:
    """Call it for a new home; ``mode`` 0o711 lets ``nobody`` in, 0o700 does not."""
    made: list[Path] = []

    def make(mode: int = 0o711, below: str = "") -> Path:
        base = Path(tempfile.mkdtemp(prefix="surety-test-"))
        base.chmod(mode)
        home = base / below if below else base / "home"
        made.append(home)
        return home

    yield make
    for home in made:
        outside = set()
        for server in (Postgres(home), Valkey(home)):
            server.stop()
            outside |= {server.place.root, server.place.sockets}
        for folder in (*outside, _base(home)):
            shutil.rmtree(folder, ignore_errors=True)


def _base(home: Path) -> Path:
    temporary = Path(tempfile.gettempdir())
    return temporary / home.relative_to(temporary).parts[0]


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changes the user, which only root may")
