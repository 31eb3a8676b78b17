"""Conditions are true, false or unknown. An absent property makes a condition unknown, unless the condition says which
result an absent property has.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from assessments.estate.view import View
from assessments.evaluate import evidence_of
from assessments.own import conditions
from assessments.own.conditions import Observed, describe, judge
from tests.for_each import for_each
from tests.processor_time import at_most

DOCUMENT: dict[str, Any] = {
    "id": "/subscriptions/1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
    "location": "westeurope",
    "tags": {"Owner": "Team Data", "Cost Center": "42"},
    "properties": {
        "minimumTlsVersion": "TLS1_2",
        "allow": True,
        "days": 7,
        "nothing": None,
        "adminPassword": "secret",
        "names": ["one", "two"],
        "rules": [{"value": "10.0.0.1", "port": 22}, {"value": "8.8.8.8"}],
        "empty": [],
    },
}
P = "properties."


@for_each(
    "condition, expected",
    [
        ({"path": "location", "equals": "WestEurope"}, True),
        ({"path": P + "allow", "equals": True}, True),
        ({"path": P + "allow", "equals": "true"}, None),
        ({"path": P + "days", "equals": 7.0}, True),
        ({"path": P + "days", "equals": True}, None),
        ({"path": P + "minimumTlsVersion", "in": ["TLS1_3", "tls1_2"]}, True),
        ({"path": P + "minimumTlsVersion", "in": ["TLS1_3"]}, False),
        ({"path": P + "days", "at_least": 7}, True),
        ({"path": P + "days", "more_than": 7}, False),
        ({"path": P + "days", "less_than": 8}, True),
        ({"path": P + "days", "at_most": 6}, False),
        ({"path": P + "minimumTlsVersion", "at_least": 1}, None),
        ({"path": P + "minimumTlsVersion", "matches": "TLS1_[23]"}, True),
        ({"path": P + "days", "matches": "7"}, None),
        ({"path": P + "missing", "exists": False}, True),
        ({"path": P + "nothing", "exists": True}, False),
        ({"path": P + "adminPassword", "exists": True}, True),
        ({"path": P + "adminPassword", "equals": "secret"}, None),
        ({"path": P + "missing", "equals": 1}, None),
        ({"path": P + "missing", "equals": 1, "absent": False}, False),
        ({"path": P + "nothing", "equals": 1, "absent": True}, True),
        ({"path": P + "allow.deeper", "exists": True}, None),
        ({"path": P + "missing.deeper", "exists": True}, False),
        ({"tag": "owner", "matches": "Team .+"}, True),
        ({"tag": "cost center", "equals": "42"}, True),
        ({"tag": "stage", "exists": False}, True),
        ({"path": P + "names", "any": {"equals": "TWO"}}, True),
        ({"path": P + "names", "all": {"equals": "two"}}, False),
        ({"path": P + "rules", "all": {"path": "value", "matches": "10\\..*"}}, False),
        ({"path": P + "rules", "any": {"path": "port", "equals": 22}}, True),
        ({"path": P + "rules", "any": {"path": "port", "equals": 23}}, None),
        ({"path": P + "names", "any": {"path": "port", "equals": 23}}, None),
        ({"path": P + "empty", "all": {"equals": "x"}}, True),
        ({"path": P + "empty", "any": {"equals": "x"}}, False),
        ({"path": P + "allow", "any": {"equals": "x"}}, None),
        ({"not": {"path": P + "missing", "equals": 1}}, None),
        ({"not": {"path": P + "allow", "equals": True}}, False),
        ({"any_of": [{"path": P + "missing", "equals": 1}, {"path": P + "allow", "equals": True}]}, True),
        ({"any_of": [{"path": P + "missing", "equals": 1}, {"path": P + "allow", "equals": False}]}, None),
        ({"all_of": [{"path": P + "missing", "equals": 1}, {"path": P + "allow", "equals": False}]}, False),
        ({"all_of": [{"path": P + "missing", "equals": 1}, {"path": P + "allow", "equals": True}]}, None),
    ],
)
def test_conditions_are_true_false_or_unknown(condition: dict[str, Any], expected: bool | None) -> None:
    observed = Observed()
    view = View(DOCUMENT)
    found = judge(condition, view, observed)
    assert found.value is expected, found
    assert found.because
    # The condition has the same result on the evidence, in which secrets are masked.
    again = judge(condition, View(evidence_of(view).content), Observed())
    assert (again.value, again.because) == (found.value, found.because)
    assert "secret" not in str(observed.values.values())


def test_a_document_without_properties_is_unknown_and_not_absent() -> None:
    found = judge({"path": "properties.x", "equals": 1, "absent": True}, View({"id": "/x"}), Observed())
    assert (found.value, found.because) == (None, "Property properties is absent")


LOCATION, ALLOW, ABSENT = (
    {"path": "location", "equals": "nowhere"},
    {"path": P + "allow", "equals": False},
    {"path": P + "missing", "equals": 1},
)
MET = {"path": P + "allow", "equals": True}


@for_each(
    ("condition", "because"),
    [
        ({"all_of": [MET, ALLOW]}, "properties.allow is false"),
        ({"all_of": [MET, ALLOW, LOCATION]}, "(properties.allow is false and location is nowhere)"),
        ({"all_of": [ABSENT, ALLOW]}, "properties.allow is false"),
        ({"any_of": [ALLOW, LOCATION]}, "(properties.allow is false or location is nowhere)"),
        (
            {"all_of": [MET, {"any_of": [ALLOW, LOCATION]}]},
            "(properties.allow is false or location is nowhere)",
        ),
        ({"not": {"all_of": [MET, {"not": ALLOW}]}}, None),
    ],
)
def test_a_false_condition_names_only_the_parts_that_are_not_met(
    condition: dict[str, Any], because: str | None
) -> None:
    found = judge(condition, View(DOCUMENT), Observed())
    assert found.value is False
    assert found.because == (
        because or "not ((properties.allow is true and not (properties.allow is false)))"
    )


def test_words_say_what_a_condition_asks() -> None:
    condition = {
        "all_of": [
            {"path": "location", "in": ["a", "b"]},
            {"not": {"path": "properties.rules", "any": {"path": "port", "equals": 22}}},
        ]
    }
    assert describe(condition) == (
        "(location is one of a, b and not (some item of properties.rules: properties.rules[].port is 22))"
    )


@pytest.mark.slow(seconds=1)
def test_the_work_of_patterns_is_limited_for_each_document() -> None:
    """Without the limit, a list of long texts in one resource would occupy a worker for hours."""
    slow = {"matches": "(.*a.?){40}(b|.?){60}x"}
    condition = {"path": "properties.texts", "any": {"any_of": [slow] * 20}}
    texts = ["".join(chr(97 + (n * n * 31 + n // 7 + i) % 26) for n in range(2_000)) for i in range(20)]
    with at_most(10):
        found = judge(condition, View({"id": "/x", "properties": {"texts": texts}}), Observed())
    assert (found.value, found.because) == (
        None,
        "Property properties.texts[] takes too many steps to judge",
    )
    usual = {"path": "properties.texts", "all": {"matches": "[a-z0-9-]+"}}
    names = {"id": "/x", "properties": {"texts": ["rg-production-westeurope-network"] * 2_000}}
    assert judge(usual, View(names), Observed()).value is True


def seconds_of(condition: dict[str, Any], document: dict[str, Any]) -> float:
    """Judge a condition, check that it exceeds the limit of work, and return the processor time that this took."""
    started = time.process_time()
    found = judge(condition, View({"id": "/x", **document}), Observed())
    assert found.value is None
    assert "takes too many steps to judge" in found.because, found
    return time.process_time() - started


LONG = ["x" * 499 + chr(97 + number % 26) for number in range(50)]
NESTED = {"properties": {"lists": [["y" * 400] * 2_000] * 2_000}}


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize(
    "inner",
    [
        {"in": LONG},
        {"in": list(range(100)), "absent": False},
        {"equals": "z" * 500},
        {"exists": False},
        {"at_least": 5},
        {"not": {"any_of": [{"equals": "a"}, {"in": ["b", "c"]}]}},
    ],
    ids=["texts", "numbers", "equal", "exists", "number", "groups"],
)
def test_all_conditions_count_as_work(inner: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing four million items in nested lists stops at the limit of work, and the verdict is unknown."""
    # Masking is switched off here, because masking this document would already exceed the limit.
    monkeypatch.setattr(conditions, "_WORK_OF_VALUE", 0)
    monkeypatch.setattr(conditions, "redact", lambda value, key: value)
    assert seconds_of({"path": "properties.lists", "any": {"any": inner}}, NESTED) < 10


