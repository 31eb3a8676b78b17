"""Configurations and values as the pages of the inventory show them."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.estate.differences import ABSENT, MAX_DEPTH
from portal.web.inventory.rows import MAX_CHILDREN, tree
from portal.web.shared.differences import MAX_VALUE, text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Allow", "Allow"),
        (0, "0"),
        (1.5, "1.5"),
        (True, "yes"),
        (False, "no"),
        (None, "not set"),
        ("", "empty"),
        ([], "empty"),
        ({}, "empty"),
        (ABSENT, ""),
        (["22", 3389], "22, 3389"),
        ({"id": "/a", "type": "T", "name": "ssh", "properties": {"access": "Allow", "ports": ["22"]}},
         "name: ssh\nproperties › access: Allow\nproperties › ports: 22"),
        ([{"name": "a", "on": True}, {"on": False}], "a › name: a\na › on: yes\n2 › on: no"),
        ([["1"], ["2"]], "1: 1\n2: 2"),
    ],
)  # fmt: skip
def test_values_are_words(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_long_values_say_how_long_they_are() -> None:
    text = text_of("x" * (MAX_VALUE + 1))
    assert text.endswith(f"… ({MAX_VALUE + 1} characters)")
    assert len(text) < MAX_VALUE + 40


def test_a_hostile_depth_ends() -> None:
    value: Any = 1
    for _ in range(900):
        value = {"a": value}
    assert text_of(value).endswith("…")
    (node,) = tree({"a": value})
    depth = 0
    while node.children:
        (node,) = node.children
        depth += 1
    assert (node.value, depth) == ("…", MAX_DEPTH + 1)


def test_a_configuration_is_a_tree_with_sizes() -> None:
    nodes = tree({"name": "st1", "properties": {"rules": [{"name": "ssh"}, {"priority": 100}], "on": True}})
    assert [(node.name, node.value, node.size) for node in nodes] == [
        ("name", "st1", ""),
        ("properties", "", "2 properties"),
    ]
    rules = nodes[1].children[0]
    assert (rules.size, [one.name for one in rules.children]) == ("2 entries", ["ssh", "2"])
    assert rules.children[1].size == "1 property"


def test_a_configuration_with_very_many_entries_says_how_many_are_not_shown() -> None:
    (node,) = tree({"rules": [{"name": f"r{number}"} for number in range(MAX_CHILDREN + 5)]})
    assert (len(node.children), node.size) == (MAX_CHILDREN + 1, f"{MAX_CHILDREN + 5} entries")
    assert node.children[-1].value == "5 more"
