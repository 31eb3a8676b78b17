"""Re-performance of verdicts that depend on another subscription."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assessments.management.sandboxed import serve
from assessments.models import Unit
from tenants.actions.exclusion_rules import add_exclusion_rule
from tenants.scope import tenant_scope
from tests.assessments.assessed_customer import assess, generate, lines_of, stored, write
from tests.assessments.export.reperformance import customer_with, differences, subscriptions_of
from tests.factories import BY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow(seconds=10)]

ALERTS, LOGS = "Microsoft.Insights/activityLogAlerts", "Microsoft.Network/networkWatchers/flowLogs"


def moved(lines: list[dict[str, Any]], first: str, second: str) -> list[dict[str, Any]]:
    """Move the first subscription's alert rules and flow logs to the second."""
    found, logged = [], {}
    for line in lines:
        if line.get("type") in (ALERTS, LOGS) and line["id"].startswith(first):
            # Rename the document, because the second subscription may have a document with the same name.
            line = {**line, "id": line["id"].replace(first, second) + "-abroad"}
            if line["type"] == LOGS:
                logged[line["properties"]["targetResourceId"]] = line["id"]
        found.append(line)
    for line in found:
        if line.get("id") in logged:
            # In Azure's answers, the logged network or group refers to its flow log.
            line["properties"]["flowLogs"] = [{"id": logged[line["id"]]}]
    return found


@pytest.mark.parametrize("second_is", ["included", "excluded", "excluded by a rule"])
def test_verdicts_that_depend_on_another_subscription_are_reproduced(second_is: str, tmp_path: Path) -> None:
    is_assessed = second_is == "included"
    lines = lines_of(generate(tmp_path / "whole.jsonl", "--subscriptions=2", "--seed=9", "--resources=90"))
    first, second = subscriptions_of(lines)
    if not any(line.get("type") == LOGS and line["id"].startswith(first) for line in lines):
        first, second = second, first
    for line in lines:
        if line.get("id") == second:
            line["tags"] = {"environment": "sandbox"}
    with serve(write(tmp_path / "estate.jsonl", moved(lines, first, second))) as served:
        tenant = customer_with(served, [first, second], excluded=[second] if second_is == "excluded" else [])
        if second_is == "excluded by a rule":
            with tenant_scope(tenant.pk):
                add_exclusion_rule(by=BY, tenant=tenant, name="R", reason="R", tag="environment=sandbox")
        assessment = assess(tenant)
    with tenant_scope(tenant.pk):
        unit = Unit.objects.get(assessment=assessment, azure_id=first.rpartition("/")[2])
        answers = unit.manifest.content["answers"]
    assert any(rows for rows in answers["alerts_elsewhere"].values()) is is_assessed
    assert any(rows for rows in answers["foreign_flow_logs"].values())
    verdicts = stored(tenant)
    own = {key: verdict for key, (verdict, _) in verdicts.items() if key[1].startswith(first.casefold())}
    alerts = {v for (control, _), v in own.items() if control.startswith("monitoring-alert-nsg")}
    assert alerts == ({"pass"} if is_assessed else {"fail"})
    assert "pass" in {v for (control, _), v in own.items() if control == "logging-nsg-flow"}
    assert differences(tenant, assessment, tmp_path) == {}
    exported = (tmp_path / "exported.jsonl").read_text(encoding="utf-8").splitlines()
    units = [json.loads(line) for line in exported]
    assert len([line for line in units if "subscriptionId" in line]) == 1 + is_assessed


def group_lines(scope: str, name: str) -> dict[str, Any]:
    container = "providers/Microsoft.Management/managementGroups"
    return {"id": f"{scope}/{container}/{name}", "name": name, "properties": {"displayName": name}}


def test_verdicts_that_depend_on_management_groups_are_reproduced(tmp_path: Path) -> None:
    settings = "Microsoft.Insights/diagnosticSettings"
    lines = lines_of(generate(tmp_path / "whole.jsonl", "--subscriptions=2", "--seed=9", "--resources=20"))
    first, second = subscriptions_of(lines)
    lines = [line for line in lines if settings not in line.get("id", "")]
    lines += [group_lines(first, "exporting"), group_lines(second, "silent")]
    logs = [{"category": name, "enabled": True} for name in ("Administrative", "Alert", "Policy", "Security")]
    lines.append(
        {
            "id": f"/providers/Microsoft.Management/managementGroups/exporting/providers/{settings}/audit",
            "name": "audit",
            "properties": {"workspaceId": f"{first}/w", "logs": logs},
        }
    )
    with serve(write(tmp_path / "estate.jsonl", lines)) as served:
        tenant = customer_with(served, [first, second], excluded=[])
        assessment = assess(tenant)
    export = {
        k[1]: verdict for k, (verdict, _) in stored(tenant).items() if k[0] == "logging-activity-export"
    }
    assert export == {first.casefold(): "pass", second.casefold(): "fail"}
    assert differences(tenant, assessment, tmp_path) == {}
