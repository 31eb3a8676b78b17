"""The adjusted score and the open findings of a recorded day."""

from __future__ import annotations

from typing import Final

from portal.treatment.models import Snapshot
from portal.treatment.states import NOT_JUDGED, ShownState

# Pages and reports compare the score with the score of this many days ago.
COMPARED_DAYS: Final = 30


def adjusted_score(row: Snapshot) -> float | None:
    """Return the adjusted score of the day.

    None if all checks were unknown. Earlier versions of Surety stored 0 for such days.
    """
    return row.adjusted if _is_known(row) else None


def open_on(row: Snapshot) -> int | None:
    """Count the open findings at the end of the day; None if every check was unknown."""
    if not _is_known(row):
        return None
    return int(row.states.get(ShownState.OPEN, 0))


def applicable_on(row: Snapshot) -> int:
    """Count the findings whose control applied to their subject at the end of the day. The coverage is a share of these
    findings.
    """
    return sum(int(number) for state, number in row.states.items() if state not in NOT_JUDGED)


def _is_known(row: Snapshot) -> bool:
    return row.score is not None or not row.states.get(ShownState.UNKNOWN)
