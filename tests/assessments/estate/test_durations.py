"""Time spans in Azure's notation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.estate.durations import timespan
from tests.for_each import for_each


@given(st.integers(0, 9999), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_time_spans_are_parsed(days: int, hours: int, minutes: int, seconds: int) -> None:
    clock = f"{hours:02}:{minutes:02}:{seconds:02}"
    wanted = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert timespan(f"{days}.{clock}") == wanted
    assert timespan(f" {clock} ") == wanted - timedelta(days=days)


@for_each(
    "text", ["", "8h", "08:00", "24:00:00", "00:60:00", "00:00:60", "-1.00:00:00", "1:2:3", "1.1.00:00:00"]
)
def test_an_invalid_time_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"d\.hh:mm:ss"):
        timespan(text)
