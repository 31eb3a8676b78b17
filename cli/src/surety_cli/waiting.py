"""Wait for work on the server. The state of the work is requested again and again, even if the network is interrupted
for a moment.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from surety_cli.exits import NotCompleted, Unreachable

FIRST: Final = 0.5
LONGEST: Final = 5.0
PATIENCE: Final = 120.0
"""The command stops waiting after this many seconds without an answer of the server."""

Work = TypeVar("Work")


def wait(
    read: Callable[[], Work],
    ended: Callable[[Work], bool],
    shown: Callable[[Work], None],
    minutes: float,
    name: str,
) -> Work:
    """Read the state of the work until the work has ended, and return the last state. `shown` is called with each
    state. `name` is the name of the work in messages.

    Raise NotCompleted if the work has not ended after `minutes`, and Unreachable after two minutes without an answer.
    """
    start = answered = time.monotonic()
    pause = FIRST
    while True:
        try:
            work = read()
        except Unreachable:
            if time.monotonic() - answered > PATIENCE:
                raise
        else:
            answered = time.monotonic()
            shown(work)
            if ended(work):
                return work
        left = minutes * 60 - (time.monotonic() - start)
        if left <= 0:
            raise NotCompleted(f"{name} has not ended after {minutes:g} minutes. It continues on the server.")
        time.sleep(min(pause, left))
        pause = min(pause * 1.3, LONGEST)


@contextmanager
def progress(name: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows (done, total) on standard error: as a bar on a terminal, otherwise as lines
    of text.
    """
    if not sys.stderr.isatty():
        lines = _Lines(name, unit)
        yield lines.show
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    task = bar.add_task(name, total=None)
    with bar:
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


class _Lines:
    """Prints a line when the numbers change, but at most one line in ten seconds, so that the log of a pipeline stays
    short.
    """

    def __init__(self, name: str, unit: str) -> None:
        self.name, self.unit = name, unit
        self.last = -10.0
        self.text = ""

    def show(self, done: int, total: int) -> None:
        text = (
            f"{self.name}: {done} of {total} {self.unit}" if total else f"{self.name}: waiting for a worker"
        )
        now = time.monotonic()
        if text != self.text and now - self.last >= 10:
            print(text, file=sys.stderr, flush=True)
            self.text, self.last = text, now
