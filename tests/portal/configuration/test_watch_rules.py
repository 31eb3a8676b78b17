"""Watch rules in configuration files."""

from __future__ import annotations

from typing import Any

import pytest

from portal.changes.models import WatchRule
from portal.configuration.yaml_text import read
from tests import factories
from tests.for_each import for_each
from tests.portal.configuration.conftest import ConfiguredCustomer

pytestmark = pytest.mark.django_db

NIGHTS = {"name": "Nights", "severity": "high", "types": ["microsoft.compute/*"], "hours": "20:00-06:00"}
OPEN = {"name": "Open ports", "severity": "low", "kinds": ["changed"], "days": [1, 2], "worsened": True}
LOCKS = {"shipped": "locks", "enabled": False}


@pytest.mark.slow(seconds=1)
def test_rules_are_added_changed_deleted_exported_and_repeatable(configured: ConfiguredCustomer) -> None:
    content = configured.file({"watch_rules": [NIGHTS, OPEN, LOCKS]})
    assert configured.apply(content) == [
        "Watch rule “Locks removed”: enabled true → false",
        "Watch rule “Nights”: enabled true, severity high, types microsoft.compute/*, hours 20:00-06:00",
        "Watch rule “Open ports”: enabled true, severity low, kinds changed, days 1, 2, worsened true",
    ]
    assert configured.apply(content) == [], "applying a file again changes nothing"
    exported = configured.export().encode()
    assert read(exported).data["customers"][0]["watch_rules"] == [
        {**LOCKS, "severity": "medium"},
        {"enabled": True, **NIGHTS},
        {"enabled": True, **OPEN},
    ]
    assert configured.apply(exported) == []
    assert configured.apply(configured.file({})) == [], "a missing key changes nothing"
    changed = {**NIGHTS, "name": "nights", "hours": "22:00-06:00", "enabled": False}
    assert configured.apply(configured.file({"watch_rules": [changed]})) == [
        "Watch rule “Open ports”: deletes the rule. Changes that the rule has caught keep their reviews.",
        "Watch rule “Locks removed”: enabled false → true",
        "Watch rule “Nights”: name Nights → nights; enabled true → false; hours 20:00-06:00 → 22:00-06:00",
    ]
    assert read(configured.export().encode()).data["customers"][0]["watch_rules"] == [changed]


@pytest.mark.slow(seconds=1)
@for_each(
    ("rules", "text"),
    [
        ([{"severity": "low"}], "The entry needs either the key “name” (for an own rule)"),
        ([{**NIGHTS, "shipped": "locks"}], "The entry needs either the key “name” (for an own rule)"),
        ([{"name": "X"}], "needs the key “severity”"),
        ([{"shipped": "lock"}], "cannot be “lock”. Did you mean “locks”?"),
        ([LOCKS, LOCKS], "already listed above"),
        ([NIGHTS, {**NIGHTS, "name": "NIGHTS"}], "already listed above"),
        ([{**LOCKS, "hours": "08:00-09:00"}], "The conditions of a shipped rule cannot be changed"),
        ([{**NIGHTS, "hours": "8-9"}], "Enter two different times"),
        ([{**NIGHTS, "days": [8]}], "“8”"),
        ([{**NIGHTS, "types": ["*a" * 11]}], "Use * at most 10 times"),
        ([{**NIGHTS, "types": ["?" * 41]}], "Use ? at most 40 times"),
        ([{**NIGHTS, "units": ["/subscriptions/x"]}], "has no subscription"),
        ([{**NIGHTS, "name": "Firewall RULES"}], "There is already a rule"),
        ([{**NIGHTS, "pattern": "x"}], "“pattern” is not a key"),
    ],
)
def test_unusable_rules_are_named_with_the_line(
    configured: ConfiguredCustomer, rules: list[dict[str, Any]], text: str
) -> None:
    (problem,) = configured.problems(configured.file({"watch_rules": rules}))
    assert problem.startswith("Line ")
    assert text in problem
    with factories.in_tenant(configured.tenant):
        assert not WatchRule.objects.exists()
