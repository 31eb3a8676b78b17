"""Turns of people in a web server, so that one person who sends many requests at once does not occupy all threads.

A browser sends about six requests at once, and each takes a fraction of a second. A program that repeats a slow page
twenty times at once occupied all twelve threads, and others waited ten seconds for any page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Final
from uuid import UUID

MAX_RUNNING: Final = 5
"""The maximum number of requests of one person that a web server, which has twelve threads, computes at the same
time."""
MAX_WAITING: Final = 3
"""The maximum number of requests of one person that wait until one of the running ones has ended. Each occupies a
thread, but no processor."""
WAIT_SECONDS: Final = 5.0


class PersonTurns:
    """The requests that are computed now, and those that wait."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._running: Counter[UUID] = Counter()
        self._waiting: Counter[UUID] = Counter()

    @contextmanager
    def turn(self, person_id: UUID) -> Iterator[bool]:
        """Wait for a turn of the person, which ends with the block. Yield False, without a turn, if too many requests
        of the person wait already, or if none of the running requests ends within `WAIT_SECONDS`.
        """
        with self._changed:
            taken = self._wait(person_id)
            if taken:
                self._running[person_id] += 1
        try:
            yield taken
        finally:
            if taken:
                with self._changed:
                    _reduce(self._running, person_id)
                    self._changed.notify_all()

    def _wait(self, person_id: UUID) -> bool:
        if self._running[person_id] < MAX_RUNNING:
            return True
        if self._waiting[person_id] >= MAX_WAITING:
            return False
        self._waiting[person_id] += 1
        try:
            return self._changed.wait_for(lambda: self._running[person_id] < MAX_RUNNING, WAIT_SECONDS)
        finally:
            _reduce(self._waiting, person_id)


def _reduce(numbers: Counter[UUID], person_id: UUID) -> None:
    numbers[person_id] -= 1
    if not numbers[person_id]:
        del numbers[person_id]
