"""Define review periods. A review period is the part of a customer's records that an auditor may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class ReviewPeriod:
    """The first and the last day, both included, in UTC."""

    first: date
    last: date

    @classmethod
    def between(cls, first: date | None, last: date | None) -> Self | None:
        """Return the period of these days. Return None if one or both days are missing."""
        return None if first is None or last is None else cls(first, last)

    @property
    def start(self) -> datetime:
        """The beginning of the first day."""
        return datetime.combine(self.first, time.min, UTC)

    @property
    def end(self) -> datetime:
        """Return the end of the last day: the first moment that is not included."""
        return datetime.combine(self.last, time.min, UTC) + timedelta(days=1)

    def __str__(self) -> str:
        """Return the period in words: “1 January to 31 March 2026”."""
        first = f"{self.first.day} {self.first:%B}"
        if self.first.year != self.last.year:
            first = f"{first} {self.first.year}"
        return f"{first} to {self.last.day} {self.last:%B} {self.last.year}"


def end_of_review(
    periods: Sequence[ReviewPeriod], since: datetime, *until: datetime | None
) -> datetime | None:
    """Return the end of the latest review period that overlaps with a time span. Return None if no period overlaps with
    it.

    The span begins at `since` and ends at the earliest time in `until`. It never ends if all times in `until` are None.
    """
    ends = (
        one.end for one in periods if since < one.end and all(end is None or end > one.start for end in until)
    )
    return max(ends, default=None)


def in_words(periods: Sequence[ReviewPeriod]) -> str:
    """Return several periods as one text, earliest first."""
    return " and ".join(map(str, sorted(periods)))
