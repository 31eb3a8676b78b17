"""Key vaults are requested only if the inventory has one."""

from __future__ import annotations

from pathlib import Path

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

VAULT = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1"


def judged(folder: Path, *lines: azure.Line) -> azure.Judged:
    estate = [azure.directory(), *azure.subscription(azure.guid(1)), *lines]
    with serve(azure.write(folder / "estate.jsonl", estate)) as served:
        return azure.judge(azure.session(served), azure.guid(1), sections=("keyvault",))


def test_vaults_are_listed_with_their_settings(tmp_path: Path) -> None:
    properties = {"enableRbacAuthorization": True, "sku": {"family": "A", "name": "standard"}}
    line = {"id": VAULT, "name": "kv1", "type": "Microsoft.KeyVault/vaults", "properties": properties}
    found = judged(tmp_path, line)
    assert found.verdict("keyvault-rbac", "kv1") == "pass"
    assert [answer.request_id for answer in found.estate.answers("managed_hsms")] == [""]
