"""Numbers, shares of the address space and durations in words."""

from __future__ import annotations

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from assessments.estate.durations import timespan
from assessments.estate.quantities import addresses, duration, parameter_text, percent, whole_percent
from assessments.estate.ranges import PUBLIC_IPV4, PUBLIC_IPV6, size
from tests.for_each import for_each


@for_each(
    ("count", "version", "text"),
    [
        (0, 4, "no IPv4"),
        (1, 4, "1 IPv4 address"),
        (256, 4, "256 IPv4 addresses (/24)"),
        (257, 4, "257 IPv4 addresses"),
        (2**24, 4, "16,777,216 IPv4 addresses (/8)"),
        (2**31, 4, "50 % of IPv4"),
        (size(PUBLIC_IPV4), 4, "93 % of IPv4"),
        (2**32 - 1, 4, "99 % of IPv4"),
        (2**32, 4, "all of IPv4"),
        (0, 6, "no IPv6"),
        (2**64, 6, "an IPv6 network of size /64"),
        (2**64 + 1, 6, "2 IPv6 networks of size /64"),
        (2**96, 6, "an IPv6 network of size /32"),
        (size(PUBLIC_IPV6) // 2, 6, "50 % of public IPv6"),
        (size(PUBLIC_IPV6), 6, "all public IPv6"),
        (2**128, 6, "all of IPv6"),
    ],
)
def test_addresses(count: int, version: int, text: str) -> None:
    assert addresses(count, version) == text


@given(st.integers(0, 2**128), st.sampled_from([4, 6]))
def test_texts_say_all_only_of_the_whole_address_space_and_have_no_long_number(
    count: int, version: int
) -> None:
    text = addresses(count, version)
    space = 2 ** (32 if version == 4 else 128)
    assert text.startswith("all of") == (count >= space)
    assert text.startswith("no ") == (count == 0)
    assert not re.search(r"\d{5,}", text)
    assert len(text) < 60


@given(st.integers(0, 2**32 - 1))
def test_a_network_has_the_size_that_is_named(count: int) -> None:
    if match := re.search(r"\(/(\d+)\)", addresses(count, 4)):
        assert count == 2 ** (32 - int(match[1]))


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_a_share_is_complete_only_if_nothing_is_missing(whole: int, part: int) -> None:
    assert (whole_percent(part, whole) == "100 %") == (part >= whole)
    assert (whole_percent(part, whole) == "0 %") == (part == 0)


@given(st.floats(0, 1))
def test_percent_is_complete_only_at_one(share: float) -> None:
    assert (percent(share) == "100 %") == (share == 1)
    assert (percent(share) == "0 %") == (share == 0)


@for_each(
    ("text", "words"),
    [
        ("0.08:00:00", "8 hours"),
        ("1.00:00:00", "1 day"),
        ("1.12:30:01", "1 day 12 hours 30 minutes 1 second"),
        ("00:00:00", "0 seconds"),
    ],
)
def test_time_spans(text: str, words: str) -> None:
    assert duration(timespan(text)) == words


def test_long_durations_have_separators() -> None:
    assert duration(timedelta(days=12_345)) == "12,345 days"


@for_each(("value", "text"), [(1.0, "1"), (0.95, "0.95"), (True, "yes"), (1024, "1,024"), ("", "none")])
def test_values_of_parameters(value: object, text: str) -> None:
    assert parameter_text(value) == text
