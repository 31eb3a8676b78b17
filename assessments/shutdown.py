"""A flag that tells all processes of a worker that the worker was asked to stop.

Celery informs only the main process, and lets the running tasks finish. Without the flag, a unit (part of an
assessment) that waits for Azure could delay the end of the worker by a quarter of an hour.
"""

from __future__ import annotations

import mmap
from typing import Final

# Memory that a process shares with all processes that it forks.
_FLAG: Final = mmap.mmap(-1, 1)


def request_stop() -> None:
    """Set the flag for all processes of the worker. Call this in the main process of the worker."""
    _FLAG[0] = 1


def stop_requested() -> bool:
    """Return whether the worker to which this process belongs was asked to stop."""
    return _FLAG[0] == 1


def forget_stop() -> None:
    """Clear the flag, for tests."""
    _FLAG[0] = 0
