"""Backups of virtual machines."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.recovery.cases_backups import (
    ALL,
    ITEM,
    POLICY,
    daily,
    duration,
    long_term,
    simple,
)
from tests.assessments.controls.recovery.cases_vault_settings import VAULT, recovery
from tests.assessments.controls.vm.documents import VM, machine

RG = VM.partition("/providers/")[0]
CLUSTER = f"{RG}/providers/Microsoft.ContainerService/managedClusters/aks1"
APP = f"{RG}/providers/Microsoft.Solutions/applications/app1"
OTHER_SUB = SUB.replace("1000", "2000")
OTHER_VAULT = VAULT.replace(SUB, OTHER_SUB)
OTHER_ITEM = ITEM.replace(SUB, OTHER_SUB)
OTHER_POLICY = POLICY.replace(SUB.rpartition("/")[2], OTHER_SUB.rpartition("/")[2])
IN_SIGHT = {"/subscriptions": [{"id": SUB, "tenantId": "t"}, {"id": OTHER_SUB, "tenantId": "t"}]}
MANY = {"/subscriptions": [{"id": f"/subscriptions/{n}", "tenantId": "t"} for n in range(130)]}
YESTERDAY, LONG_AGO = "2026-11-24T02:00:00.048723Z", "2026-11-01T02:00:00Z"
WEEK_AGO, MISSED = "2026-11-18T11:00:00Z", "2026-11-17T11:00:00Z"


def item(
    state: Any = "Protected", last: Any = YESTERDAY, identifier: str = ITEM, **more: Any
) -> dict[str, Any]:
    """A backup item of the machine. It contains the machine's id in capitals, unlike the machine's own document."""
    named = VM.upper()
    return doc(
        identifier,
        {
            "backupManagementType": "AzureIaasVM",
            "protectionState": state,
            "lastRecoveryPoint": last,
            "virtualMachineId": named,
            "sourceResourceId": named,
            "policyId": POLICY,
            **more,
        },
    )


def held(*items: Any, vm: Any = None, **more: Any) -> dict[str, Any]:
    """A machine, and a vault with these items."""
    return {
        **recovery(),
        "virtual_machines": [vm or machine()],
        "backup_items": {VAULT: list(items)},
        **more,
    }


def elsewhere(*items: Any, **more: Any) -> dict[str, Any]:
    """A machine without backup in its subscription, and a vault of another subscription with these items."""
    return {
        **held(),
        "backup_subscriptions": IN_SIGHT,
        "recovery_vaults_elsewhere": {OTHER_SUB: [{"id": OTHER_VAULT, "location": "westeurope"}]},
        "backup_items_elsewhere": {OTHER_VAULT: list(items)},
        **more,
    }


def of_policy(docs: Any, **properties: Any) -> dict[str, Any]:
    """A machine with a backup. The backup policy comes from `docs` or, if `docs` is None, has these properties."""
    found = docs if docs is not None else {"backup_policies": {VAULT: [doc(POLICY, properties)]}}
    return held(item(), backup_policies=found["backup_policies"])


def _policies(days: int) -> dict[str, Any]:
    return {"backup_policies": daily(days)["backup_policies"]}


def made_from(publisher: str) -> dict[str, Any]:
    storage = {"osDisk": {"name": "os"}, "dataDisks": [], "imageReference": {"publisher": publisher}}
    return held(vm=machine(storageProfile=storage))


DATABRICKS = VM.replace("/rg/", "/databricks-rg-shop/")
MEMBER = machine(virtualMachineScaleSet={"id": f"{VM}/set"})
EPHEMERAL = machine(
    storageProfile={"osDisk": {"name": "os", "diffDiskSettings": {"option": "Local"}}, "dataDisks": []}
)
FOREIGN = item(identifier=OTHER_ITEM, policyId=OTHER_POLICY)
OWN = {"params": {"vaults": "own"}}
JUDGED = {"params": {"scale_set_members": "judge"}}


def foreign_policy(retention: Any) -> dict[str, Any]:
    """A machine that a vault of another subscription backs up, with a backup policy of this retention."""
    return elsewhere(
        FOREIGN,
        backup_policies_elsewhere={OTHER_POLICY: [doc(OTHER_POLICY, {"retentionPolicy": retention})]},
    )


UNREAD: tuple[tuple[Any, ...], ...] = (
    ("vaults forbidden", held(), {VM: "unknown"}, {"gaps": [gap("recovery_vaults")]}),
    (
        "items of a vault forbidden",
        {**recovery(), "virtual_machines": [machine()]},
        {VM: "unknown"},
        {"gaps": [gap("backup_items", VAULT)]},
    ),
    (
        "subscriptions forbidden",
        held(),
        {VM: "unknown"},
        {"gaps": [gap("backup_subscriptions", "/subscriptions")]},
    ),
    (
        "vaults of another subscription forbidden",
        {**held(), "backup_subscriptions": IN_SIGHT},
        {VM: "unknown"},
        {"gaps": [gap("recovery_vaults_elsewhere", OTHER_SUB)]},
    ),
    (
        "items of another subscription forbidden",
        {k: v for k, v in elsewhere().items() if k != "backup_items_elsewhere"},
        {VM: "unknown"},
        {"gaps": [gap("backup_items_elsewhere", OTHER_VAULT)]},
    ),
    (
        "too many subscriptions",
        {**held(), "backup_subscriptions": MANY},
        {VM: "unknown"},
        {"reason": "too many other subscriptions (130)"},
    ),
    (
        "an item without a machine",
        held(item(virtualMachineId=None, sourceResourceId=None)),
        {VM: "unknown"},
    ),
    ("an item of an unreadable kind", held(item(backupManagementType=7)), {VM: "unknown"}),
    ("machines forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("virtual_machines")]}),
    ("no machine", {}, {SUB: "not_applicable"}),
)
LEFT_OUT: tuple[tuple[Any, ...], ...] = (
    ("OpenShift", made_from("azureopenshift"), {VM: "not_applicable"}),
    ("Databricks", made_from("AzureDatabricks"), {VM: "not_applicable"}),
    ("group of Databricks", held(vm={**machine(), "id": DATABRICKS}), {DATABRICKS: "not_applicable"}),
    ("member of a scale set", held(vm=MEMBER), {VM: "not_applicable"}),
    ("ephemeral system disk", held(vm=EPHEMERAL), {VM: "not_applicable"}, {"reason": "ephemeral"}),
)

CASES = [
    *rows(
        "vm-backup",
        ("backed up", held(item()), {VM: "pass"}, {"no_remark": "pending"}),
        ("named as the source only", held(item(virtualMachineId=None)), {VM: "pass"}),
        (
            "node of a cluster",
            held(managed_resource_groups=[doc(RG, {}, managedBy=CLUSTER)]),
            {VM: "not_applicable"},
            {"reason": "Kubernetes"},
        ),
        (
            "group of another manager",
            held(managed_resource_groups=[doc(RG, {}, managedBy=APP)]),
            {VM: "fail"},
        ),
        ("groups forbidden", held(), {VM: "unknown"}, {"gaps": [gap("managed_resource_groups")]}),
        (
            "groups forbidden, but not needed",
            held(item()),
            {VM: "pass"},
            {"gaps": [gap("managed_resource_groups")]},
        ),
        ("first backup pending", held(item("IRPending", None)), {VM: "pass"}, {"remark": "pending"}),
        ("stopped", held(item("ProtectionStopped")), {VM: "fail"}, {"reason": "stopped"}),
        ("paused", held(item("ProtectionPaused")), {VM: "fail"}, {"reason": "paused"}),
        ("suspended", held(item("BackupsSuspended")), {VM: "fail"}, {"reason": "suspended"}),
        ("error", held(item("ProtectionError")), {VM: "fail"}, {"reason": "error"}),
        ("deleted", held(item(isScheduledForDeferredDelete=True)), {VM: "fail"}, {"reason": "deleted"}),
        ("weekly backup, an hour late", held(item(last=WEEK_AGO)), {VM: "pass"}),
        ("weekly backup missed", held(item(last=MISSED)), {VM: "fail"}, {"reason": "too old"}),
        ("too old", held(item(last=LONG_AGO)), {VM: "fail"}, {"reason": "too old"}),
        ("old backup accepted", held(item(last=LONG_AGO)), {VM: "pass"}, {"params": {"max_age": 30}}),
        ("no time of the last backup", held(item(last=None)), {VM: "unknown"}),
        ("a new state", held(item("Frozen")), {VM: "unknown"}),
        (
            "stopped in one vault, protected by another",
            held(item("ProtectionStopped"), item(identifier=f"{ITEM}2")),
            {VM: "pass"},
        ),
        (
            "unclear in one vault, protected by another",
            held(item("Frozen"), item(identifier=f"{ITEM}2")),
            {VM: "pass"},
        ),
        ("no item", held(), {VM: "fail"}, {"reason": "No vault"}),
        ("no vault", {"virtual_machines": [machine()]}, {VM: "fail"}),
        (
            "a database in the machine",
            held(item(backupManagementType="AzureWorkload")),
            {VM: "fail"},
            {"reason": "No vault"},
        ),
        (
            "an item of a machine with the same name",
            held(item(virtualMachineId=f"{OTHER_SUB}/vm1", sourceResourceId=None)),
            {VM: "fail"},
        ),
        ("a vault of another subscription", elsewhere(FOREIGN), {VM: "pass"}, {"remark": "another"}),
        (
            "other subscriptions not accepted",
            elsewhere(FOREIGN),
            {VM: "fail"},
            {**OWN, "reason": "No vault of the subscription"},
        ),
        ("stopped in another subscription", elsewhere(item("ProtectionStopped")), {VM: "fail"}),
        (
            "subscriptions forbidden, but not needed",
            held(item()),
            {VM: "pass"},
            {"gaps": [gap("backup_subscriptions", "/subscriptions")]},
        ),
        ("a member of a scale set, judged", held(vm=MEMBER), {VM: "fail"}, JUDGED),
        *LEFT_OUT,
        *UNREAD,
    ),
    *rows(
        "vm-backup-retention",
        ("30 days", of_policy(daily(30)), {VM: "pass"}),
        ("3 days", of_policy(daily(3)), {VM: "fail"}),
        ("3 days accepted", of_policy(daily(3)), {VM: "pass"}, {"params": {"min_days": 3}}),
        ("1 week", of_policy(daily(1, "Weeks")), {VM: "pass"}, {"no_remark": "daily"}),
        (
            "weekly only",
            of_policy(None, retentionPolicy=long_term(weekly=duration(4, "Weeks"))),
            {VM: "pass"},
            {"remark": "no daily backups"},
        ),
        (
            "daily backups count, not yearly ones",
            of_policy(None, retentionPolicy=long_term(daily=duration(3), yearly=duration(1, "Years"))),
            {VM: "fail"},
        ),
        ("simple", of_policy(None, retentionPolicy=simple(30)), {VM: "pass"}, {"no_remark": "daily"}),
        ("no schedule", of_policy(None, retentionPolicy=long_term()), {VM: "unknown"}),
        ("no retention", of_policy(None), {VM: "unknown"}),
        ("another policy", held(item(policyId=f"{POLICY}2"), **_policies(30)), {VM: "unknown"}),
        ("no policy stated", held(item(policyId=None), **_policies(30)), {VM: "unknown"}),
        (
            "policies forbidden",
            held(item()),
            {VM: "unknown"},
            {"gaps": [gap("backup_policies", VAULT)]},
        ),
        (
            "a policy of another subscription",
            foreign_policy(long_term(daily=duration(30))),
            {VM: "pass"},
        ),
        ("all schedules, in another subscription", foreign_policy(ALL), {VM: "fail"}),
        ("simple, in another subscription", foreign_policy(simple(30)), {VM: "pass"}),
        (
            "a policy of another subscription forbidden",
            elsewhere(FOREIGN),
            {VM: "unknown"},
            {"gaps": [gap("backup_policies_elsewhere", OTHER_POLICY)]},
        ),
        ("stopped", held(item("ProtectionStopped"), **_policies(3)), {VM: "not_applicable"}),
        (
            "deleted",
            held(item(isScheduledForDeferredDelete=True), **_policies(3)),
            {VM: "not_applicable"},
        ),
        ("a new state", held(item("Frozen"), **_policies(30)), {VM: "unknown"}),
        ("not backed up", held(), {VM: "not_applicable"}),
        *LEFT_OUT,
        *UNREAD,
    ),
]
ABSENCE_PASSES = [
    (
        r"vm-backup(-retention)?",
        r"properties\.(virtualMachineId|sourceResourceId)",
        "each of the two names the machine, and one is enough",
    ),
    (
        "vm-backup",
        r"properties\.isScheduledForDeferredDelete",
        "Azure states it only for items that were deleted",
    ),
    (
        "vm-backup-retention",
        r"properties\.retentionPolicy\.dailySchedule",
        "without daily backups, the longest other schedule counts",
    ),
]
OFFICIAL_VERDICTS = """
vm-backup fail: myVM
vm-backup-retention fail: myVM
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Virtual machines › {machine} › Backup › Enable Backup",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/backup/backup-azure-vms-first-look-arm.md",
            "05a1fed106ddda1ab36e01974815ee708d39396e",
            "On the VM management blade, in the Settings section, click Backup",
            "On the Enable backup blade, click Enable Backup to deploy the policy",
        ),
    ),
    ComparedPath(
        "Azure portal › Business Continuity Center › Protection policies › {backup_policy} › Modify policy",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/backup/manage-afs-backup.md",
            "0040c4b226270ef43ad215094044d16db95e99fc",
            (
                "Go to Business Continuity Center > Protection policies under the Manage section, and then "
                "select Azure Backup as a solution"
            ),
            "Select the policy you want to update",
            (
                "On the Modify policy blade, edit the backup schedule, retention, or backup tier as "
                "required, and then select Update"
            ),
        ),
    ),
]
