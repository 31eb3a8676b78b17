"""Limit requests as Azure does: token buckets of Azure Resource Manager, and the quota of Azure Resource Graph.

For reads, each service principal has one bucket for each subscription, and one bucket for the tenant level. Each bucket
has 250 tokens, and gets 25 new tokens a second. For each subscription, all service principals together have 15 times
this limit. Sources: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
and https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
"""

import math
import time
from collections.abc import Callable

SIZE, RATE, ALL_PRINCIPALS = 250, 25.0, 15
QUERIES, WINDOW = 15, 5.0


class Bucket:
    """A token bucket with `size` tokens, to which `rate` tokens are added each second."""

    def __init__(self, size: int, rate: float, now: float) -> None:
        self.size, self.rate, self.level, self.at = size, rate, float(size), now

    def take(self, now: float) -> float:
        """Take a token. Return 0 if a token was taken, or the seconds to wait if the bucket is empty."""
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return (1 - self.level) / self.rate
        self.level -= 1
        return 0.0


class Throttle:
    """The request limits of all service principals.

    If `enabled` is false, no request is refused, and replies have the headers of a full bucket.
    """

    def __init__(self, *, enabled: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._enabled, self._clock = enabled, clock
        self._buckets: dict[tuple[str, ...], Bucket] = {}
        # {(tenant, client): (start of the time window, number of queries in this window)}
        self._queries: dict[tuple[str, str], tuple[float, int]] = {}

    def take(self, tenant: str, client: str, subscription: str | None) -> tuple[float, dict[str, str]]:
        """Return the seconds to wait (0 if the request is accepted), and the rate-limit headers of the reply."""
        name = "x-ms-ratelimit-remaining-" + ("subscription-reads" if subscription else "tenant-reads")
        if not self._enabled:
            return 0.0, {name: str(SIZE - 1)}
        now = self._clock()
        own = self._bucket((tenant, client, subscription or ""), SIZE, RATE, now)
        wait = own.take(now)
        headers = {name: str(math.floor(own.level))}
        if subscription:
            shared = self._bucket(
                (tenant, "", subscription), SIZE * ALL_PRINCIPALS, RATE * ALL_PRINCIPALS, now
            )
            wait = wait or shared.take(now)
            headers["x-ms-ratelimit-remaining-subscription-global-reads"] = str(math.floor(shared.level))
        return wait, headers

    def query(self, tenant: str, client: str) -> tuple[bool, dict[str, str]]:
        """Return whether a query of Resource Graph is refused, and the headers of the quota."""
        now = self._clock()
        start, count = self._queries.get((tenant, client), (now, 0))
        if now - start >= WINDOW:
            start, count = now, 0
        refused = self._enabled and count >= QUERIES
        if self._enabled and not refused:
            count += 1
            self._queries[tenant, client] = start, count
        rest = math.ceil(WINDOW - (now - start))
        return refused, {
            "x-ms-user-quota-remaining": str(QUERIES - count),
            "x-ms-user-quota-resets-after": f"00:00:{rest:02d}",
        }

    def _bucket(self, key: tuple[str, ...], size: int, rate: float, now: float) -> Bucket:
        if (bucket := self._buckets.get(key)) is None:
            bucket = self._buckets[key] = Bucket(size, rate, now)
        return bucket
