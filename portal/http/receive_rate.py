"""The minimum rate at which a client must send a large body, enforced each time the server waits for data."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SILENT_SECONDS: Final = 10.0
"""If no data arrives for this number of seconds, the body is refused."""
CREDIT_SECONDS: Final = 20.0
"""The time limit, in seconds, with which a body starts. Received bytes postpone the deadline, but never to more than
this number of seconds from now.
"""
MIN_BYTES_PER_SECOND: Final = 64 * 1024


class ReceiveRate:
    """A deadline. Each received byte postpones the deadline by the time that a byte takes at the minimum rate.

    The deadline is never more than `CREDIT_SECONDS` away. Otherwise, a client could send much data quickly, and then
    almost nothing for a long time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._deadline = clock() + CREDIT_SECONDS

    def seconds(self) -> float:
        """Return how long the server waits for the next data; 0 or less if the client was too slow."""
        return min(self._deadline - self._clock(), SILENT_SECONDS)

    def received(self, size: int) -> None:
        """Postpone the deadline, because this many bytes were received."""
        latest = self._clock() + CREDIT_SECONDS
        self._deadline = min(self._deadline + size / MIN_BYTES_PER_SECOND, latest)
