"""Conditions are true, false or unknown; what is absent is unknown unless the definition says otherwise."""

from __future__ import annotations

import time
from typing import Any

from assessments.estate.view import View
from assessments.evaluate import evidence_of
from assessments.own.conditions import Observed, describe, judge
from tests.for_each import for_each

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
def test_truth(condition: dict[str, Any], expected: bool | None) -> None:
    observed = Observed()
    view = View(DOCUMENT)
    found = judge(condition, view, observed)
    assert found.value is expected, found
    assert found.because
    # The evidence, in which secrets are masked, gives the same result.
    again = judge(condition, View(evidence_of(view).content), Observed())
    assert (again.value, again.because) == (found.value, found.because)
    assert "secret" not in str(observed.values.values())


def test_a_document_without_properties_is_unknown_and_not_absent() -> None:
    found = judge({"path": "properties.x", "equals": 1, "absent": True}, View({"id": "/x"}), Observed())
    assert (found.value, found.because) == (None, "Property properties is absent")


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


def test_the_work_of_patterns_is_limited_for_each_document() -> None:
    """Otherwise a list of long texts in one resource occupies a worker for hours."""
    slow = {"matches": "(.*a.?){40}(b|.?){60}x"}
    condition = {"path": "properties.texts", "any": {"any_of": [slow] * 20}}
    texts = ["".join(chr(97 + (n * n * 31 + n // 7 + i) % 26) for n in range(2_000)) for i in range(20)]
    started = time.process_time()
    found = judge(condition, View({"id": "/x", "properties": {"texts": texts}}), Observed())
    assert time.process_time() - started < 10
    assert (found.value, found.because) == (
        None,
        "Property properties.texts[] takes too many steps to compare with a pattern",
    )
    usual = {"path": "properties.texts", "all": {"matches": "[a-z0-9-]+"}}
    names = {"id": "/x", "properties": {"texts": ["rg-production-westeurope-network"] * 2_000}}
    assert judge(usual, View(names), Observed()).value is True
