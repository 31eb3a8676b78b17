"""Decide how long a run waits if Azure limits its requests, and read the limits from Azure's answers.

Azure Resource Manager asks callers to wait for some seconds. Resource providers can ask for longer waits, because they
count requests over minutes: Microsoft.Storage over 5 minutes, Microsoft.Compute over 3 and 30 minutes. Sources:
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling,
https://learn.microsoft.com/azure/storage/common/scalability-targets-resource-provider and
https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshooting-throttling-errors
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

from assessments.collect.errors import Cancelled

# A waiting worker does nothing else, so waits are limited. If a wait would exceed the limit, the data is not read, and
# verdicts that need it are unknown until the next assessment.
MAX_WAITING = 900.0
_SLICE = 1.0
_DURATION = re.compile(r"(\d{1,3}):(\d{1,2}):(\d{1,2})(?:\.\d+)?")


class WaitBudget:
    """The time that one run may spend on waits longer than `Patience.cap`. Times are in seconds. The class is
    thread-safe.

    Simultaneous waits of several threads count once. `stop()` tells whether the run was cancelled; `tell(seconds)` is
    called when a wait begins.
    """

    def __init__(
        self,
        total: float = MAX_WAITING,
        *,
        stop: Callable[[], bool] = lambda: False,
        tell: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.left = total
        self._stop, self._tell, self._clock, self._sleep = stop, tell, clock, sleep
        self._until = 0.0
        self._lock = threading.Lock()

    def take(self, seconds: float) -> bool:
        """Subtract a wait from the budget; the wait begins now. Return False if the budget does not suffice."""
        with self._lock:
            now = self._clock()
            more = max(0.0, now + seconds - max(now, self._until))
            if more > self.left:
                return False
            self.left -= more
            self._until = max(self._until, now + seconds)
        if self._tell is not None:
            self._tell(seconds)
        return True

    def sleep(self, seconds: float) -> None:
        """Wait for this time. Raise Cancelled if the run is cancelled in the meantime."""
        end = self._clock() + seconds
        while (rest := end - self._clock()) > 0:
            if self._stop():
                raise Cancelled
            self._sleep(min(rest, _SLICE))


def reset_after(answer: Any) -> float | None:
    """If an answer says that the quota of Azure Resource Graph is used up, return the seconds until the quota is reset.
    Otherwise, return None.

    The headers are `x-ms-user-quota-remaining` (a number of queries) and `x-ms-user-quota-resets-after` (hh:mm:ss).
    Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
    """
    remaining = str(answer.headers.get("x-ms-user-quota-remaining") or "").strip()
    found = _DURATION.fullmatch(str(answer.headers.get("x-ms-user-quota-resets-after") or "").strip())
    if found is None or not re.fullmatch(r"-?\d{1,9}", remaining) or int(remaining) > 0:
        return None
    hours, minutes, seconds = (int(part) for part in found.groups())
    return float(hours * 3600 + minutes * 60 + seconds)
