"""Timetables of reports: their text, and the next start in a customer's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.distribution.timetable import Frequency, ReportTimetable, parse

BERLIN = ZoneInfo("Europe/Berlin")
KEY = UUID(int=7)


@pytest.mark.parametrize(
    ("text", "stored", "label"),
    [
        ("weekly Mon 06:00", "weekly Mon 06:00 within 240", "Every Monday at 06:00, within 4 hours"),
        ("Weekly  monday 6:05 within 0", "weekly Mon 06:05 within 0", "Every Monday at 06:05"),
        (
            "monthly 31 23:59 within 60",
            "monthly 31 23:59 within 60",
            "On day 31 of the month at 23:59, within 1 hour",
        ),
        (
            "monthly last-working-day 06:00 within 0",
            "monthly last-working-day 06:00 within 0",
            "On the last working day of the month at 06:00",
        ),
        ("AFTER-assessment", "after-assessment", "After each complete assessment"),
    ],
)
def test_texts_are_understood_and_stored_in_one_form(text: str, stored: str, label: str) -> None:
    assert str(parse(text)) == stored
    assert str(parse(stored)) == stored
    assert parse(text).label == label


@pytest.mark.parametrize(
    "text",
    [
        "", "monthly", "monthly 0 06:00", "monthly 32 06:00", "monthly \u0661 06:00", "weekly 1 06:00",
        "weekly Mon 24:00", "daily Mon 06:00", "weekly Mon 06:00 within 721", "after-assessment 06:00",
    ],
)  # fmt: skip
def test_other_texts_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="Enter"):
        parse(text)


def start(text: str, after: datetime) -> str:
    found = parse(f"{text} within 0").next_start(after, BERLIN, KEY)
    assert found is not None
    return f"{found.astimezone(BERLIN):%a %Y-%m-%d %H:%M}"


def test_the_last_working_day_is_the_last_monday_to_friday_of_the_month() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    found = []
    for _ in range(6):
        at = parse("monthly last-working-day 06:00 within 0").next_start(at, BERLIN, KEY) or at
        found.append(f"{at.astimezone(BERLIN):%a %m-%d}")
    assert found == ["Fri 01-30", "Fri 02-27", "Tue 03-31", "Thu 04-30", "Fri 05-29", "Tue 06-30"]


def test_days_that_a_month_does_not_have_are_its_last_day() -> None:
    assert start("monthly 31 06:00", datetime(2026, 2, 1, tzinfo=UTC)) == "Sat 2026-02-28 06:00"
    assert start("monthly 30 06:00", datetime(2028, 2, 1, tzinfo=UTC)) == "Tue 2028-02-29 06:00"
    assert start("monthly 31 06:00", datetime(2026, 3, 1, tzinfo=UTC)) == "Tue 2026-03-31 06:00"


def test_starts_follow_the_clocks_of_the_time_zone() -> None:
    # In Berlin, clocks are put forward from 02:00 to 03:00 on 2026-03-29, and back from 03:00 to 02:00 on 2026-10-25.
    assert start("weekly Sun 02:30", datetime(2026, 3, 23, tzinfo=UTC)) == "Sun 2026-03-29 03:30"
    first = parse("weekly Sun 02:30 within 0").next_start(datetime(2026, 10, 20, tzinfo=UTC), BERLIN, KEY)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    after = parse("weekly Sun 02:30 within 0").next_start(first, BERLIN, KEY)
    assert after == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)


def test_fifty_customers_with_the_same_timetable_are_spread_over_the_window() -> None:
    table = parse("monthly 1 06:00 within 240")
    after = datetime(2026, 5, 2, tzinfo=UTC)
    starts = [table.next_start(after, BERLIN, UUID(int=number)) for number in range(50)]
    minutes = sorted((at - datetime(2026, 6, 1, 4, tzinfo=UTC)).total_seconds() / 60 for at in starts if at)
    assert len(minutes) == 50
    assert min(minutes) >= 0
    assert max(minutes) < 240
    assert len(set(minutes)) > 35
    # Fewer than half of the customers start in any one hour of the window.
    assert max(sum(hour <= minute < hour + 60 for minute in minutes) for hour in range(0, 240, 60)) < 25


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
WINDOWS = st.integers(0, 720)
TABLES = st.one_of(
    st.builds(ReportTimetable, st.just(Frequency.WEEKLY), st.integers(0, 6), TIMES, WINDOWS),
    st.builds(ReportTimetable, st.just(Frequency.MONTHLY), st.integers(0, 31), TIMES, WINDOWS),
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"])


@pytest.mark.slow(seconds=1)
@given(table=TABLES, after=MOMENTS, zone=ZONES, key=st.uuids())
def test_a_start_is_later_and_within_its_window(
    table: ReportTimetable, after: datetime, zone: str, key: UUID
) -> None:
    place = ZoneInfo(zone)
    found = table.next_start(after, place, key)
    assert found is not None
    assert found > after
    assert (found - after).days <= (8 if table.frequency == Frequency.WEEKLY else 33)
    assert parse(str(table)) == table
    # Asked again halfway, `next_start` returns the same start. So no start in the second half was skipped.
    assert table.next_start(after + (found - after) / 2, place, key) == found
