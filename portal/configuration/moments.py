"""Dates and times in configuration files. A date alone is a day in UTC, as in the forms of the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from tenants.values.days import DAY_ENDS, end_of_day, start_of_day


def text_of(moment: datetime, *, end: bool) -> str:
    """Return a moment as text: date and time in UTC.

    Return only the date if the moment is the first moment of a day or, if `end` is set, the last second of a day.
    `moment_of` reads such a date in the same way.
    """
    moment = moment.astimezone(UTC)
    if moment.time() == (DAY_ENDS if end else time()):
        return moment.date().isoformat()
    return moment.isoformat().replace("+00:00", "Z")


def moment_of(text: str, *, end: bool) -> datetime:
    """Return the date and time that a text states. A date alone means the first moment of the day or, if `end` is set,
    the last second of the day.

    Raise ValueError, with a message for people, if the text is neither a date nor a date and time with a time zone.
    """
    try:
        if len(text) == len("2027-01-31"):
            day = date.fromisoformat(text)
            return end_of_day(day) if end else start_of_day(day)
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: in UTC, the moment is after the year 9999
        pass
    raise ValueError(
        f"“{text[:40]}” is not a date. Enter a day such as 2027-03-31, or a time such as 2027-03-31T18:00:00Z."
    )
