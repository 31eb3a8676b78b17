"""If the demonstration was interrupted while it recorded its history, it says that a part of the history is missing."""

from __future__ import annotations

import os
import threading
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management.base import CommandError
from rich.console import Console

from portal.demo.state import INTERRUPTED, DemoState
from portal.management.commands import demo, demo_history


class Processes:
    """Stands for the child processes that record the history. All of them have ended with `status`."""

    def __init__(self, status: int) -> None:
        self.status = status

    def start(self, *args: Any, **given: Any) -> SimpleNamespace:
        return SimpleNamespace(poll=lambda: self.status)

    def forget_exited(self) -> None:
        pass


def run(folder: Path, status: int = 0) -> str:
    """Record the history with a new instance of the command `demo`, as a later run does. Return its output."""
    command, out = demo.Command(), StringIO()
    command.console, command.folder = Console(file=out, width=130), folder
    command.state = DemoState(folder / "demo.json")
    command._environment = dict  # type: ignore[method-assign]
    processes = Processes(status)
    command._start_recording(processes)
    command._record_history(processes)
    return out.getvalue()


def test_later_runs_say_that_the_recording_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "step", lambda *args: nullcontext())
    with pytest.raises(CommandError, match="exited with status 1"):
        run(tmp_path, status=1)
    for _ in range(2):
        assert "make clean" in run(tmp_path)


def test_a_complete_recording_is_not_mentioned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "step", lambda *args: nullcontext())
    assert run(tmp_path) == ""
    assert run(tmp_path) == ""


def test_the_recording_waits_until_the_demonstration_starts_it(tmp_path: Path) -> None:
    state = DemoState(tmp_path / "demo.json")
    state.update(port=8443)
    start = threading.Timer(0.3, lambda: state.update(history=INTERRUPTED))
    start.start()
    found = demo_history._state_at_start(state.path, os.getppid())
    start.join()
    assert found.values == {"port": 8443, "history": INTERRUPTED}


def test_the_recording_does_not_wait_for_a_demonstration_that_has_ended(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ended before"):
        demo_history._state_at_start(tmp_path / "demo.json", os.getpid())