@pytest.mark.slow(seconds=1)
def test_masking_large_values_is_work() -> None:
    large = {"properties": {"list": [{"name": "x"}] * 400_000}}
    assert seconds_of({"path": "properties.list", "exists": True}, large) < 10
    tags = {"tags": {f"tag {number}": "x" for number in range(2_000_000)}}
    assert seconds_of({"tag": "owner", "exists": True}, tags) < 10


@pytest.mark.slow(seconds=1)
def test_usual_conditions_do_not_exceed_the_limit_of_work() -> None:
    """The document has 1,000 rules, and 50 conditions with lists of values look at each of them."""
    rule = {
        "name": "rule",
        "properties": {"access": "Allow", "ports": ["22", "3389"], "source": "10.0.0.0/8"},
    }
    document = {"id": "/x", "tags": {"owner": "a"}, "properties": {"rules": [rule] * 1_000}}
    one = {"path": "properties.source", "in": ["*", "Internet", "0.0.0.0/0"]}
    condition = {"path": "properties.rules", "any": {"all_of": [one] * 50}}
    observed = Observed()
    assert judge(condition, View(document), observed).value is False
    assert observed.work < conditions.MAX_WORK / 2


def test_one_path_is_masked_once() -> None:
    document = {"id": "/x", "properties": {"list": [{"name": "x"}] * 1_000}}
    once, often = Observed(), Observed()
    one = {"path": "properties.list", "exists": True}
    judge(one, View(document), once)
    judge({"all_of": [one] * 50}, View(document), often)
    assert often.work < 2 * once.work


@pytest.mark.slow(seconds=1)
def test_no_part_of_a_condition_decides_if_another_part_takes_too_much_work() -> None:
    """If one part takes too much work, the verdict is unknown, even if another part alone would decide it. The order of
    the parts does not matter.
    """
    heavy = {"path": "properties.list", "exists": True}
    large = {"id": "/x", "location": "here", "properties": {"list": [{"name": "x"}] * 400_000}}
    light = {"path": "location", "equals": "here"}
    for parts in ([heavy, light], [light, heavy]):
        found = judge({"any_of": parts}, View(large), Observed())
        assert (found.value, found.path) == (None, "properties.list")
