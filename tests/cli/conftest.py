"""Fixtures that run the command line against a running server of Surety."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections

# These two imports register the tasks that `worker` runs.
import portal.accounts.tasks
import portal.reports.tasks  # noqa: F401
from surety_cli.main import main
from tenants.models import Person
from tests.assessments.sandboxed_customer import Azure, work
from tests.portal.api.conftest import token_for
from tests.portal.web.world import World


@dataclass(frozen=True)
class Result:
    """What a command has printed, and its exit status."""

    status: int
    out: str
    err: str


type Surety = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's configuration. It has no files yet, and no variable of Surety is set."""
    folder = tmp_path / "configuration"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    for name in (
        "SURETY_SERVER",
        "SURETY_TOKEN",
        "SURETY_CLIENT_ID",
        "SURETY_CLIENT_SECRET",
        "SURETY_CA_FILE",
    ):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def surety(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Surety:
    """``surety("findings", "contoso", stdin="")`` runs a command in this process."""

    def run(*words: object, stdin: str = "") -> Result:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:  # argparse raises this for wrong arguments.
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return Result(status, printed.out, printed.err)

    return run


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@pytest.fixture
def signed_in(
    world: World, live_server: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """``signed_in(role, capabilities=[...])`` sets server and token in the environment, and returns the token."""

    def made(role: str | Person = "organization_engineer", **limits: Any) -> str:
        person = world.people[role] if isinstance(role, str) else role
        token = token_for(person, world.organization, **limits)
        monkeypatch.setenv("SURETY_SERVER", live_server.url)
        monkeypatch.setenv("SURETY_TOKEN", token)
        return token

    return made


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    """A sandbox for this test. It serves nothing until the test calls `serve`."""
    made = Azure(tmp_path)
    yield made
    made.close()


@contextmanager
def worker() -> Iterator[None]:
    """During the block, run the tasks that the server sends. They run in a thread of this process."""
    stop = Event()

    def run() -> None:
        try:
            while not stop.is_set():
                if not work():
                    stop.wait(0.05)
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
