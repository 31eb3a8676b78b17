"""A Recovery Services vault is read itself only if the list lacks its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from assessments.management.sandboxed import serve
from tests.assessments.collect import azure

KIND = "Microsoft.RecoveryServices/vaults"
VAULTS = f"/subscriptions/{azure.guid(1)}/resourceGroups/rg/providers/{KIND}"
ON = {
    "softDeleteSettings": {"softDeleteState": "Enabled", "softDeleteRetentionPeriodInDays": 14},
    "immutabilitySettings": {"state": "Locked"},
}


def vault(name: str, settings: Any) -> azure.Line:
    stated = {"securitySettings": settings} if settings else {}
    return {"id": f"{VAULTS}/{name}", "name": name, "type": KIND, "properties": stated}


def test_only_vaults_without_settings_are_read_themselves(tmp_path: Path) -> None:
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        vault("stated", ON),
        vault("silent", None),
        vault("partly", {"softDeleteSettings": ON["softDeleteSettings"]}),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("recovery",))
    read = {answer.scope for answer in found.estate.answers("recovery_vault_settings")}
    assert read == {f"{VAULTS}/silent", f"{VAULTS}/partly"}
    assert found.verdict("recovery-soft-delete", "stated") == "pass"
    assert found.verdict("recovery-soft-delete", "silent") == "unknown"
    assert found.verdict("recovery-immutability", "silent") == "fail"
    assert [answer.request_id for answer in found.estate.answers("backup_vaults")] == [""]
