"""Whether the worker was asked to stop, known in all of its processes.

Celery lets running tasks finish and tells only the worker's main process. A unit that waits for Azure would wait for up
to a quarter of an hour, until the worker is killed.
"""

from __future__ import annotations

import mmap
from typing import Final

# Anonymous memory that a process shares with the processes that it forks.
_FLAG: Final = mmap.mmap(-1, 1)


def request_stop() -> None:
    """State that this worker stops. Call it in the worker's main process."""
    _FLAG[0] = 1


def stop_requested() -> bool:
    """Return whether the worker of this process stops."""
    return _FLAG[0] == 1


def forget_stop() -> None:
    """State that the worker goes on."""
    _FLAG[0] = 0
