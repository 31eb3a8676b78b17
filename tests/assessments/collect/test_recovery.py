"""Requests about Recovery Services vaults and backups are sent only where the answer can change a verdict."""

from __future__ import annotations

from datetime import UTC, datetime
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

MAB = {"backupManagementType": "MAB"}


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


def test_replication_is_requested_only_for_vaults_without_current_items(tmp_path: Path) -> None:
    # The id of a single backup item has the segment `backupFabrics`. The ids in Microsoft's example of a list lack it.
    items = [
        f"{VAULTS}/one/backupFabrics/Azure/protectionContainers/c;1/protectedItems/i;1",
        f"{VAULTS}/one/protectionContainers/c;2/protectedItems/i;2",
    ]
    weekly = f"{VAULTS}/one/backupPolicies/weekly"
    deleted = f"{VAULTS}/three/backupFabrics/Azure/protectionContainers/c;3/protectedItems/i;3"
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        *(vault(name, ON) for name in ("one", "two", "three")),
        {
            "id": deleted,
            "properties": {"backupManagementType": "AzureIaasVM", "isScheduledForDeferredDelete": True},
        },
        *({"id": identifier, "properties": {**MAB, "policyId": weekly}} for identifier in items),
        {
            "id": weekly,
            "name": "weekly",
            "properties": {
                **MAB,
                "retentionPolicy": {
                    "retentionPolicyType": "LongTermRetentionPolicy",
                    "weeklySchedule": {"retentionDuration": {"count": 4, "durationType": "Weeks"}},
                },
            },
        },
        *(
            {"id": f"{VAULTS}/{name}/replicationUsages", "value": [{"protectedItemCount": count}]}
            for name, count in (("two", 3), ("three", 0))
        ),
    ]
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("recovery",))
    assert {view.id for view in found.estate.documents("backup_items")} == {*items, deleted}
    asked = {answer.scope for answer in found.estate.answers("replication_usages")}
    assert asked == {f"{VAULTS}/two", f"{VAULTS}/three"}
    assert found.verdict("recovery-vault-in-use", "one") == "pass"
    assert found.verdict("recovery-vault-in-use", "two") == "pass"
    assert found.verdict("recovery-vault-in-use", "three") == "fail"
    assert found.verdict("recovery-policy-retention", "weekly") == "fail"


def test_vaults_of_other_subscriptions_are_read_only_for_machines_without_backup(tmp_path: Path) -> None:
    own, other = (f"/subscriptions/{azure.guid(number)}/resourceGroups/rg/providers" for number in (1, 2))
    machines = [f"{own}/Microsoft.Compute/virtualMachines/{name}" for name in ("owned", "lent", "bare")]
    vaults = [f"{own}/{KIND}/own", f"{other}/{KIND}/near", f"{other}/{KIND}/far"]
    places = ["westeurope", "West Europe", "eastus"]
    policies = [f"{vault}/backupPolicies/daily" for vault in vaults[:2]]
    lines = [
        azure.directory(),
        *azure.subscription(azure.guid(1)),
        *azure.subscription(azure.guid(2)),
        *(machine(identifier) for identifier in machines),
        *(
            {"id": identifier, "name": "v", "type": KIND, "location": place, "properties": {}}
            for identifier, place in zip(vaults, places, strict=True)
        ),
        *(
            item(vault, identifier, policy)
            for vault, identifier, policy in zip(vaults[:2], machines[:2], policies, strict=True)
        ),
        *({"id": policy, "name": "daily", "properties": DAILY} for policy in policies),
    ]
    slugs = ("vm-backup", "vm-backup-retention")
    with serve(azure.write(tmp_path / "estate.jsonl", lines)) as served:
        found = azure.judge(azure.session(served), azure.guid(1), sections=("vm",))
        unread = azure.judge(azure.session(served), azure.guid(2), sections=("vm",))
    read = {answer.scope for answer in found.estate.answers("backup_items_elsewhere") if answer.request_id}
    assert {scope.rpartition("/")[2] for scope in read} == {"near"}
    assert [found.verdict(slug, "owned") for slug in slugs] == ["pass", "pass"]
    assert [found.verdict(slug, "lent") for slug in slugs] == ["pass", "pass"]
    assert [found.verdict(slug, "bare") for slug in slugs] == ["fail", "not_applicable"]
    # The other subscription has no machines, so its unit does not request the list of subscriptions.
    assert [one for one in unread.estate.answers("backup_subscriptions") if one.request_id] == []


DAILY = {
    "backupManagementType": "AzureIaasVM",
    "retentionPolicy": {
        "retentionPolicyType": "LongTermRetentionPolicy",
        "dailySchedule": {"retentionDuration": {"count": 30, "durationType": "Days"}},
    },
}


def machine(identifier: str) -> azure.Line:
    storage = {"osDisk": {"name": "os", "osType": "Linux"}, "dataDisks": []}
    return {
        "id": identifier,
        "name": identifier.rpartition("/")[2],
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "properties": {"storageProfile": storage},
    }


def item(vault: str, identifier: str, policy: str) -> azure.Line:
    name = identifier.rpartition("/")[2]
    return {
        "id": f"{vault}/backupFabrics/Azure/protectionContainers/c;{name}/protectedItems/vm;{name}",
        "properties": {
            "backupManagementType": "AzureIaasVM",
            "virtualMachineId": identifier,
            "protectionState": "Protected",
            "lastRecoveryPoint": datetime.now(UTC).isoformat(),
            "policyId": policy,
        },
    }
