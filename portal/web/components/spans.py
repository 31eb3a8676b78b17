"""How long something is, in the words that a page says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.timesince import timesince

# Between these, days are counted: whole weeks and months would call 13 days "1 week" and 59 days "1 month".
_IN_DAYS: Final = (timedelta(days=2), timedelta(days=120))
_DAY: Final = timedelta(days=1)


def span(one: datetime, other: datetime) -> str:
    """``3 hours``, ``10 days``, ``5 months``, whichever of the two is earlier; empty for less than a minute.

    Days are rounded, so that an end of a day in a week is 7 days and not 6; the other units are whole ones.
    """
    length = abs(other - one)
    if _IN_DAYS[0] <= length < _IN_DAYS[1]:
        return f"{round(length / _DAY)} days"
    start, end = sorted((one, other))
    words = timesince(start, end, depth=1).replace("\xa0", " ")
    return "" if words.startswith("0 ") else words
