"""The first and the last second of a day. Days that people enter are days in UTC and include their last second."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Final

DAY_ENDS: Final = time(23, 59, 59)


def start_of_day(day: date) -> datetime:
    """Return the first second of a day in UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)


def end_of_day(day: date) -> datetime:
    """Return the last second of a day in UTC, so that a chosen end day is included."""
    return datetime.combine(day, DAY_ENDS, tzinfo=UTC)
