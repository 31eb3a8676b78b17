"""Timetables of reports: weekly, monthly, or after each complete assessment.

A timetable is one line of text, in forms, commands and configuration files:

    weekly Mon 06:00 within 120             every Monday between 06:00 and 08:00
    monthly 1 06:00 within 240              on the first day of the month; 29 to 31 mean the last day of shorter months
    monthly last-working-day 06:00          on the last day of the month that is Monday to Friday
    after-assessment                        when an assessment has read every subscription and directory

Times are in the customer's time zone. If a time does not exist on a day, because the clock is put forward by an hour,
reports start an hour later: at 03:30 instead of 02:30. The report of a customer starts some minutes after the time,
within the window (`within`). These minutes are computed from the customer's id, so that not all reports start at once.
Public holidays count as working days.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from assessments.timing.timetable import (
    MAX_WINDOW,
    NAMES,
    WEEKDAYS,
    delay_within,
    describe_minutes,
    parse_time,
)

DEFAULT_WINDOW: Final = 240
DEFAULT_TIME: Final = time(6)
LAST_WORKING_DAY: Final = 0
EXAMPLES: Final = (
    "weekly Mon 06:00",
    "monthly 1 06:00 within 240",
    "monthly last-working-day 06:00",
    "after-assessment",
)
# The periodic task starts due runs once a minute. A run that has not started this long after its time counts as missed.
MISSED_AFTER: Final = timedelta(minutes=10)
MAX_MISSED: Final = 1000
_WITHIN: Final = re.compile(r"\s+within\s+([0-9]{1,4})$")
_DAY: Final = re.compile(r"0?[1-9]|[12][0-9]|3[01]")
_SATURDAY: Final = 5


class Frequency(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    AFTER_ASSESSMENT = "after-assessment"


@dataclass(frozen=True, slots=True)
class ReportTimetable:
    """How often reports are built: a frequency with its day, local time and window in minutes.

    `day` is the weekday (0 is Monday), or for a monthly timetable the day of the month (1 to 31) or `LAST_WORKING_DAY`.
    A timetable after assessments uses neither day, time nor window. If a value is out of range, raise ValueError with a
    message for people.
    """

    frequency: Frequency
    day: int = 0
    at: time = DEFAULT_TIME
    window: int = DEFAULT_WINDOW

    def __post_init__(self) -> None:
        if self.frequency == Frequency.WEEKLY and self.day not in range(7):
            raise ValueError(f"Enter a weekday, as in “{EXAMPLES[0]}”.")
        if self.frequency == Frequency.MONTHLY and self.day not in range(32):
            raise ValueError(f"Enter a day from 1 to 31 or “last-working-day”, as in “{EXAMPLES[1]}”.")
        if not 0 <= self.window <= MAX_WINDOW:
            raise ValueError(f"Enter 0 to {MAX_WINDOW} minutes after “within”.")

    def __str__(self) -> str:
        """Return the timetable as text. `parse` returns an equal timetable for this text."""
        if self.frequency == Frequency.AFTER_ASSESSMENT:
            return str(self.frequency)
        of_month = str(self.day) if self.day else "last-working-day"
        day = WEEKDAYS[self.day] if self.frequency == Frequency.WEEKLY else of_month
        return f"{self.frequency} {day} {self.at:%H:%M} within {self.window}"

    @property
    def label(self) -> str:
        """The timetable in words: “Every Monday at 06:00, within 4 hours”."""
        if self.frequency == Frequency.AFTER_ASSESSMENT:
            return "After each complete assessment"
        if self.frequency == Frequency.WEEKLY:
            days = f"Every {NAMES[self.day]}"
        elif self.day == LAST_WORKING_DAY:
            days = "On the last working day of the month"
        else:
            days = f"On day {self.day} of the month"
        within = f", within {describe_minutes(self.window)}" if self.window else ""
        return f"{days} at {self.at:%H:%M}{within}"

    @property
    def follows_assessments(self) -> bool:
        """Whether reports are built after assessments, and not at fixed times."""
        return self.frequency == Frequency.AFTER_ASSESSMENT

    def delay(self, key: UUID) -> timedelta:
        """Return the delay between a time in the timetable and the start of the reports. The delay is computed from
        `key`, the id of the customer or organization.
        """
        return delay_within(self.window, b"report" + key.bytes)

    def next_start(self, after: datetime, zone: ZoneInfo, key: UUID) -> datetime | None:
        """Return the first start after the moment `after`, in UTC. Return None for a timetable after assessments.

        `key` is the id of the customer or organization.
        """
        if self.follows_assessments:
            return None
        delay = self.delay(key)
        # Begin before the day of `after`: because of the delay, or of an hour that the clock skips, reports of an
        # earlier day can start later than `after`.
        first = (after - delay).astimezone(zone).date() - timedelta(days=1)
        days = (first + timedelta(days=number) for number in range(70))
        starts = (datetime.combine(day, self.at, tzinfo=zone) for day in days if self._is_due_on(day))
        return min(start for at in starts if (start := at.astimezone(UTC) + delay) > after)

    def _is_due_on(self, day: date) -> bool:
        if self.frequency == Frequency.WEEKLY:
            return day.weekday() == self.day
        last = calendar.monthrange(day.year, day.month)[1]
        if self.day != LAST_WORKING_DAY:
            return day.day == min(self.day, last)
        if day.weekday() >= _SATURDAY:
            return False
        return all(
            date(day.year, day.month, later).weekday() >= _SATURDAY for later in range(day.day + 1, last + 1)
        )


def parse(text: str) -> ReportTimetable:
    """Parse the text of a timetable. If the text is not a timetable, raise ValueError with a message for
    people.
    """
    text = " ".join(text.split()).casefold()
    if text == Frequency.AFTER_ASSESSMENT:
        return ReportTimetable(Frequency.AFTER_ASSESSMENT)
    window = DEFAULT_WINDOW
    if found := _WITHIN.search(text):
        window, text = int(found[1]), text[: found.start()]
    words = text.split()
    if len(words) != 3 or words[0] not in (Frequency.WEEKLY, Frequency.MONTHLY):
        choices = ", ".join(f"“{example}”" for example in EXAMPLES)
        raise ValueError(f"“{text}” is not a schedule of reports. Enter a schedule such as {choices}.")
    frequency = Frequency(words[0])
    day = _weekday(words[1]) if frequency == Frequency.WEEKLY else _day_of_month(words[1])
    return ReportTimetable(frequency, day, parse_time(words[2]), window)


def _weekday(word: str) -> int:
    for number, names in enumerate(zip(WEEKDAYS, NAMES, strict=True)):
        if word in [name.casefold() for name in names]:
            return number
    raise ValueError(f"“{word}” is not a weekday. Enter a weekday such as Mon.")


def _day_of_month(word: str) -> int:
    if word == "last-working-day":
        return LAST_WORKING_DAY
    if _DAY.fullmatch(word):
        return int(word)
    raise ValueError(f"“{word}” is not a day of the month. Enter a day from 1 to 31, or “last-working-day”.")


def missed_starts(
    table: ReportTimetable, due_at: datetime, now: datetime, zone: ZoneInfo, key: UUID
) -> list[datetime]:
    """Return the times of the runs that were missed since `due_at`, because no worker was running; the oldest first.

    `key` is the id of the customer or organization to which the schedule belongs.
    """
    at: datetime | None = due_at
    found: list[datetime] = []
    while at is not None and at <= now - MISSED_AFTER and len(found) < MAX_MISSED:
        found.append(at)
        at = table.next_start(at, zone, key)
    return found
