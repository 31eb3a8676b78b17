"""Differences between two configurations: values that are added, removed or changed, and changes that do not count."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.estate.differences import ABSENT, KEYS, Difference, differences
from tests.for_each import for_each

RULE = {"name": "allow-ssh", "properties": {"access": "Allow", "sourceAddressPrefix": "10.0.0.0/8"}}


def rule(name: str, **properties: Any) -> dict[str, Any]:
    return {"name": name, "properties": properties}


@for_each(
    ("before", "now", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [(("a",), 1, 2)]),
        ({}, {"a": None}, [(("a",), ABSENT, None)]),
        ({"a": None}, {}, [(("a",), None, ABSENT)]),
        ({"a": 1}, {"a": True}, [(("a",), 1, True)]),
        ({"a": 0}, {"a": False}, [(("a",), 0, False)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [(("a", "c"), 2, 3)]),
        ({"a": {"b": 1}}, {"a": [1]}, [(("a",), {"b": 1}, [1])]),
        # The order of texts and numbers in lists is ignored, but repetitions count.
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"a": ["x", "y"]}, {"a": ["y", "z"]}, [(("a",), "x", ABSENT), (("a",), ABSENT, "z")]),
        ({"a": ["x"]}, {"a": ["x", "x"]}, [(("a",), ABSENT, "x")]),
        # If the order has a meaning, the list is compared as one value.
        (
            {"dnsServers": ["10.0.0.4", "10.0.0.5"]},
            {"dnsServers": ["10.0.0.5", "10.0.0.4"]},
            [(("dnsServers",), ["10.0.0.4", "10.0.0.5"], ["10.0.0.5", "10.0.0.4"])],
        ),
        # Entries are matched by their names, in any order and regardless of case.
        (
            {"securityRules": [rule("ssh", access="Deny"), rule("web", access="Allow")]},
            {"securityRules": [rule("web", access="Allow"), rule("SSH", access="Allow")]},
            [
                (("securityRules", "SSH", "name"), "ssh", "SSH"),
                (("securityRules", "SSH", "properties", "access"), "Deny", "Allow"),
            ],
        ),
        (
            {"securityRules": [rule("ssh")]},
            {"securityRules": [rule("ssh"), RULE]},
            [(("securityRules", "allow-ssh"), ABSENT, RULE)],
        ),
        # A name that two entries share identifies neither of them, so each entry is compared as a whole.
        (
            {"rules": [rule("a", x=1), rule("a", x=2)]},
            {"rules": [rule("a", x=2), rule("a", x=3)]},
            [(("rules",), rule("a", x=1), ABSENT), (("rules",), ABSENT, rule("a", x=3))],
        ),
        ({"rules": [{"name": 5}]}, {"rules": [{"name": 5}]}, []),
        ({"rules": []}, {"rules": [{"id": "/a"}]}, [(("rules", "/a"), ABSENT, {"id": "/a"})]),
    ],
)
def test_differences(before: Any, now: Any, expected: list[tuple[Any, ...]]) -> None:
    assert differences(before, now) == [Difference(*row) for row in expected]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*KEYS, "a", "b"]), inner, max_size=4)
    ),
    max_leaves=20,
)
configurations = st.dictionaries(st.text(max_size=5), json_values, max_size=5)


def shuffled(value: Any, seed: random.Random) -> Any:
    """Return the value with each list in another order."""
    if isinstance(value, dict):
        return {key: shuffled(one, seed) for key, one in value.items()}
    if isinstance(value, list):
        entries = [shuffled(one, seed) for one in value]
        seed.shuffle(entries)
        return entries
    return value


@pytest.mark.slow(seconds=1)
@given(configurations, st.randoms(use_true_random=False))
def test_another_order_is_no_difference(content: dict[str, Any], seed: random.Random) -> None:
    assert differences(content, copy.deepcopy(content)) == []


@pytest.mark.slow(seconds=1)
@given(configurations, configurations)
def test_a_difference_is_found_in_both_directions(before: dict[str, Any], now: dict[str, Any]) -> None:
    forward, backward = differences(before, now), differences(now, before)
    assert len(forward) == len(backward)
    assert all(row.before is not row.now for row in forward)
    assert not any(row.is_added and row.is_removed for row in forward)


@pytest.mark.slow(seconds=1)
@given(configurations, st.text(max_size=5), json_values)
def test_a_changed_property_is_always_found(content: dict[str, Any], name: str, value: Any) -> None:
    changed = content | {name: {"now": value}}
    found = differences(content, changed)
    assert bool(found) == (content.get(name) != {"now": value} or repr(content[name]) != repr({"now": value}))


def test_deep_configurations_end() -> None:
    before: Any = 1
    now: Any = 2
    for _ in range(300):
        before, now = {"a": before}, {"a": now}
    (only,) = differences({"a": before}, {"a": now})
    assert len(only.path) <= 41
