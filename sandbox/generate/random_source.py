"""Make random choices that depend only on a seed and a key, so that the choices are the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def format_arm_time(moment: datetime) -> str:
    """Format a time as ARM does: UTC with seven fractional digits."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}7Z"


class RandomSource(Random):
    """A source of random choices for one part of the estate.

    The choices depend only on the seed and on `key`, the name of the part.
    """

    def __init__(self, seed: int, key: str, fail_rate: float, now: datetime, rare_rate: float = 0.0) -> None:
        super().__init__(f"{seed}/{key}")
        self._seed = seed
        self._key = key
        self._fail_rate = fail_rate
        self._now = now
        self._rare_rate = rare_rate

    def branch(self, key: str) -> RandomSource:
        """Return a separate random source (branch) for a detail. The choices of the branch do not change the choices of
        other sources.
        """
        return RandomSource(self._seed, f"{self._key}/{key}", self._fail_rate, self._now, self._rare_rate)

    def faulty(self) -> bool:
        """Return True with the probability of a fault (`--fail-rate`)."""
        return self.random() < self._fail_rate

    def often_faulty(self) -> bool:
        """Return True with four times the probability of a fault. Use this for settings that most customers never
        change.
        """
        return self.random() < min(1.0, 4 * self._fail_rate)

    def rare(self) -> bool:
        """Return True with the probability of rare resources and settings (`--rare-rate`): those that Microsoft
        documents, but few customers have.

        Call this on a source from `branch`, so that other choices do not change.
        """
        return self.random() < self._rare_rate

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def guid(self) -> str:
        return str(UUID(int=self.getrandbits(128), version=4))

    def time_ago(self, min_days: int, max_days: int) -> datetime:
        """Return a time between `min_days` and `max_days` before now, at least an hour away from both limits."""
        seconds = self.randrange(min_days * 86400 + 3600, max(max_days, min_days + 1) * 86400 - 3600)
        return self._now - timedelta(seconds=seconds, microseconds=self.randrange(1_000_000))

    def arm_timestamp(self, min_days: int, max_days: int) -> str:
        """Return a random time, as `time_ago` chooses it, in ARM's format."""
        return format_arm_time(self.time_ago(min_days, max_days))

    def graph_timestamp(self, min_days: int, max_days: int) -> str:
        """Return a random time, as `time_ago` chooses it, in the format of Microsoft Graph, with whole seconds."""
        return self.time_ago(min_days, max_days).strftime("%Y-%m-%dT%H:%M:%SZ")

    def pick[T](self, choices: Sequence[T]) -> T:
        return choices[self.randrange(len(choices))]

    def letters(self, count: int) -> str:
        """Return random lower-case letters and digits, which are valid in the name of a storage account."""
        return "".join(self.pick("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(count))
