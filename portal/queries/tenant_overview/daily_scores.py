"""Read the score and the numbers of findings of a recorded day, and choose the score to compare today's score with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from portal.treatment.models import Snapshot
from portal.treatment.states import NOT_JUDGED, ShownState

# Pages and reports compare the score with the score of this many days ago.
COMPARED_DAYS: Final = 30
# If nothing was recorded on the day to compare with, pages and reports use the last recorded day of the preceding week.
_TOLERANCE: Final = timedelta(days=7)


def score_to_compare(days: Sequence[tuple[date, float | None]], today: date) -> float | None:
    """Return the score of 30 days ago. `days` has (day, score), in the order of days.

    If nothing was recorded on that day, return the last score of the preceding week. Return None if this score is
    unknown or nothing was recorded in that week. Older scores are not used, because they say nothing about the last 30
    days.
    """
    before = today - timedelta(days=COMPARED_DAYS)
    past = [row for row in days if row[0] <= before]
    return past[-1][1] if past and before - past[-1][0] < _TOLERANCE else None


def adjusted_score(row: Snapshot) -> float | None:
    """Return the adjusted score of the day.

    Return None if all checks were unknown. Earlier versions of Surety stored 0 for such days.
    """
    return row.adjusted if _is_known(row) else None


def open_on(row: Snapshot) -> int | None:
    """Count the open findings at the end of the day. Return None if every check was unknown."""
    if not _is_known(row):
        return None
    return int(row.states.get(ShownState.OPEN, 0))


def overdue_on(row: Snapshot) -> int | None:
    """Return the number of overdue findings at the end of the day. Return None if every check was unknown."""
    return row.overdue if _is_known(row) else None


def applicable_on(row: Snapshot) -> int:
    """Count the findings whose control applied to their subject at the end of the day. The coverage is a share of these
    findings.
    """
    return sum(int(number) for state, number in row.states.items() if state not in NOT_JUDGED)


def _is_known(row: Snapshot) -> bool:
    return row.score is not None or not row.states.get(ShownState.UNKNOWN)
