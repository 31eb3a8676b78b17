"""Times and IP addresses in entries of Azure's logs."""

from datetime import UTC, datetime

import pytest

from assessments.collect.activity.event_values import address_of, time_of
from assessments.collect.errors import BadAnswer


@pytest.mark.parametrize(
    "text",
    ["2026-11-02T10:00:00.1234567Z", "2026-11-02T12:00:00.1234567+02:00", "2026-11-02T10:00:00.1234567"],
)
def test_a_time_with_seven_fraction_digits_is_cut_to_microseconds(text: str) -> None:
    assert time_of(text, "The event") == datetime(2026, 11, 2, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize("value", ["", "yesterday", None, 12, "0001-01-01T00:00:00+14:00"])
def test_a_value_that_is_not_a_time_is_a_bad_answer(value: object) -> None:
    with pytest.raises(BadAnswer, match="The event has no valid time"):
        time_of(value, "The event")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("localhost", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_only_an_ip_address_is_an_address(value: object, address: str) -> None:
    assert address_of(value) == address
