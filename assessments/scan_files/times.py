"""Parse times in the formats of the scanners."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

# A time in a format without a zone counts as UTC.
_FORMATS: Final = (
    "%m/%d/%Y %H:%M:%S",  # CSV tables of Qualys
    "%m/%d/%Y at %H:%M:%S (GMT)",
    "%Y/%m/%d",  # the format in which Nessus states the day on which a vulnerability was published
    "%m/%d/%Y",
    "%a %b %d %H:%M:%S %Y",  # Nessus, HOST_END
)


def read_time(text: str | None) -> datetime | None:
    """Return the time with a zone, or None if the text is empty or its format is unknown."""
    stated = (text or "").strip()
    if not stated or len(stated) > 40:
        return None
    try:
        return _zoned(datetime.fromisoformat(stated))
    except ValueError:
        pass
    for pattern in _FORMATS:
        try:
            return _zoned(datetime.strptime(stated, pattern))  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
    return None


def read_seconds(text: str | None) -> datetime | None:
    """Return the time for a number of seconds since 1970, or None if the text is not such a number."""
    stated = (text or "").strip()
    if not stated.isascii() or not stated.isdigit() or len(stated) > 11:
        return None
    return datetime.fromtimestamp(int(stated), UTC)


def _zoned(time: datetime) -> datetime | None:
    try:
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError:
        return None
