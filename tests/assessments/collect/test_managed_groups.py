"""A failure in a resource group that refuses changes is marked with a remark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

UNIT = azure.guid(1)
SUB = f"/subscriptions/{UNIT}"
GROUP = f"{SUB}/resourceGroups/mrg-databricks"
MANAGER = f"{SUB}/resourceGroups/rg/providers/Microsoft.Databricks/workspaces/dbw1"
CONTROL = "storage-secure-transfer"
MANAGED = "The resource group mrg-databricks is managed by dbw1 (Microsoft.Databricks/workspaces)"
DENIALS = f"{SUB}/providers/Microsoft.Authorization/denyAssignments"


def group(**more: Any) -> azure.Line:
    kind = "Microsoft.Resources/resourceGroups"
    return {"id": GROUP, "name": "mrg-databricks", "type": kind, "location": "westeurope", **more}


def account() -> azure.Line:
    kind = "Microsoft.Storage/storageAccounts"
    properties = {"supportsHttpsTrafficOnly": False}
    return {
        "id": f"{GROUP}/providers/{kind}/dbstorage",
        "name": "dbstorage",
        "type": kind,
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": properties,
    }


def denial(scope: str = GROUP, not_actions: Any = ("*/read",), **more: Any) -> azure.Line:
    properties = {
        "denyAssignmentName": "System deny assignment",
        "permissions": [{"actions": ["*"], "notActions": list(not_actions)}],
        "scope": scope,
        "doNotApplyToChildScopes": False,
        "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
        "isSystemProtected": True,
        **more,
    }
    kind = "Microsoft.Authorization/denyAssignments"
    return {"id": f"{scope}/providers/{kind}/d1", "name": "d1", "type": kind, "properties": properties}


def remarks(tmp_path: Path, *lines: azure.Line) -> list[str]:
    path = azure.write(tmp_path / "estate.jsonl", [azure.directory(), *azure.subscription(UNIT), *lines])
    with serve(path) as served:
        found = azure.judge(azure.session(served), UNIT, sections=("storage",))
    assert found.verdict(CONTROL, "dbstorage") == "fail"
    (result,) = [r for r in found.results.values() if r.control.slug == CONTROL and "dbstorage" in r.subject]
    return [remark for remark in result.verdict.remarks if "resource group" in remark]


def test_a_failure_that_a_deny_assignment_protects_is_marked(tmp_path: Path) -> None:
    expected = [f"{MANAGED}; a deny assignment refuses changes"]
    assert remarks(tmp_path, group(managedBy=MANAGER), account(), denial()) == expected


@pytest.mark.parametrize(
    "lines",
    [
        [group(), denial()],
        [group(managedBy=MANAGER)],
        [group(managedBy=MANAGER), denial(not_actions=["*/read", "Microsoft.Storage/*"])],
        [group(managedBy=MANAGER), denial(doNotApplyToChildScopes=True)],
        [group(managedBy=MANAGER), denial(principals=[{"id": azure.guid(7), "type": "User"}])],
    ],
    ids=["not managed", "no deny assignment", "storage excluded", "group only", "another principal"],
)
def test_other_failures_are_not_marked(tmp_path: Path, lines: list[azure.Line]) -> None:
    assert remarks(tmp_path, account(), *lines) == []


@pytest.mark.slow(seconds=1)
def test_unread_deny_assignments_are_named_only_for_managed_groups(tmp_path: Path) -> None:
    refused = azure.answer(DENIALS, 403, {"error": {"code": "AuthorizationFailed", "message": "No."}})
    (remark,) = remarks(tmp_path, group(managedBy=MANAGER), account(), refused)
    assert remark.startswith(
        f"{MANAGED}; it is not known whether a deny assignment refuses changes: Missing perm"
    )
    assert remarks(tmp_path, group(), account(), refused) == []
