"""Recovery Services vaults and Backup vaults, and the expected verdicts of assessments/controls/recovery and vm/backup.

Format: Microsoft.RecoveryServices 2024-10-01 (examples BackupProtectedItems_List, BackupPolicies_List and
ListReplicationUsages), Microsoft.DataProtection 2024-04-01.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "recovery-soft-delete",
    "recovery-immutability",
    "recovery-policy-retention",
    "recovery-vault-in-use",
    "vm-backup",
    "vm-backup-retention",
)
_RECOVERY, _BACKUP = "Microsoft.RecoveryServices/vaults", "Microsoft.DataProtection/BackupVaults"


# Forms of a machine's backup. With the forms in _FAILING, the control vm-backup fails. With the forms in _PASSING, the
# control passes.
_FAILING = ("none", "stopped", "deleted", "old")
_PASSING = ("protected", "protected", "protected", "protected", "protected", "pending")


def write(sub: Subscription) -> None:
    """Write a Recovery Services vault into most subscriptions and, independently, a Backup vault into some."""
    if sub.rng.chance(0.6):
        _write_vault(sub, _RECOVERY, f"rsv-{sub.rng.letters(6)}")
    if sub.rng.chance(0.3):
        _write_vault(sub, _BACKUP, f"bv-{sub.rng.letters(6)}")


def write_last(sub: Subscription) -> None:
    """Write a Recovery Services vault for the machines of each region. Call this after writing all machines."""
    for region in sorted(set(sub.machines.values())):
        machines = [machine for machine, place in sub.machines.items() if place == region]
        with sub.branch(f"families/recovery/{region}"):
            _write_machines(sub, region, machines)


def _write_vault(sub: Subscription, kind: str, name: str) -> None:
    """Write a vault. A Recovery Services vault gets items that it protects or, as a random fault, stays unused."""
    group, region, tags = sub.group()
    resource = _write_settings(sub, group, kind, name, region, tags)
    if kind == _RECOVERY:
        with sub.branch(f"{resource}/content"):
            _write_content(sub, group, name, resource)


def _write_settings(sub: Subscription, group: str, kind: str, name: str, region: str, tags: Json) -> str:
    """Write an empty vault, and the expected verdicts on its settings. Return the id of the vault."""
    rng = sub.rng
    resource = sub.id_of(group, kind, name)
    lost, deletable = rng.faulty(), rng.faulty()
    settings: Json = {
        "immutabilitySettings": {"state": "Disabled" if deletable else rng.pick(("Unlocked", "Locked"))}
    }
    if kind == _RECOVERY:
        settings["softDeleteSettings"] = {
            "softDeleteState": "Disabled" if lost else rng.pick(("Enabled", "AlwaysON")),
            "softDeleteRetentionPeriodInDays": 0 if lost else 14,
        }
        settings["multiUserAuthorization"] = "Disabled"
    else:
        settings["softDeleteSettings"] = {
            "state": "Off" if lost else rng.pick(("On", "AlwaysOn")),
            "retentionDurationInDays": 14,
        }
    sub.expect_failure_if("recovery-soft-delete", resource, lost)
    sub.expect_failure_if("recovery-immutability", resource, deletable)
    properties: Json = {"provisioningState": "Succeeded", "securitySettings": settings}
    return sub.write(group, kind, name, properties, location=region, tags=tags)


def _write_machines(sub: Subscription, region: str, machines: list[str]) -> None:
    """Write a vault that backs up the machines of a region, with the expected verdicts on machines and policies."""
    rng = sub.rng
    group, _, tags = sub.group(region=region)
    name = f"rsv-{region}-{rng.letters(4)}"
    vault = _write_settings(sub, group, _RECOVERY, name, region, tags)
    forms = {machine: rng.pick(_FAILING) if rng.faulty() else rng.pick(_PASSING) for machine in machines}
    short = {machine for machine in machines if rng.faulty()}
    held = [machine for machine in machines if forms[machine] != "none"]
    active = [machine for machine in held if forms[machine] not in ("stopped", "deleted")]
    policies = {
        is_short: _write_policy(
            sub, group, name, policy, days, len([one for one in active if (one in short) is is_short])
        )
        for is_short, policy, days in ((False, "EnhancedPolicy", 30), (True, "short", 3))
    }
    for machine in machines:
        form = forms[machine]
        sub.expect_failure_if("vm-backup", machine, form in _FAILING)
        if form in ("none", "stopped", "deleted"):
            sub.expect("vm-backup-retention", machine, "not_applicable")
        else:
            sub.expect_failure_if("vm-backup-retention", machine, machine in short)
        if form != "none":
            _write_machine(sub, vault, machine, form, policies[machine in short])
    if not held:
        _write_usages(sub, vault, 0)
    sub.expect_failure_if("recovery-vault-in-use", vault, not held)


def _write_machine(sub: Subscription, vault: str, machine: str, form: str, policy: str) -> None:
    """Write the item of a vault that represents the backup of a machine. `form` is the form of the backup, and `policy`
    is the id of the backup policy.
    """
    parts = machine.split("/")
    name = f"iaasvmcontainerv2;{parts[4].lower()};{parts[-1].lower()}"
    properties: Json = {
        "friendlyName": parts[-1],
        "virtualMachineId": machine,
        "protectionStatus": "Healthy",
        "protectionState": {"stopped": "ProtectionStopped", "pending": "IRPending"}.get(form, "Protected"),
        "healthStatus": "Passed",
        "lastBackupStatus": "IRPending" if form == "pending" else "Completed",
        "protectedItemType": "Microsoft.Compute/virtualMachines",
        "backupManagementType": "AzureIaasVM",
        "workloadType": "VM",
        "containerName": name,
        "sourceResourceId": machine,
        # A backup item whose backup was stopped has no policy.
        "policyId": "" if form == "stopped" else policy,
        "isScheduledForDeferredDelete": form == "deleted",
    }
    if form != "pending":
        properties["lastRecoveryPoint"] = sub.rng.arm_timestamp(*((20, 90) if form == "old" else (0, 1)))
    container = f"{vault}/backupFabrics/Azure/protectionContainers/IaasVMContainer;{name}"
    _write_item(sub, f"{container}/protectedItems/VM;{name}", properties)


def _write_content(sub: Subscription, group: str, vault: str, resource: str) -> None:
    """Write the policies of a vault, and the items that the vault backs up or replicates."""
    rng = sub.rng
    unused = rng.faulty()
    replicates = not unused and rng.chance(0.2)
    items = 0 if unused or replicates else rng.pick((1, 2, 5))
    short = rng.faulty()
    policy = _write_policy(sub, group, vault, "servers", 7 if short else rng.pick((30, 90)), items, "MAB")
    _write_policy(sub, group, vault, "DefaultPolicy", 30, 0)
    for number in range(items):
        container, item = f"Windows;server-{number}", "FileFolder;C"
        _write_item(
            sub,
            f"{resource}/backupFabrics/Azure/protectionContainers/{container}/protectedItems/{item}",
            {
                "friendlyName": "C:\\",
                "computerName": f"server-{number}",
                "protectionState": "Protected",
                "lastBackupStatus": "Completed",
                "protectedItemType": "MabFileFolderProtectedItem",
                "backupManagementType": "MAB",
                "workloadType": "FileFolder",
                "containerName": container,
                "policyId": policy,
                "lastRecoveryPoint": rng.arm_timestamp(0, 1),
            },
        )
    if not items:
        _write_usages(sub, resource, rng.pick((1, 2, 8)) if replicates else 0)
    sub.expect_failure_if("recovery-vault-in-use", resource, unused)


def _write_policy(
    sub: Subscription, group: str, vault: str, name: str, days: int, items: int, kind: str = "AzureIaasVM"
) -> str:
    """Write a policy for daily backups that are kept for `days`, and the expected verdict. Return the policy's id.

    `items` is the number of backup items with this policy that were not deleted.
    """
    times = ["2026-01-05T02:00:00Z"]
    properties: Json = {
        "backupManagementType": kind,
        "schedulePolicy": {
            "schedulePolicyType": "SimpleSchedulePolicy",
            "scheduleRunFrequency": "Daily",
            "scheduleRunTimes": times,
            "scheduleWeeklyFrequency": 0,
        },
        "retentionPolicy": {
            "retentionPolicyType": "LongTermRetentionPolicy",
            "dailySchedule": {
                "retentionTimes": times,
                "retentionDuration": {"count": days, "durationType": "Days"},
            },
        },
        "timeZone": "UTC",
        # In lists, Azure states 0 even if backup items have the policy.
        "protectedItemsCount": 0,
    }
    policy = sub.write(group, f"{_RECOVERY}/backupPolicies", f"{vault}/{name}", properties)
    if items:
        sub.expect_failure_if("recovery-policy-retention", policy, days < 30)
    else:
        sub.expect("recovery-policy-retention", policy, "not_applicable")
    return policy


def _write_item(sub: Subscription, identifier: str, properties: Json) -> None:
    kind = f"{_RECOVERY}/backupFabrics/protectionContainers/protectedItems"
    name = identifier.rpartition("/")[2]
    sub.out.document({"id": identifier, "name": name, "type": kind, "properties": properties})


def _write_usages(sub: Subscription, vault: str, replicated: int) -> None:
    """Write the document with the number of replicated machines. Its path is `<id of the vault>/replicationUsages`.

    As Azure does, the sandbox returns only the property `value` of this document.
    """
    usage: Json = {
        "monitoringSummary": {"unHealthyVmCount": 0, "eventsCount": 0},
        "jobsSummary": {"failedJobs": 0, "suspendedJobs": 0, "inProgressJobs": 0},
        "protectedItemCount": replicated,
        "registeredServersCount": 0,
        "recoveryPlanCount": 0,
    }
    sub.out.document(
        {"id": f"{vault}/replicationUsages", "type": f"{_RECOVERY}/replicationUsages", "value": [usage]}
    )
