"""Show a tenant's scores and failures by day, as charts and as a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from assessments.models import Assessment
from assessments.presentation.extent import extent_label
from assessments.scoring import whole_percent
from portal.queries.tenant_overview.daily_scores import adjusted_score, open_on, overdue_on, score_to_compare
from portal.treatment.models import Snapshot
from portal.web.components.charts import Bars, Line
from tenants.models import Tenant

# The lengths of the trend that the URL can choose, in days.
CHOICES: Final = (30, 90, 365)
DEFAULT: Final = 90
# From this many days on, opened and closed findings are counted by week, because bars for single days would be too
# thin.
MIN_DAYS_BY_WEEK: Final = 120


@dataclass(frozen=True, slots=True)
class Trend:
    """The recorded days of a period, oldest first. At least two days are needed to draw a line."""

    days: int
    first: date
    last: date
    rows: Sequence[Snapshot]
    # {number of a partial assessment: how much it read, in words}
    partial: Mapping[int, str]

    @property
    def partial_days(self) -> int:
        """Return the number of days whose figures come from a partial assessment."""
        return sum(row.through in self.partial for row in self.rows)

    @property
    def is_line(self) -> bool:
        """Return whether there are enough days to draw a line."""
        return len(self.rows) > 1

    @property
    def by_week(self) -> bool:
        """Return whether opened and closed findings are counted by week."""
        return self.days >= MIN_DAYS_BY_WEEK

    @property
    def scores(self) -> list[Line]:
        """Return the raw and adjusted scores by day."""
        return [
            Line("Raw", "unknown", self._points(lambda row: row.score), dashed=True),
            Line("Adjusted", "accent", self._points(adjusted_score)),
        ]

    @property
    def open(self) -> list[Line]:
        """Return the number of open findings by day."""
        return [Line("Open", "fail", self._points(open_on))]

    @property
    def opened_and_closed(self) -> Bars:
        """Return the numbers of findings that began to fail, and of findings that ceased to fail, by day or by week."""
        width = 7 if self.by_week else 1
        buckets = [(0, 0)] * (-(-(self.days + 1) // width))
        for row in self.rows:
            place = len(buckets) - 1 - (self.last - row.day).days // width
            up, down = buckets[place]
            buckets[place] = (up + row.opened, down + row.closed)
        return Bars("Opened", "Closed", buckets)

    def _points(self, value: Callable[[Snapshot], float | None]) -> list[tuple[float, float | None]]:
        """Return a point (position on the time axis, value) for each recorded day. Where days are missing between two
        recorded days, add one point with the value None.
        """
        points: list[tuple[float, float | None]] = []
        previous: date | None = None
        for row in self.rows:
            if previous is not None and (row.day - previous).days > 1:
                points.append((self._position(previous + timedelta(days=1)), None))
            points.append((self._position(row.day), value(row)))
            previous = row.day
        return points

    def _position(self, day: date) -> float:
        """Return the position of a day on the time axis, from 0 (the first day) to 1 (the last day)."""
        return (day - self.first).days / max(1, (self.last - self.first).days)

    def difference(self, score: float | None) -> int | None:
        """Return the change of the adjusted score in 30 days, in whole percent. `score` is the present adjusted score.
        Return None if the present score or the earlier score is missing.
        """
        before = score_to_compare([(row.day, adjusted_score(row)) for row in self.rows], self.last)
        return None if before is None or score is None else whole_percent(score) - whole_percent(before)

    @property
    def adjusted_scores(self) -> list[float | None]:
        return [adjusted_score(row) for row in self.rows]

    @property
    def newest_first(self) -> list[tuple[Snapshot, float | None, int | None, int | None, str]]:
        """Return the table's rows, newest day first: (snapshot, adjusted score, open findings, overdue findings, mark).

        If the figures of a day come from a partial assessment, the mark is a text that says so. For other days, the
        mark is empty.
        """
        return [
            (row, adjusted_score(row), open_on(row), overdue_on(row), self.partial.get(row.through, ""))
            for row in reversed(self.rows)
        ]


def chosen_days(text: str) -> int:
    """Return the number of days from the URL, or the default if the number is missing or invalid."""
    return int(text) if text in map(str, CHOICES) else DEFAULT


def trend(tenant: Tenant, days: int, now: datetime) -> Trend:
    """Return the tenant's trend from `days` days ago until today (UTC)."""
    last = now.astimezone(UTC).date()
    first = last - timedelta(days=days)
    rows = Snapshot.objects.filter(tenant=tenant, day__gte=first, day__lte=last).defer("verdicts")
    found = list(rows.order_by("day"))
    return Trend(days, first, last, found, _partial(tenant, {row.through for row in found}))


def _partial(tenant: Tenant, numbers: Collection[int]) -> dict[int, str]:
    """Return {number of a partial assessment: text that says how much the assessment read}."""
    rows = Assessment.objects.filter(tenant=tenant, number__in=numbers, ended_at__isnull=False)
    marks = {
        row.number: extent_label(row) for row in rows.only("tenant", "number", "state", "only", "summary")
    }
    return {number: mark for number, mark in marks.items() if mark}
