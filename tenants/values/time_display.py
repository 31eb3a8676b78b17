"""Show points in time and days to a person in the person's time zone and date format.

During a request, `showing(person)` sets the time zone and the date format that `day`, `minute` and `second` use.
Outside of `showing`, these functions use UTC and ISO 8601. So the output of commands, reports and exports does not
depend on the person who runs them.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Final

from django.utils import translation
from django.utils.formats import date_format as localized

from tenants.errors import invalid
from tenants.models import Person
from tenants.values.days import DAY_ENDS

ISO: Final = "iso"
_NUMERIC: Final = {ISO: "%Y-%m-%d", "dots": "%d.%m.%Y", "slashes": "%d/%m/%Y", "month_first": "%m/%d/%Y"}
# The name of each language, written in that language.
_LANGUAGES: Final = {
    "en-gb": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano",
    "nl": "Nederlands", "pt": "Português", "pl": "Polski", "sv": "Svenska",
}  # fmt: skip
FORMATS: Final = (*_NUMERIC, *_LANGUAGES)
# A moment in a stored text of a notice, such as “2027-03-31 12:00 UTC”.
_STORED: Final = re.compile(r"\b([0-9]{4}-[0-9]{2}-[0-9]{2})(?: at)? ([0-9]{2}:[0-9]{2}) UTC\b")


@dataclass(frozen=True, slots=True)
class TimeDisplay:
    """A time zone, and one of FORMATS: a numeric date format, or the language in which the month is written."""

    zone: zoneinfo.ZoneInfo
    date_format: str


_DEFAULT: Final = TimeDisplay(zoneinfo.ZoneInfo("UTC"), ISO)
_current: ContextVar[TimeDisplay] = ContextVar("time_display", default=_DEFAULT)


@contextmanager
def showing(person: Person) -> Iterator[None]:
    """Show moments in the time zone and the date format that the person has chosen."""
    token = _current.set(_of(person.timezone, person.date_format))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def showing_by_default(person: Person, zones: Iterable[str]) -> Iterator[None]:
    """Show moments in the time zone of the person's organizations, unless the person has chosen a time zone.

    `zones` are the time zones of the organizations. If these differ, and the person has chosen none, moments are in
    UTC.
    """
    places = set(zones)
    token = _current.set(
        _of(person.timezone or (places.pop() if len(places) == 1 else ""), person.date_format)
    )
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def showing_in_mail(person: Person | None, default_zone: str) -> Iterator[None]:
    """Show moments in a mail to the person: in the person's time zone, or in `default_zone` if the person has chosen
    none.

    `person` is None for a recipient without an account.
    """
    zone, dates = (person.timezone, person.date_format) if person else ("", ISO)
    token = _current.set(_of(zone or default_zone, dates))
    try:
        yield
    finally:
        _current.reset(token)


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return a moment in a time zone. Return it unchanged if the year of the result would be before 1 or after 9999:
    people and Azure write 9999-12-31 and 0001-01-01 for “never”.
    """
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def zone_name() -> str:
    """Return the name of the time zone in use, as pages show it: without underscores, such as `America/New York`."""
    return _current.get().zone.key.replace("_", " ")


def local_date(value: date) -> date:
    """Return the day of a moment in the person's time zone. A day is returned unchanged."""
    if not isinstance(value, datetime):
        return value
    # A last day that a person chooses, such as the end of an exception, is stored as the last second of this day in
    # UTC. In every time zone, pages show this second as the chosen day.
    exact = value.astimezone(UTC)
    is_chosen_day = exact.time().replace(microsecond=0) == DAY_ENDS
    return exact.date() if is_chosen_day else in_zone(value, _current.get().zone).date()


def day(value: date) -> str:
    """Return a day as text in the person's format. For a moment, return its day in the person's time zone."""
    return _formatted(local_date(value), _current.get().date_format)


def minute(moment: datetime) -> str:
    """Return a moment as text to the minute, with the time zone."""
    return _moment(moment, "%H:%M")


def second(moment: datetime) -> str:
    """Return a moment as text to the second, with the time zone."""
    return _moment(moment, "%H:%M:%S")


def minute_in_named_zone(moment: datetime) -> str:
    """Return a moment to the minute, with the name of the time zone: `2027-03-31 14:00 CEST (Europe/Berlin)`. In UTC,
    the name is not repeated.
    """
    name = zone_name()
    return minute(moment) if name == "UTC" else f"{minute(moment)} ({name})"


def localized_text(text: str) -> str:
    """Return a text with moments such as `2027-03-31 12:00 UTC` replaced by the same moments in the reader's time
    zone.

    Texts of notices are stored once for all readers, with moments in UTC.
    """
    return _STORED.sub(_replaced, text)


def _replaced(found: re.Match[str]) -> str:
    try:
        moment = datetime.strptime(f"{found[1]} {found[2]}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:  # A person has typed a day that does not exist, such as 2027-02-31.
        return found[0]
    return minute_in_named_zone(moment)


def clock(moment: datetime) -> str:
    """Return the time of day to the second, without the day and the time zone."""
    return f"{in_zone(moment, _current.get().zone):%H:%M:%S}"


def example(date_format: str) -> str:
    """Return an example of a date format, for a list in which people choose a format. If the format writes the month as
    a word, add the name of the language.
    """
    text = _formatted(date(2027, 3, 31), date_format)
    return f"{text} ({_LANGUAGES[date_format]})" if date_format in _LANGUAGES else text


def zones() -> list[str]:
    """Return the names of the time zones. Names without a slash, such as `Japan`, and fixed offsets (`Etc/`) are left
    out.
    """
    return sorted(
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")
    )


def change_time_display(*, by: Person, timezone: str, date_format: str) -> Person:
    """Store the person's time zone and date format. An empty time zone stands for the organization's time zone.

    Raise InvalidInput for an unknown choice.
    """
    if timezone and timezone not in zoneinfo.available_timezones():
        raise invalid("timezone", "Choose a time zone from the list.")
    if date_format not in FORMATS:
        raise invalid("date_format", "Choose a date format from the list.")
    by.timezone, by.date_format = timezone, date_format
    by.save(update_fields=["timezone", "date_format"])
    return by


def _moment(moment: datetime, clock: str) -> str:
    display = _current.get()
    local = in_zone(moment, display.zone)
    return f"{_formatted(local.date(), display.date_format)} {local:{clock}} {local.tzname()}"


def _formatted(value: date, date_format: str) -> str:
    if date_format in _LANGUAGES:
        with translation.override(date_format):
            return str(localized(value, "j. F Y" if date_format == "de" else "j F Y", use_l10n=False))
    return value.strftime(_NUMERIC.get(date_format, _NUMERIC[ISO]))


@lru_cache(maxsize=256)
def _of(timezone: str, date_format: str) -> TimeDisplay:
    try:
        zone = zoneinfo.ZoneInfo(timezone or "UTC")
    # A newer time zone database may no longer contain the stored zone.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = _DEFAULT.zone
    return TimeDisplay(zone, date_format if date_format in FORMATS else ISO)
