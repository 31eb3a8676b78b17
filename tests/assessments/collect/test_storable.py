"""Values in Azure's answers that cannot be stored are replaced, wherever they are in the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments.collect.errors import BadAnswer
from assessments.collect.http.wire import MAX_ID, charset_of, documents_of, storable
from assessments.estate.collection import Shape
from tests.for_each import for_each


@for_each(
    ("body", "stored"),
    [
        (b'{"a": 1e999}', {"a": "inf"}),
        (b'{"a":-1.5E+999}', {"a": "-inf"}),
        (b"[1E400, 1e30, 2]", ["inf", 1e30, 2]),
        (b'{"a": NaN, "b": [-Infinity]}', {"a": "nan", "b": ["-inf"]}),
        (b'{"a": "x\\u0000y", "b": "\\ud800"}', {"a": "x\ufffdy", "b": "\ufffd"}),
        (
            b'{"a": "1e999", "b": 1.5, "c": 12345678901234567890}',
            {"a": "1e999", "b": 1.5, "c": 12345678901234567890},
        ),
    ],
)
def test_values_that_cannot_be_stored_are_replaced(body: bytes, stored: Any) -> None:
    assert storable(json.loads(body), body) == stored


def test_a_long_number_above_the_largest_float_is_replaced() -> None:
    body = b"[" + b"9" * 400 + b".0]"
    assert storable(json.loads(body), body) == ["inf"]


def test_a_character_set_hides_no_character() -> None:
    body = "+AFw-u0000".encode("ascii")
    value = {"a": "x\0y"}
    assert storable(value, body) == value, "the bytes alone do not show the character"
    assert storable(value, body, "utf-7") == {"a": "x\ufffdy"}


@for_each(
    ("header", "charset"),
    [
        ("application/json; charset=utf-8", "utf-8"),
        ('application/json; charset="UTF-7"', "utf-7"),
        ("application/json", ""),
        ("", ""),
        (";;charset", ""),
    ],
)
def test_character_set_of_an_answer(header: str, charset: str) -> None:
    assert charset_of(header) == charset


def test_a_very_long_id_is_refused() -> None:
    """Each finding of a resource stores the resource's id, and exports repeat the id, so its length must be limited."""
    fits: dict[str, Any] = {"id": "/" * MAX_ID}
    assert documents_of({"value": [fits, {"id": 7}, {}]}, Shape.LIST) == [fits, {"id": 7}, {}]
    long = {"id": "/" * (MAX_ID + 1)}
    for wire, shape in (({"value": [fits, long]}, Shape.LIST), (long, Shape.SINGLE)):
        with pytest.raises(BadAnswer, match=r"more than 4,096 characters"):
            documents_of(wire, shape)
