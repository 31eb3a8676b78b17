"""The items in Recovery Services vaults, and the retention of their backup policies."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import rows
from tests.assessments.controls.judging import SUB, doc, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile
from tests.assessments.controls.recovery.cases_vault_settings import VAULT, recovery

# Azure spells the first segment of a backup policy's id with a capital letter.
POLICY = f"{VAULT}/backupPolicies/nightly".replace("/subscriptions/", "/Subscriptions/")
ITEM = f"{VAULT}/backupFabrics/Azure/protectionContainers/container/protectedItems/item"
USAGES = f"{VAULT}/replicationUsages"


def duration(count: Any = 30, unit: Any = "Days") -> dict[str, Any]:
    return {"retentionDuration": {"count": count, "durationType": unit}}


def long_term(**schedules: Any) -> dict[str, Any]:
    return {
        "retentionPolicyType": "LongTermRetentionPolicy",
        **{f"{name}Schedule": schedule for name, schedule in schedules.items()},
    }


def simple(count: Any = 30, unit: Any = "Days") -> dict[str, Any]:
    return {"retentionPolicyType": "SimpleRetentionPolicy", **duration(count, unit)}


def policy(kind: Any = "AzureIaasVM", item: Any = None, **properties: Any) -> dict[str, Any]:
    """A backup policy and, unless `item` is "none", a backup item with it."""
    # Azure's list always states 0.
    held = {"backupManagementType": kind, "protectedItemsCount": 0, **properties}
    found = {**recovery(), "backup_policies": {VAULT: [doc(POLICY, held)]}}
    if item == "none":
        return {**found, "backup_items": {VAULT: []}}
    stated = {"policyId": POLICY.replace("/backupPolicies/", "/BackupPolicies/"), **(item or {})}
    return {**found, "backup_items": {VAULT: [doc(ITEM, {"backupManagementType": kind, **stated})]}}


def daily(count: Any, unit: Any = "Days", item: Any = None) -> dict[str, Any]:
    return policy(item=item, retentionPolicy=long_term(daily=duration(count, unit)))


def parts(*found: Any) -> dict[str, Any]:
    return policy("AzureWorkload", subProtectionPolicy=list(found))


def part(kind: Any, retention: Any) -> dict[str, Any]:
    return {"policyType": kind, "retentionPolicy": retention}


def share(**properties: Any) -> dict[str, Any]:
    return policy("AzureStorage", **properties)


ALL = long_term(
    daily=duration(3),
    weekly=duration(1, "Weeks"),
    monthly=duration(3, "Months"),
    yearly=duration(1, "Years"),
)
FULL = part("Full", long_term(daily=duration(30)))
LOG = part("Log", simple(90))
IN_VAULT = {"snapshotRetentionInDays": 5, "vaultRetention": long_term(weekly=duration(12, "Weeks"))}


def used(items: int = 0, replicated: Any = None, docs: Any = None) -> dict[str, Any]:
    """A vault with this number of backup items. `replicated`: the entries in Azure's answer for `replicationUsages`."""
    bodies = [doc(f"{ITEM}{number}", {"backupManagementType": "MAB"}) for number in range(items)]
    found: dict[str, Any] = {**recovery(), "backup_items": {VAULT: bodies}}
    if replicated is not None:
        found["replication_usages"] = {VAULT: [{"id": USAGES, "value": replicated}]}
    return {**found, **(docs or {})}


def items(*properties: dict[str, Any], replicated: Any = None) -> dict[str, Any]:
    """A vault whose backup items are machines. `properties`: the properties of each item."""
    bodies = [
        doc(f"{ITEM}{number}", {"backupManagementType": "AzureIaasVM", **one})
        for number, one in enumerate(properties)
    ]
    return used(replicated=replicated, docs={"backup_items": {VAULT: bodies}})


def without_items(found: dict[str, Any]) -> dict[str, Any]:
    return {name: answers for name, answers in found.items() if name != "backup_items"}


