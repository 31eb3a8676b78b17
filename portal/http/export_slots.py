"""Slots for exports that run at the same time in a web server, so that threads remain for pages.

An export of a large customer computes for a minute or longer, and occupies a thread until its last byte is sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from threading import Lock
from typing import Final
from uuid import UUID

MAX_EXPORTS: Final = 4
"""The maximum number of exports that one web server process runs at the same time. The process has twelve threads."""
MAX_EXPORTS_OF_PERSON: Final = 2
_LOST_SECONDS: Final = 1800
"""If a slot is not released within this number of seconds, the slot counts as free. This happens only if a response is
never closed.
"""


class ExportSlots:
    """The exports that run now."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = count()
        self._taken: dict[int, tuple[UUID, float]] = {}

    def take(self, person_id: UUID) -> Callable[[], None] | None:
        """Take a slot, and return the function that releases it. Return None if the person has too many exports, or if
        all slots are taken.
        """
        now = time.monotonic()
        with self._lock:
            self._taken = {
                number: (who, since)
                for number, (who, since) in self._taken.items()
                if now - since < _LOST_SECONDS
            }
            own = sum(who == person_id for who, _ in self._taken.values())
            if own >= MAX_EXPORTS_OF_PERSON or len(self._taken) >= MAX_EXPORTS:
                return None
            number = next(self._numbers)
            self._taken[number] = person_id, now
        return lambda: self._release(number)

    def _release(self, number: int) -> None:
        with self._lock:
            self._taken.pop(number, None)
