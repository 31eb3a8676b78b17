"""Configurations and values as the pages of the inventory show them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from typing import Any

import pytest

from assessments.estate.differences import ABSENT, MAX_DEPTH, Difference
from portal.web.inventory.rows import MAX_CHILDREN, MAX_NODES, Node, tree
from portal.web.shared.differences import MAX_NAME, MAX_VALUE, differences, text_of


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


def _count(nodes: Sequence[Node]) -> int:
    return sum(1 + _count(node.children) for node in nodes)


def test_a_configuration_with_very_many_properties_shows_some_of_each_object() -> None:
    content = {f"p{i}": {f"q{j}": {f"r{k}": k for k in range(40)} for j in range(40)} for i in range(40)}
    nodes = tree(content)
    assert MAX_NODES // 10 < _count(nodes) <= MAX_NODES
    assert nodes[-1].value == "30 more"
    assert [node.children[0].children[0].value for node in nodes[:-1]] == ["0"] * 10


@pytest.mark.slow(seconds=1)
def test_a_value_below_a_long_name_is_cut_without_repeating_the_name() -> None:
    """If each of the values began with the whole name of a million characters, the text would fill the memory."""
    tracemalloc.start()
    text = text_of({"n" * 1_000_000: {f"p{number}": number for number in range(100_000)}})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert text.startswith("n" * MAX_NAME + "… › p0: 0\n")
    assert len(text) < MAX_VALUE + 10
    assert peak < 30_000_000
    assert text_of(["ab"] * 100_000).endswith(" …")


def test_long_names_of_changed_properties_are_cut() -> None:
    ((_, (shown, complete)),) = (row.path for row in differences([Difference(("a", "n" * 5000), 1, 2)]))
    assert shown == "n" * MAX_NAME + "…"
    assert complete == "n" * 1000 + "…"
