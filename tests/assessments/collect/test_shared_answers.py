"""A request that several units need is sent once; within a short time, its answer is reused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assessments.collect import shared
from assessments.collect.shared import SharedAnswers
from assessments.estate.collections.monitoring import OTHER_SUBSCRIPTION_ALERTS, VISIBLE_SUBSCRIPTIONS
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

PAGES: shared.Pages = [([{"id": "a"}], "request-1", "2026-09-01")]


def test_only_shared_collections_are_cached() -> None:
    kept = SharedAnswers()
    kept.put(OTHER_SUBSCRIPTION_ALERTS, "/subscriptions/A/", PAGES)
    kept.put(STORAGE_ACCOUNTS, "/subscriptions/a", PAGES)
    assert kept.get(OTHER_SUBSCRIPTION_ALERTS, "/SUBSCRIPTIONS/a") == PAGES
    assert kept.get(OTHER_SUBSCRIPTION_ALERTS, "/subscriptions/b") is None
    assert kept.get(VISIBLE_SUBSCRIPTIONS, "/subscriptions/a") is None
    assert kept.get(STORAGE_ACCOUNTS, "/subscriptions/a") is None
    assert kept.get(replace(OTHER_SUBSCRIPTION_ALERTS, shared=False), "/subscriptions/a") is None


def test_answers_expire_and_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = SharedAnswers()
    monkeypatch.setattr(shared, "MAX_ANSWERS", 2)
    for scope in ("a", "b", "c"):
        kept.put(OTHER_SUBSCRIPTION_ALERTS, scope, PAGES)
    assert [kept.get(OTHER_SUBSCRIPTION_ALERTS, scope) is not None for scope in ("a", "b", "c")] == [
        False,
        True,
        True,
    ]
    monkeypatch.setattr(shared, "SECONDS", 0.0)
    assert kept.get(OTHER_SUBSCRIPTION_ALERTS, "c") is None


def rule(scope: str) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{azure.guid(1)}/resourceGroups/r/providers/Microsoft.Insights/activityLogAlerts/a",
        "name": "a",
        "type": "Microsoft.Insights/activityLogAlerts",
        "properties": {
            "enabled": True,
            "scopes": [scope],
            "condition": {"allOf": [{"field": "category", "equals": "Administrative"}]},
            "actions": {"actionGroups": [{"actionGroupId": "/x"}]},
        },
    }


def asked_for(served: Any, number: int) -> int:
    path = f"/subscriptions/{azure.guid(number)}/providers/Microsoft.Insights/activityLogAlerts"
    return sum(row["count"] for row in azure.control_plane(served, "GET", "requests") if row["path"] == path)


def test_alert_rules_of_a_subscription_are_listed_once_for_other_units(tmp_path: Path) -> None:
    """The only rule is in the first subscription, for the second. Each unit looks for rules in all three."""
    lines = [
        azure.directory(),
        *(line for number in (1, 2, 3) for line in azure.subscription(azure.guid(number))),
    ]
    with serve(
        azure.write(tmp_path / "estate.jsonl", [*lines, rule(f"/subscriptions/{azure.guid(2)}")])
    ) as served:
        reader = azure.session(served)
        found = {
            number: azure.judge(reader, azure.guid(number), sections=("monitoring",)) for number in (1, 2, 3)
        }
        counts = [asked_for(served, number) for number in (1, 2, 3)]
    verdicts = {number: unit.verdict("monitoring-alert-nsg-write") for number, unit in found.items()}
    assert verdicts == {1: "fail", 2: "pass", 3: "fail"}
    # The alert rules of each subscription are listed twice: once by its own unit, and once for the other two units.
    assert counts == [2, 2, 2]
    # The unit of the third subscription drops the rule, which is for the second subscription.
    assert found[3].estate.documents("alerts_elsewhere") == []


def test_a_failure_is_not_cached(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        *azure.subscription(azure.guid(2)),
        *azure.subscription(azure.guid(3)),
    ]
    path = f"/subscriptions/{azure.guid(3)}/providers/Microsoft.Insights/activityLogAlerts"
    lines.append(azure.answer(path, 403, {"error": {"code": "AuthorizationFailed", "message": "No."}}))
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        reader = azure.session(served)
        for number in (1, 2):
            unit = azure.judge(reader, azure.guid(number), sections=("monitoring",))
            remarks = next(iter(unit.results.values())).verdict.remarks
            assert any("Not all other subscriptions could be checked" in remark for remark in remarks)
        assert asked_for(served, 3) == 2
