"""A timetable says on which weekdays, and at which local times, assessments start.

A timetable is one line of text, in the settings' pages, in commands and in files of customers:

    daily 02:00 within 120                      every day between 02:00 and 04:00
    Mon-Fri 06:00,18:00 within 60               on working days, twice

Times are in the customer's time zone. Assessments start at each time exactly once a day, even if the clock is changed.
If the clock is put forward by an hour, a time that is skipped is replaced by the time one hour later: 02:30 becomes
03:30. If the clock is put back, the first occurrence of a repeated time counts.

The assessment of a customer starts some minutes after the time, within the window (`within`). The delay is computed
from the customer's id, so that not all customers start at once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DEFAULT_WINDOW: Final = 120
MAX_WINDOW: Final = 720
MAX_TIMES: Final = 24
EXAMPLE: Final = "Mon-Fri 02:00 within 120"

_ALL: Final = frozenset(range(7))
_WORDS: Final = {
    "daily": _ALL,
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
    **{name.casefold(): frozenset({number}) for number, name in enumerate(WEEKDAYS)},
    **{name.casefold(): frozenset({number}) for number, name in enumerate(NAMES)},
}
_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_WITHIN: Final = re.compile(r"\bwithin\s+([0-9]{1,4})\s*(minutes?|min|m|hours?|h)?(?=\s|,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Timetable:
    """A timetable: weekdays (0 is Monday), local times in ascending order, and the window in minutes.

    Raise ValueError, with a sentence for people, if a value is missing or out of range.
    """

    weekdays: frozenset[int]
    times: tuple[time, ...]
    window: int = DEFAULT_WINDOW

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= _ALL:
            raise ValueError(f"Enter at least one weekday, as in “{EXAMPLE}”.")
        if not 1 <= len(self.times) <= MAX_TIMES:
            raise ValueError(f"Enter at least 1 and at most {MAX_TIMES} times, as in “{EXAMPLE}”.")
        if not 0 <= self.window <= MAX_WINDOW:
            raise ValueError(
                f"After “within”, enter a number of minutes from 0 to {MAX_WINDOW}, as in “{EXAMPLE}”."
            )

    def __str__(self) -> str:
        """Return the text from which `parse` makes the same timetable."""
        days = "daily" if self.weekdays == _ALL else ",".join(_ranges(self.weekdays))
        return f"{days} {','.join(f'{at:%H:%M}' for at in self.times)} within {self.window}"

    @property
    def label(self) -> str:
        """The timetable in words: “Monday to Friday at 02:00, within 2 hours”."""
        times = _and([f"{at:%H:%M}" for at in self.times])
        within = f", within {describe_minutes(self.window)}" if self.window else ""
        return f"{_days(self.weekdays)} at {times}{within}"

    def delay(self, key: UUID) -> timedelta:
        """Return the delay between a time of the timetable and the start of a customer's assessments. `key` is the
        customer's id, from which `delay_within` computes the delay.
        """
        return delay_within(self.window, key.bytes)

    def next_start(self, after: datetime, zone: ZoneInfo, key: UUID) -> datetime:
        """Return the first start of the customer's assessments after the moment `after`, in UTC."""
        # If the clock is put forward across midnight, a start at a skipped time moves to the next day. So begin one day
        # early. Take the minimum, because a start that moved can be later than a start of the next day. Ten days
        # contain each weekday, even if the time zone skips a day.
        first = (after - self.delay(key)).astimezone(zone).date() - timedelta(days=1)
        days = (first + timedelta(days=number) for number in range(10))
        return min(start for day in days for start in self._starts(day, zone, key) if start > after)

    def starts_between(
        self, first: datetime, last: datetime, zone: ZoneInfo, key: UUID
    ) -> Iterator[datetime]:
        """Yield the starts of the customer's assessments after `first` and until `last`, in UTC."""
        start = self.next_start(first, zone, key)
        while start <= last:
            yield start
            start = self.next_start(start, zone, key)

    def _starts(self, day: date, zone: ZoneInfo, key: UUID) -> Iterator[datetime]:
        if day.weekday() in self.weekdays:
            for at in self.times:
                # `combine` sets fold=0. So for a time that the clock change skips or repeats, the UTC offset from
                # before the change is used.
                yield datetime.combine(day, at, tzinfo=zone).astimezone(UTC) + self.delay(key)


