"""Choices from the seed: the same seed and key give the same choices on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def format_arm_time(moment: datetime) -> str:
    """ARM's usual form: UTC with seven fraction digits."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond:06d}7Z"


class RandomSource(Random):
    """A random source of its own for one part of the estate (`key`), with the vocabulary of estates."""

    def __init__(self, seed: int, key: str, fail_rate: float, now: datetime) -> None:
        super().__init__(f"{seed}/{key}")
        self._fail_rate = fail_rate
        self._now = now

    def faulty(self) -> bool:
        """Whether the next thing is to be wrong."""
        return self.random() < self._fail_rate

    def chance(self, probability: float) -> bool:
        """True with this probability, whatever the fail rate."""
        return self.random() < probability

    def guid(self) -> str:
        """A random (version 4) GUID."""
        return str(UUID(int=self.getrandbits(128), version=4))

    def time_ago(self, least: int, most: int) -> datetime:
        """A moment between `least` and `most` whole days before now, an hour or more from both ends."""
        seconds = self.randrange(least * 86400 + 3600, max(most, least + 1) * 86400 - 3600)
        return self._now - timedelta(seconds=seconds, microseconds=self.randrange(1_000_000))

    def arm_timestamp(self, least: int, most: int) -> str:
        """`ago` in ARM's form."""
        return format_arm_time(self.time_ago(least, most))

    def graph_timestamp(self, least: int, most: int) -> str:
        """`ago` in Graph's form (whole seconds)."""
        return self.time_ago(least, most).strftime("%Y-%m-%dT%H:%M:%SZ")

    def pick[T](self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.randrange(len(choices))]

    def letters(self, count: int) -> str:
        """`count` of the characters that a storage account's name may have."""
        return "".join(self.pick("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(count))
