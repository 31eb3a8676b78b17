"""Days and moments in a person's time zone and date format."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tenants.errors import InvalidInput
from tenants.models import Person
from tenants.values import time_display

MOMENT = datetime(2027, 3, 31, 22, 30, 5, tzinfo=UTC)


def person(timezone: str = "", date_format: str = "iso") -> Person:
    return Person(email="a@example.com", timezone=timezone, date_format=date_format)


def test_without_a_person_everything_is_utc_and_iso() -> None:
    assert time_display.day(MOMENT) == "2027-03-31"
    assert time_display.minute(MOMENT) == "2027-03-31 22:30 UTC"
    assert time_display.second(MOMENT) == "2027-03-31 22:30:05 UTC"


def test_the_zone_can_change_the_day_and_ends_with_the_request() -> None:
    with time_display.showing(person("Europe/Berlin")):
        assert time_display.day(MOMENT) == "2027-04-01"
        assert time_display.minute(MOMENT) == "2027-04-01 00:30 CEST"
        with time_display.showing(person("America/New_York")):
            assert time_display.second(MOMENT) == "2027-03-31 18:30:05 EDT"
        assert time_display.day(MOMENT) == "2027-04-01"
    assert time_display.day(MOMENT) == "2027-03-31"


def test_a_day_stays_that_day_in_every_zone() -> None:
    last = datetime(2027, 3, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        with time_display.showing(person(zone)):
            assert time_display.day(last) == time_display.day(date(2027, 3, 31)) == "2027-03-31"


@pytest.mark.parametrize(
    ("moment", "zone", "shown"),
    [
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "Pacific/Kiritimati", "9999-12-31 23:59:59 UTC"),
        (datetime(9999, 12, 31, 12, 0, 0, tzinfo=UTC), "Pacific/Kiritimati", "9999-12-31 12:00:00 UTC"),
    ],
)
def test_moments_at_the_ends_of_the_calendar_are_shown(moment: datetime, zone: str, shown: str) -> None:
    """People enter 9999-12-31 for access without an end. In zones east of UTC, this moment is after the
    last day of the calendar.
    """
    with time_display.showing(person(zone)):
        assert time_display.second(moment) == shown
        assert time_display.minute(moment) == f"{shown[:16]} UTC"
        assert time_display.day(moment) == shown[:10]
        assert time_display.clock(moment) == shown[11:19]


@pytest.mark.parametrize(
    ("date_format", "shown"),
    [
        ("iso", "2027-03-31"),
        ("dots", "31.03.2027"),
        ("slashes", "31/03/2027"),
        ("month_first", "03/31/2027"),
        ("en-gb", "31 March 2027"),
        ("de", "31. März 2027"),
        ("fr", "31 mars 2027"),
        ("es", "31 marzo 2027"),
        ("nonsense", "2027-03-31"),
    ],
)
def test_formats(date_format: str, shown: str) -> None:
    with time_display.showing(person("", date_format)):
        assert time_display.day(MOMENT) == shown
        assert time_display.minute(MOMENT) == f"{shown} 22:30 UTC"


def test_an_unknown_zone_is_refused_and_a_stored_one_that_vanished_shows_utc() -> None:
    with time_display.showing(person("Mars/Olympus")):
        assert time_display.minute(MOMENT).endswith(" UTC")
    for timezone, date_format in (("Mars/Olympus", "iso"), ("../../etc/passwd", "iso"), ("", "klingon")):
        with pytest.raises(InvalidInput):
            time_display.change_time_display(by=person(), timezone=timezone, date_format=date_format)


def test_every_format_has_an_example_and_zones_have_no_aliases() -> None:
    examples = [time_display.example(one) for one in time_display.FORMATS]
    assert len(set(examples)) == len(examples)
    assert "31. März 2027 (Deutsch)" in examples
    assert "Europe/Berlin" in time_display.zones()
    assert not {"GMT0", "Etc/GMT+1", "UTC"} & set(time_display.zones())
