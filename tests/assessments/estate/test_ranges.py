"""Address ranges behave as sets of numbers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.estate.ranges import (
    PUBLIC_IPV4,
    blocks,
    few_networks,
    intersect,
    network,
    ranges,
    size,
    subtract,
    union,
)
from tests.for_each import for_each

parts = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


def members(found: object) -> set[int]:
    return {number for start, end in found for number in range(start, end + 1)}  # type: ignore[attr-defined]


@given(parts)
def test_ranges_are_sorted_disjoint_and_preserve_the_set(given_parts: list[tuple[int, int]]) -> None:
    found = ranges(given_parts)
    assert members(found) == members(given_parts)
    assert size(found) == len(members(given_parts))
    assert all(left[1] + 1 < right[0] for left, right in pairwise(found))


@given(parts, parts)
def test_operations_match_set_operations(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    one, other = ranges(left), ranges(right)
    for operation, expected in (
        (union, members(one) | members(other)),
        (intersect, members(one) & members(other)),
        (subtract, members(one) - members(other)),
    ):
        found = operation(one, other)
        assert members(found) == expected
        assert found == ranges(found)


@for_each(
    ("text", "version", "count"),
    [
        ("0.0.0.0/0", 4, 2**32),
        ("203.0.113.7/24", 4, 256),
        ("203.0.113.7", 4, 1),
        ("203.0.113.7 - 203.0.113.9", 4, 3),
        ("::/0", 6, 2**128),
        ("2001:db8::/32", 6, 2**96),
    ],
)
def test_networks_are_parsed(text: str, version: int, count: int) -> None:
    found, block = network(text)
    assert (found, size((block,))) == (version, count)


@for_each("text", ["", "x", "1.2.3", "1.2.3.4/33", "1.2.3.4-::1", "1.2.3.9-1.2.3.4", "1.2.3.4-"])
def test_an_invalid_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        network(text)


@for_each("private", ["10.1.2.3", "172.31.0.1", "192.168.9.9", "100.64.0.1", "169.254.1.1", "127.0.0.1"])
def test_private_addresses_are_not_public(private: str) -> None:
    assert intersect(PUBLIC_IPV4, blocks(private)) == ()


@for_each("public", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "11.0.0.0", "223.255.255.255"])
def test_other_addresses_are_public(public: str) -> None:
    assert size(intersect(PUBLIC_IPV4, blocks(public))) == 1


def test_few_networks_are_named_and_many_are_not() -> None:
    v4 = blocks("10.0.0.0/8", "192.0.2.1", "198.51.100.1-198.51.100.6")
    assert few_networks(v4, blocks("2001:db8::/32")) == [
        "10.0.0.0/8",
        "192.0.2.1",
        "198.51.100.1 to 198.51.100.6",
        "2001:db8::/32",
    ]
    assert few_networks(blocks("0.0.0.0/1", "128.0.0.0/1"), ()) == ["0.0.0.0/0"]
    assert few_networks(PUBLIC_IPV4, ()) == []
