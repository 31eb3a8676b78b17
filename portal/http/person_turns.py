"""Turns of clients in a web server, so that one client who sends many requests at once does not occupy all threads.

A client is a person. For the forms of people who are not signed in, a client is a network: these forms need turns,
because checking a password takes a quarter of a second of processor time.

A browser sends about six requests at once, and each request takes a fraction of a second. Without turns, a program that
requests a slow page twenty times at once would occupy all twelve threads, and other people would wait ten seconds for
any page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Final

MAX_RUNNING: Final = 5
"""The maximum number of requests of one client that a web server process computes at the same time. The process has
twelve threads.
"""
MAX_WAITING: Final = 3
"""The maximum number of requests of one client that wait for a running request of the same client to end. Each waiting
request occupies a thread, but no processor.
"""
WAIT_SECONDS: Final = 5.0


class Turns:
    """Counts the running and the waiting requests of each client."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._running: Counter[Hashable] = Counter()
        self._waiting: Counter[Hashable] = Counter()

    @contextmanager
    def turn(self, client: Hashable) -> Iterator[bool]:
        """Wait for a turn of the client, and yield True. The turn ends with the block. Yield False, without a turn, if
        too many requests of the client wait already, or if none of the running requests ends within `WAIT_SECONDS`.
        """
        with self._changed:
            taken = self._wait(client)
            if taken:
                self._running[client] += 1
        try:
            yield taken
        finally:
            if taken:
                with self._changed:
                    _reduce(self._running, client)
                    self._changed.notify_all()

    def _wait(self, client: Hashable) -> bool:
        if self._running[client] < MAX_RUNNING:
            return True
        if self._waiting[client] >= MAX_WAITING:
            return False
        self._waiting[client] += 1
        try:
            return self._changed.wait_for(lambda: self._running[client] < MAX_RUNNING, WAIT_SECONDS)
        finally:
            _reduce(self._waiting, client)


def _reduce(numbers: Counter[Hashable], client: Hashable) -> None:
    numbers[client] -= 1
    if not numbers[client]:
        del numbers[client]
