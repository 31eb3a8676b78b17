"""The period of the audit room, also with the first and last days that Python's dates permit."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from portal.queries.audit_room import Period

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize("last", ["9999-12-31", "99991231"])
def test_a_period_without_an_end_is_refused(last: str) -> None:
    period = Period.parse({"to": [last]}, NOW, None)
    assert "earlier than 9999-12-31" in period.problem
    assert period.end == datetime(2026, 11, 27, tzinfo=UTC)


def test_a_period_without_a_day_before_is_refused() -> None:
    period = Period.parse({"from": ["0001-01-01"]}, NOW, None)
    assert "later than 0001-01-01" in period.problem
    assert period.first == date(2026, 8, 28)


def test_the_first_and_the_last_possible_days_are_read() -> None:
    period = Period.parse({"from": ["0001-01-02"], "to": ["9999-12-30"]}, NOW, None)
    assert (period.first, period.problem) == (date(1, 1, 2), "")
    assert period.end == datetime(9999, 12, 31, tzinfo=UTC)