DELETED = {"isScheduledForDeferredDelete": True, "protectionState": "ProtectionStopped"}
STOPPED = {"protectionState": "ProtectionStopped"}
NO_VAULTS: tuple[Any, ...] = (
    "vaults forbidden",
    {"resources": recovery()["resources"]},
    {SUB: "unknown"},
    {"gaps": [gap("recovery_vaults")]},
)
NONE: tuple[Any, ...] = ("no vault", {}, {SUB: "not_applicable"})
TWO = [{"protectedItemCount": 0}, {"protectedItemCount": 2}]

CASES = [
    *rows(
        "recovery-policy-retention",
        ("30 days", daily(30), {POLICY: "pass"}),
        ("7 days", daily(7), {POLICY: "fail"}),
        ("7 days accepted", daily(7), {POLICY: "pass"}, {"params": {"min_days": 7}}),
        ("4 weeks", daily(4, "Weeks"), {POLICY: "fail"}),
        ("1 month", daily(1, "Months"), {POLICY: "pass"}),
        ("no items", daily(1, item="none"), {POLICY: "not_applicable"}),
        ("an item of another policy", daily(1, item={"policyId": f"{POLICY}2"}), {POLICY: "not_applicable"}),
        ("an item without policy", daily(1, item={"policyId": ""}), {POLICY: "not_applicable"}),
        ("only a deleted item", daily(1, item=DELETED), {POLICY: "not_applicable"}),
        ("deletion is text", daily(1, item={"isScheduledForDeferredDelete": "yes"}), {POLICY: "unknown"}),
        ("policy of an item is a number", daily(1, item={"policyId": 1}), {POLICY: "unknown"}),
        (
            "items forbidden",
            without_items(daily(1)),
            {POLICY: "unknown"},
            {"gaps": [gap("backup_items", VAULT)]},
        ),
        (
            "an item with the policy, among those that could be read",
            daily(1),
            {POLICY: "fail"},
            {"gaps": [gap("backup_items", VAULT)]},
        ),
        ("a new unit", daily(30, "Moons"), {POLICY: "unknown"}),
        ("count is text", daily("30"), {POLICY: "unknown"}),
        (
            "the longest schedule counts",
            policy(retentionPolicy=long_term(daily=duration(7), yearly=duration(1, "Years"))),
            {POLICY: "pass"},
        ),
        ("all schedules", policy(retentionPolicy=ALL), {POLICY: "pass"}),
        ("no schedule", policy(retentionPolicy=long_term()), {POLICY: "unknown"}),
        ("simple", policy("MAB", retentionPolicy=simple(30)), {POLICY: "pass"}),
        ("simple, too few days", policy("AzureSql", retentionPolicy=simple(10)), {POLICY: "fail"}),
        ("a new form", policy(retentionPolicy={"retentionPolicyType": "Endless"}), {POLICY: "unknown"}),
        ("a new kind", policy("AzureMoon", retentionPolicy=simple(30)), {POLICY: "unknown"}),
        ("databases", parts(FULL, LOG), {POLICY: "pass"}),
        (
            "databases, only the log is kept long",
            parts(part("Full", long_term(daily=duration(7))), LOG),
            {POLICY: "fail"},
        ),
        ("databases, all schedules", parts(part("Full", ALL)), {POLICY: "pass"}),
        ("databases, simple", parts(part("Full", simple(10))), {POLICY: "fail"}),
        ("databases, no full backups", parts(LOG), {POLICY: "unknown"}),
        ("databases, a new type", parts(FULL, part("Odd", simple(30))), {POLICY: "unknown"}),
        ("file share, snapshots", share(retentionPolicy=long_term(daily=duration(30))), {POLICY: "pass"}),
        ("file share, vault", share(vaultRetentionPolicy=IN_VAULT), {POLICY: "pass"}),
        (
            "file share, too few days",
            share(vaultRetentionPolicy={"vaultRetention": long_term(monthly=duration(1, "Days"))}),
            {POLICY: "fail"},
        ),
        ("file share, all schedules", share(vaultRetentionPolicy={"vaultRetention": ALL}), {POLICY: "pass"}),
        ("file share, simple", share(vaultRetentionPolicy={"vaultRetention": simple()}), {POLICY: "pass"}),
        ("file share, no retention", share(), {POLICY: "unknown"}),
        ("no policies", {**recovery(), "backup_policies": {VAULT: []}}, {SUB: "not_applicable"}),
        (
            "policies forbidden",
            recovery(),
            {SUB: "unknown"},
            {"gaps": [gap("backup_policies", VAULT)]},
        ),
        # If the vaults could not be listed, collecting records a gap for each collection below the vaults, too.
        ("vaults forbidden", {}, {SUB: "unknown"}, {"gaps": [gap("backup_policies")]}),
        NONE,
    ),
    *rows(
        "recovery-vault-in-use",
        ("backs something up", used(2), {VAULT: "pass"}),
        (
            "backs a machine up, and keeps another that was deleted",
            items(DELETED, {"protectionState": "Protected"}),
            {VAULT: "pass"},
            {"no_remark": "stopped"},
        ),
        (
            "only deleted backups",
            items(DELETED, replicated=[{"protectedItemCount": 0}]),
            {VAULT: "fail"},
            {"remark": "deleted backups"},
        ),
        ("only deleted backups, and replicates", items(DELETED, replicated=TWO), {VAULT: "pass"}),
        ("deletion is text", items({"isScheduledForDeferredDelete": "yes"}), {VAULT: "unknown"}),
        (
            "only stopped backups",
            items(STOPPED, {"protectionState": "BackupsSuspended"}),
            {VAULT: "pass"},
            {"remark": "makes no new ones"},
        ),
        (
            "only stopped backups, as far as they could be read",
            items(STOPPED),
            {VAULT: "pass"},
            {"gaps": [gap("backup_items", VAULT)], "no_remark": "stopped"},
        ),
        ("replicates", used(replicated=TWO), {VAULT: "pass"}, {"reason": "Site Recovery"}),
        ("empty", used(replicated=[{"protectedItemCount": 0}]), {VAULT: "fail"}, {"no_remark": "deleted"}),
        ("no numbers", used(replicated=[]), {VAULT: "unknown"}),
        ("number not stated", used(replicated=[{"recoveryPlanCount": 0}]), {VAULT: "unknown"}),
        (
            "items of an unreadable kind",
            {**recovery(), "backup_items": {VAULT: [doc(ITEM)]}},
            {VAULT: "unknown"},
        ),
        ("numbers not answered", used(), {VAULT: "unknown"}),
        (
            "numbers forbidden",
            used(),
            {VAULT: "unknown"},
            {"gaps": [gap("replication_usages", VAULT)]},
        ),
        ("items forbidden", recovery(), {VAULT: "unknown"}, {"gaps": [gap("backup_items", VAULT)]}),
        NO_VAULTS,
        NONE,
    ),
]
ABSENCE_PASSES = [
    (
        "recovery-policy-retention",
        r"properties\.isScheduledForDeferredDelete",
        "an item that does not state that it was deleted counts",
    ),
    (
        "recovery-vault-in-use",
        r"properties\.isScheduledForDeferredDelete",
        "an item that does not state that it was deleted counts",
    ),
]
OFFICIAL_VERDICTS = """
recovery-policy-retention not_applicable: DefaultPolicy HourlyLogBackup newPolicyV2 v2-daily-policy
recovery-vault-in-use pass: avrai7517Vault1 swaggerExample
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Recovery Services vaults › {recovery_vault} › Overview › Delete",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/backup/backup-azure-delete-vault.md",
            "017654d14eb78a81d68ea84640b468bcb7fa96d3",
            "Go to vault Overview, click Delete, and then follow the instructions",
        ),
        not_in_text={"Recovery Services vaults": "The list of vaults, which a reader finds by its name."},
    ),
]