def timetable(weekdays: Iterable[int], times: Iterable[time], window: int = DEFAULT_WINDOW) -> Timetable:
    """Return a timetable in which each time occurs once, in ascending order."""
    return Timetable(frozenset(weekdays), tuple(sorted(set(times))), window)


def parse(text: str) -> Timetable:
    """Return the timetable that a text describes. If the text does not describe a timetable, raise ValueError with a
    sentence for people.

    Days are “daily”, “weekdays”, “weekends”, names (Mon or Monday) and ranges (Mon-Fri). Times are HH:MM. “within” is
    followed by a number of minutes, or of hours with “h”. Days and times are separated by commas, semicolons or spaces.
    """
    window = DEFAULT_WINDOW
    withins = list(_WITHIN.finditer(text))
    if len(withins) > 1:
        raise ValueError("Enter “within” only once.")
    if withins:
        (found,) = withins
        window = int(found[1]) * (60 if (found[2] or "m")[0] in "hH" else 1)
        text = text[: found.start()] + " " + text[found.end() :]
    days: set[int] = set()
    times: list[time] = []
    for word in re.split(r"[\s,;]+", text.replace("–", "-")):
        if not word:
            continue
        if ":" in word:
            times.append(parse_time(word))
        else:
            days |= _weekdays(word)
    return timetable(days, times, window)


def delay_within(window: int, key: bytes) -> timedelta:
    """Return a delay for a key: a whole number of minutes, shorter than the window and always the same for the key. If
    the window has 0 minutes, the delay is 0.
    """
    if not window:
        return timedelta()
    number = int.from_bytes(hashlib.sha256(key).digest()[:8], "big")
    return timedelta(minutes=number % window)


def parse_time(text: str) -> time:
    """Parse a time of day, such as 02:00. Raise ValueError for any other text."""
    found = _TIME.fullmatch(text.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f"“{text}” is not a time. Enter times from 00:00 to 23:59.")
    return time(int(found[1]), int(found[2]))


def describe_minutes(minutes: int) -> str:
    """Return a duration in words: “2 hours”, “1 hour 30 minutes”."""
    hours, rest = divmod(minutes, 60)
    parts = [
        f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in ((hours, "hour"), (rest, "minute"))
    ]
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 minutes"


def _weekdays(word: str) -> frozenset[int]:
    first, dash, last = word.casefold().partition("-")
    if not dash and first in _WORDS:
        return _WORDS[first]
    ends = [_WORDS.get(end, frozenset()) for end in (first, last)]
    if dash and all(len(end) == 1 for end in ends):
        (start,), (stop,) = ends
        return frozenset((start + number) % 7 for number in range((stop - start) % 7 + 1))
    raise ValueError(f"“{word}” is neither a weekday nor a time. Enter a schedule such as “{EXAMPLE}”.")


def _ranges(weekdays: frozenset[int]) -> list[str]:
    """Return the days in short form. Three or more days in a row become a range: ["Mon-Wed", "Sat"]."""
    runs: list[list[int]] = []
    for day in sorted(weekdays):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [
        text
        for run in runs
        for text in (
            [f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}"] if len(run) > 2 else [WEEKDAYS[day] for day in run]
        )
    ]


def _days(weekdays: frozenset[int]) -> str:
    if weekdays == _ALL:
        return "Every day"
    days = sorted(weekdays)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{NAMES[days[0]]} to {NAMES[days[-1]]}"
    return _and([NAMES[day] for day in days])


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
