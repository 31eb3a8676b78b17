"""Timetables are read from text, give the right local times when clocks change, and spread many customers over time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.timing.timetable import MAX_WINDOW, Timetable, describe_minutes, parse, timetable
from tests.for_each import for_each

KEY = UUID("0198d2f0-0000-7000-8000-000000000001")
BERLIN = ZoneInfo("Europe/Berlin")
# Zones whose clocks change by an hour, by half an hour, at midnight, or in southern seasons, and zones whose clocks
# never change.
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
]

timetables = st.builds(
    timetable,
    st.sets(st.integers(0, 6), min_size=1),
    st.sets(st.times().map(lambda at: at.replace(second=0, microsecond=0, fold=0)), min_size=1, max_size=5),
    st.integers(0, MAX_WINDOW),
)
moments = st.integers(0, 15 * 365 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
zones = st.sampled_from(ZONES).map(ZoneInfo)


@given(timetables)
def test_text_of_a_timetable_is_read_back(table: Timetable) -> None:
    assert parse(str(table)) == table
    assert len(str(table)) <= 250


@for_each(
    ("text", "canonical"),
    [
        ("daily 02:00", "daily 02:00 within 120"),
        ("Mon-Fri 2:00 within 2 h", "Mon-Fri 02:00 within 120"),
        ("weekends, 14:00; 02:00 within 90 min", "Sat,Sun 02:00,14:00 within 90"),
        ("Saturday 23:59 02:00 23:59 within 0", "Sat 02:00,23:59 within 0"),
        ("sun-mon 00:00", "Mon,Sun 00:00 within 120"),
        ("Fri–Mon 00:00 within 1hour", "Mon,Fri-Sun 00:00 within 60"),
        ("weekdays weekends 1:05", "daily 01:05 within 120"),
    ],
)
def test_other_spellings(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


@for_each(
    ("text", "words"),
    [
        ("", "weekday"),
        ("daily", "at most 24 times"),
        ("02:00", "weekday"),
        ("daily 24:00", "“24:00” is not a time"),
        ("daily 2:0", "“2:0” is not a time"),
        ("daily \uff12:\uff10\uff10", "is not a time"),
        ("Mo-Fr 02:00", "“Mo-Fr” is neither a weekday nor a time"),
        ("Montag 02:00", "neither"),
        ("daily-Mon 02:00", "neither"),
        ("- 02:00", "neither"),
        ("daily 02:00 within 721", "0 to 720"),
        ("daily 02:00 within", "neither"),
        ("daily 02:00 within -5", "neither"),
        ("daily 02:00 within 99999", "neither"),
        ("daily 02:00 within 5 within 6", "only once"),
        (
            "daily " + " ".join(f"0{hour}:{minute}0" for hour in range(5) for minute in range(6)),
            "at most 24 times",
        ),
        ("0 2 * * *", "neither"),
    ],
)
def test_text_that_is_no_timetable_says_what_to_enter(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as error:
        parse(text)
    assert words in str(error.value)


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        table = parse(text)
    except ValueError:
        return
    assert parse(str(table)) == table


def starts(table: Timetable, first: datetime, number: int, zone: ZoneInfo = BERLIN) -> list[str]:
    found = []
    for _ in range(number):
        first = table.next_start(first, zone, KEY)
        found.append(first.astimezone(zone).strftime("%a %d %H:%M %Z"))
    return found


def test_time_that_does_not_exist_starts_once_an_hour_later() -> None:
    # On 29 March 2026 at 02:00, clocks in Berlin are put forward to 03:00.
    table = parse("daily 02:30 within 0")
    assert starts(table, datetime(2026, 3, 28, 0, 0, tzinfo=UTC), 3) == [
        "Sat 28 02:30 CET",
        "Sun 29 03:30 CEST",
        "Mon 30 02:30 CEST",
    ]
    # On this day, 02:45 does not exist, so its start moves to 03:45. That is after 03:15. The timetable also has 03:45,
    # but there is only one start at that time.
    assert starts(parse("Sun 02:45,03:15,03:45 within 0"), datetime(2026, 3, 28, tzinfo=UTC), 3) == [
        "Sun 29 03:15 CEST",
        "Sun 29 03:45 CEST",
        "Sun 05 02:45 CEST",
    ]


def test_time_that_exists_twice_starts_once() -> None:
    # On 25 October 2026 at 03:00, clocks in Berlin are put back to 02:00.
    table = parse("daily 02:30 within 0")
    assert starts(table, datetime(2026, 10, 24, 12, 0, tzinfo=UTC), 2) == [
        "Sun 25 02:30 CEST",
        "Mon 26 02:30 CET",
    ]


@given(timetables, moments, zones)
def test_next_start_is_the_first_one_after_the_moment(
    table: Timetable, after: datetime, zone: ZoneInfo
) -> None:
    """Compare the next start with all starts on the local days around the moment."""
    delay = table.delay(KEY)
    days = [after.date() + timedelta(days=number) for number in range(-3, 11)]
    every = {
        datetime.combine(day, at, tzinfo=zone).astimezone(UTC) + delay
        for day in days
        if day.weekday() in table.weekdays
        for at in table.times
    }
    assert table.next_start(after, zone, KEY) == min(start for start in every if start > after)


@pytest.mark.slow(seconds=1)
@given(timetables, st.dates(date(2024, 1, 1), date(2030, 12, 1)), zones)
def test_each_local_time_starts_once(table: Timetable, first: date, zone: ZoneInfo) -> None:
    """In 21 days, each local time of a weekday has three starts, but a change of the clock can move or merge starts."""
    begin = datetime.combine(first, time(12), tzinfo=UTC)
    end = begin + timedelta(days=21)
    found = list(table.starts_between(begin, end, zone, KEY))
    assert found == sorted(set(found))
    assert all(begin < start <= end for start in found)
    number = 3 * len(table.weekdays) * len(table.times)
    # A change of the clock can move a start out of the period or into it, and can make the starts of two local times
    # coincide.
    assert abs(len(found) - number) <= 2


def test_every_zone_has_a_next_start() -> None:
    table, now = parse("Wed 02:30"), datetime(2026, 11, 26, tzinfo=UTC)
    for name in sorted(available_timezones()):
        start = table.next_start(now, ZoneInfo(name), KEY)
        assert now < start <= now + timedelta(days=9), name


def test_a_thousand_customers_do_not_start_at_once() -> None:
    table, now = parse("daily 02:00 within 120"), datetime(2026, 11, 26, tzinfo=UTC)
    found = Counter(table.next_start(now, ZoneInfo("UTC"), uuid5(KEY, str(number))) for number in range(1000))
    assert min(found) >= datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
    assert max(found) < datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
    assert len(found) > 110
    assert max(found.values()) <= 25  # On average, 1,000 / 120 = 8.3 customers start in a minute.


def test_a_customer_starts_at_the_same_time_each_day() -> None:
    table, now = parse("daily 02:00 within 120"), datetime(2026, 11, 1, tzinfo=UTC)
    found = list(table.starts_between(now, now + timedelta(days=10), ZoneInfo("UTC"), KEY))
    assert len(found) == 10
    assert len({start.time() for start in found}) == 1


@for_each(
    ("text", "label"),
    [
        ("daily 02:00", "Every day at 02:00, within 2 hours"),
        ("Mon-Fri 06:00 18:00 within 90", "Monday to Friday at 06:00 and 18:00, within 1 hour 30 minutes"),
        ("Mon Wed 02:00 within 0", "Monday and Wednesday at 02:00"),
        ("weekends 02:00 within 1", "Saturday and Sunday at 02:00, within 1 minute"),
    ],
)
def test_label(text: str, label: str) -> None:
    assert parse(text).label == label


def test_minutes_in_words() -> None:
    assert [describe_minutes(number) for number in (0, 1, 60, 61, 120, 135)] == [
        "0 minutes",
        "1 minute",
        "1 hour",
        "1 hour 1 minute",
        "2 hours",
        "2 hours 15 minutes",
    ]
