"""Times of the day at which a watch rule applies, such as `18:00-07:00`."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

_HOURS: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
DAYS: Final = {
    1: "Monday",
    2: "Tuesday",
    3: "Wednesday",
    4: "Thursday",
    5: "Friday",
    6: "Saturday",
    7: "Sunday",
}


def parse_hours(text: str) -> tuple[time, time] | None:
    """Return start and end. Return None if the text does not have the form `18:00-07:00`, or if both times are the
    same.
    """
    found = _HOURS.fullmatch(text)
    if found is None:
        return None
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    start, end = time(start_hour, start_minute), time(end_hour, end_minute)
    return (start, end) if start != end else None


def is_within(at: datetime, hours: str, days: list[int], zone: str) -> bool:
    """Return whether a moment is in these hours on one of these weekdays, in the time zone `zone`.

    Hours that pass midnight belong to the weekday on which they begin. If `hours` is empty, the whole day counts. If
    `days` is empty, every day counts.
    """
    local = at.astimezone(ZoneInfo(zone))
    day, moment = local.isoweekday(), local.time()
    span = parse_hours(hours)
    if span is not None:
        start, end = span
        if start < end:
            if not start <= moment < end:
                return False
        elif moment < end:
            day = 7 if day == 1 else day - 1
        elif moment < start:
            return False
    return not days or day in days
