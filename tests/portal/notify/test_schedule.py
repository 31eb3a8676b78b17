"""Digests are due at 7:00 in the tenant's time zone, even when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.notify.kinds import Delivery
from portal.notify.schedule import DIGEST_AT, delivery_time

ZONES = sorted(available_timezones() - {"localtime"})
MOMENTS = st.datetimes(
    datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2037-12-31"), timezones=st.just(UTC)
)


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from([Delivery.DAILY, Delivery.WEEKLY]))
@example(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "Europe/Berlin", Delivery.DAILY)
@example(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", Delivery.DAILY)
@example(datetime(2026, 10, 4, 15, 0, tzinfo=UTC), "Australia/Lord_Howe", Delivery.WEEKLY)
def test_a_digest_leaves_at_the_next_seven_o_clock(now: datetime, zone: str, delivery: Delivery) -> None:
    when = delivery_time(delivery, now, zone)
    local = when.astimezone(ZoneInfo(zone))
    assert when.tzinfo is UTC
    assert local.time() == DIGEST_AT
    # A day on which the clocks change has 23 or 25 hours.
    days = 1 if delivery == Delivery.DAILY else 7
    assert timedelta(0) < when - now <= timedelta(days=days, hours=1)
    if delivery == Delivery.WEEKLY:
        assert local.weekday() == 0
    # The time of the previous digest is not after `now`, so no digest was skipped.
    before = datetime.combine(local.date() - timedelta(days=days), DIGEST_AT, tzinfo=ZoneInfo(zone))
    assert before.astimezone(UTC) <= now


@given(MOMENTS, MOMENTS, st.sampled_from(ZONES), st.sampled_from(list(Delivery)))
def test_later_events_are_not_mailed_earlier(
    first: datetime, second: datetime, zone: str, delivery: Delivery
) -> None:
    first, second = sorted([first, second])
    assert delivery_time(delivery, first, zone) <= delivery_time(delivery, second, zone)


TABLE = [
    # Just before 7:00, and at 7:00, in Berlin, where winter time is UTC+1.
    ("daily", "2026-11-25T05:59:59", "Europe/Berlin", "2026-11-25T06:00:00"),
    ("daily", "2026-11-25T06:00:00", "Europe/Berlin", "2026-11-26T06:00:00"),
    # The digests on the mornings after the clocks went forward and back.
    ("daily", "2026-03-28T12:00:00", "Europe/Berlin", "2026-03-29T05:00:00"),
    ("daily", "2026-10-24T12:00:00", "Europe/Berlin", "2026-10-25T06:00:00"),
    # 2026-11-23 is a Monday.
    ("weekly", "2026-11-23T05:00:00", "Europe/Berlin", "2026-11-23T06:00:00"),
    ("weekly", "2026-11-23T06:00:00", "Europe/Berlin", "2026-11-30T06:00:00"),
    ("weekly", "2026-11-22T23:30:00", "Europe/Berlin", "2026-11-23T06:00:00"),
    # One time zone far ahead of UTC, and one far behind it.
    ("daily", "2026-11-25T16:00:00", "Pacific/Kiritimati", "2026-11-25T17:00:00"),
    ("daily", "2026-11-25T18:30:00", "Pacific/Pago_Pago", "2026-11-26T18:00:00"),
    # Without a digest, the time stays the same.
    ("immediate", "2026-11-25T18:30:00", "Europe/Berlin", "2026-11-25T18:30:00"),
    ("off", "2026-11-25T18:30:00", "Europe/Berlin", "2026-11-25T18:30:00"),
]


@pytest.mark.parametrize(("delivery", "now", "zone", "when"), TABLE)
def test_delivery_times_in_examples(delivery: str, now: str, zone: str, when: str) -> None:
    found = delivery_time(Delivery(delivery), datetime.fromisoformat(now).replace(tzinfo=UTC), zone)
    assert found == datetime.fromisoformat(when).replace(tzinfo=UTC)
    assert time(7) == DIGEST_AT
