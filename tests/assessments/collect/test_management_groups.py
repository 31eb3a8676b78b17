"""The management groups above a subscription are read only if a verdict depends on them.

A verdict depends on them in two cases: the diagnostic settings of the subscription are not sufficient, or the
assignment of a policy excludes groups.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assessments.collect.session import RESOURCE_GRAPH
from assessments.estate.collections.logging import MANAGEMENT_GROUP_LOG_SETTINGS, MANAGEMENT_GROUPS
from assessments.estate.gaps import Reason
from assessments.estate.governance.policy_initiatives import BENCHMARKS
from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

UNIT = azure.guid(1)
SUB = f"/subscriptions/{UNIT}"
CONTAINER = "/providers/Microsoft.Management/managementGroups"
CONTROL = "logging-activity-export"


def group(name: str) -> azure.Line:
    """A management group above the subscription."""
    return {"id": f"{SUB}{CONTAINER}/{name}", "name": name, "properties": {"displayName": name.title()}}


def setting(owner: str) -> azure.Line:
    logs = [{"category": name, "enabled": True} for name in ("Administrative", "Alert", "Policy", "Security")]
    properties = {"workspaceId": f"{SUB}/x", "logs": logs}
    hub = {"eventHubAuthorizationRuleId": f"{SUB}/x", "logs": logs}
    return {
        "id": f"{owner}/providers/Microsoft.Insights/diagnosticSettings/audit",
        "name": "audit",
        "properties": hub if owner == SUB else properties,
    }


def judged(tmp_path: Path, *lines: azure.Line, section: str = "logging") -> tuple[azure.Judged, int]:
    """Collect and judge the subscription; return also the number of queries of Resource Graph."""
    path = azure.write(tmp_path / "estate.jsonl", [azure.directory(), *azure.subscription(UNIT), *lines])
    with serve(path) as served:
        found = azure.judge(azure.session(served), UNIT, sections=(section,))
        rows: Any = azure.control_plane(served, "GET", "requests")
    return found, sum(row["count"] for row in rows if row["path"].casefold() == RESOURCE_GRAPH.casefold())


def test_the_setting_of_a_management_group_counts(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, group("contoso"), group("root"), setting(f"{CONTAINER}/contoso"))
    assert found.verdict(CONTROL, UNIT) == "pass"
    names = [view.name for view in found.estate.documents(MANAGEMENT_GROUPS.name)]
    assert names == ["contoso", "root"]
    assert found.estate.answers(MANAGEMENT_GROUP_LOG_SETTINGS.name)


def test_a_subscription_without_management_groups_fails(tmp_path: Path) -> None:
    found, queries = judged(tmp_path)
    assert found.verdict(CONTROL, UNIT) == "fail"
    assert queries == 1


def test_management_groups_without_setting_do_not_help(tmp_path: Path) -> None:
    found, _ = judged(tmp_path, group("contoso"))
    assert found.verdict(CONTROL, UNIT) == "fail"
    assert not list(found.estate.gaps())


def test_a_refused_management_group_makes_a_failure_unknown(tmp_path: Path) -> None:
    path = f"{CONTAINER}/root/providers/Microsoft.Insights/diagnosticSettings"
    refused = azure.answer(path, 403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    found, _ = judged(tmp_path, group("root"), refused)
    assert found.verdict(CONTROL, UNIT) == "unknown"
    (gap,) = found.estate.gaps()
    assert (gap.collection, gap.scope, gap.reason) == (
        MANAGEMENT_GROUP_LOG_SETTINGS.name,
        "root",
        Reason.FORBIDDEN,
    )


def test_nothing_is_asked_if_the_subscription_exports(tmp_path: Path) -> None:
    found, queries = judged(tmp_path, setting(SUB), group("root"))
    assert found.verdict(CONTROL, UNIT) == "pass"
    assert queries == 0
    assert found.estate.documents(MANAGEMENT_GROUPS.name) == []


def excluding(*groups: str) -> azure.Line:
    """The assignment of the Microsoft cloud security benchmark to the management group `root`, with excluded groups."""
    return {
        "id": f"{CONTAINER}/root/providers/Microsoft.Authorization/policyAssignments/mcsb",
        "name": "mcsb",
        "properties": {
            "policyDefinitionId": f"/providers/Microsoft.Authorization/policySetDefinitions/{min(BENCHMARKS)}",
            "scope": f"{CONTAINER}/root",
            "notScopes": [f"{CONTAINER}/{name}" for name in groups],
        },
    }


@pytest.mark.parametrize(
    ("excluded", "expect", "queries"), [("contoso", "fail", 2), ("elsewhere", "pass", 2), (None, "pass", 1)]
)
def test_a_policy_may_exclude_a_group_above(
    tmp_path: Path, excluded: str | None, expect: str, queries: int
) -> None:
    """One query reads the software updates that Defender recommends. If the policy excludes groups, another query
    reads the management groups.
    """
    listed = azure.answer(
        f"{SUB}/providers/Microsoft.Authorization/policyAssignments",
        200,
        {"value": [excluding(*filter(None, [excluded]))]},
    )
    definition: azure.Line = {
        "id": f"/providers/Microsoft.Authorization/policySetDefinitions/{min(BENCHMARKS)}",
        "name": min(BENCHMARKS),
        "type": "Microsoft.Authorization/policySetDefinitions",
        "properties": {"policyType": "BuiltIn", "parameters": {}},
    }
    lines = (setting(SUB), group("contoso"), group("root"), listed, definition)
    found, asked = judged(tmp_path, *lines, section="defender")
    assert found.verdict("defender-policy-all-recommendations", UNIT) == expect
    assert asked == queries
