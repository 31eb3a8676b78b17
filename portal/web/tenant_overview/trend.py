"""How a tenant stood from day to day, as charts and as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from portal.treatment.models import Snapshot
from portal.web.components.charts import Bars, Line
from tenants.models import Tenant

# Days that can be chosen in the address.
CHOICES: Final = (30, 90, 365)
DEFAULT: Final = 90
# From so many days on, what opened and closed is added up by weeks: a bar a day would be too thin to see.
BY_WEEK: Final = 120


@dataclass(frozen=True, slots=True)
class Trend:
    """`rows` are the days that are known, oldest first; one day alone is no trend."""

    days: int
    first: date
    last: date
    rows: Sequence[Snapshot]

    @property
    def is_line(self) -> bool:
        """Whether there is more than one day to draw."""
        return len(self.rows) > 1

    @property
    def by_week(self) -> bool:
        """Whether opened and closed are added up by weeks."""
        return self.days >= BY_WEEK

    @property
    def scores(self) -> list[Line]:
        """Raw and adjusted score by day."""
        return [
            Line("Raw", "unknown", self._points(lambda row: row.score), dashed=True),
            Line("Adjusted", "accent", self._points(lambda row: row.adjusted)),
        ]

    @property
    def open(self) -> list[Line]:
        """Open failures by day: what counts as a failure after treatment."""
        return [Line("Open", "fail", self._points(lambda row: float(open_on(row))))]

    @property
    def moved(self) -> Bars:
        """How many findings began to fail and ceased to, by day or by week."""
        width = 7 if self.by_week else 1
        buckets = [(0, 0)] * (-(-(self.days + 1) // width))
        for row in self.rows:
            place = len(buckets) - 1 - (self.last - row.day).days // width
            up, down = buckets[place]
            buckets[place] = (up + row.opened, down + row.closed)
        return Bars("Opened", "Closed", buckets)

    def _points(self, value: Callable[[Snapshot], float | None]) -> list[tuple[float, float | None]]:
        """The days' values; a gap where days are missing (no worker ran), since nobody knows what they were."""
        points: list[tuple[float, float | None]] = []
        before: date | None = None
        for row in self.rows:
            if before is not None and (row.day - before).days > 1:
                points.append((self._at(before + timedelta(days=1)), None))
            points.append((self._at(row.day), value(row)))
            before = row.day
        return points

    def _at(self, day: date) -> float:
        """Where a day lies, from 0 (the first) to 1 (the last)."""
        return (day - self.first).days / max(1, (self.last - self.first).days)

    @property
    def newest_first(self) -> list[tuple[Snapshot, int]]:
        """(day's row, open) for the table."""
        return [(row, open_on(row)) for row in reversed(self.rows)]


def open_on(row: Snapshot) -> int:
    """How many findings counted as failures at the end of the day."""
    return sum(row.open_by_severity.values())


def chosen_days(text: str) -> int:
    """The number of days that an address asks for; anything else than a choice is the default."""
    return int(text) if text in map(str, CHOICES) else DEFAULT


def trend(tenant: Tenant, days: int, now: datetime) -> Trend:
    """The last `days` days of the tenant up to today (UTC)."""
    last = now.astimezone(UTC).date()
    first = last - timedelta(days=days)
    rows = Snapshot.objects.filter(tenant=tenant, day__gte=first, day__lte=last).defer("verdicts")
    return Trend(days, first, last, list(rows.order_by("day")))
