"""Parse durations as Azure writes them. Pure functions."""

from __future__ import annotations

import re
from datetime import timedelta

_TIMESPAN = re.compile(r"(?:(\d{1,7})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d{1,7})?")


def timespan(text: str) -> timedelta:
    """Parse a .NET time span, `d.hh:mm:ss` or `hh:mm:ss`, as in `sasExpirationPeriod`. Raise ValueError for any other
    text.
    """
    match = _TIMESPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a time span in the form d.hh:mm:ss")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"{text!r} is not a time span in the form d.hh:mm:ss")
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
