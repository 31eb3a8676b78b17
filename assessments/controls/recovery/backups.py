"""Controls of the items that Recovery Services vaults protect, and of how long they keep backups.

Properties: recoveryservicesbackup/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/bms.json
(ProtectionPolicy, BackupManagementType) and recoveryservices/resource-manager/Microsoft.RecoveryServices/stable
/2024-10-01/replicationusages.json (ReplicationUsage)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter
from assessments.controls.recovery.vault_settings import RECOVERY_VAULT
from assessments.controls.references import References
from assessments.controls.settings import Remark, SettingControl, declare_settings, with_remarks
from assessments.controls.shared.backup_retention import days_by_schedule
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.backup import (
    BACKUP_ITEMS,
    BACKUP_POLICIES,
    RECOVERY_VAULTS,
    REPLICATION_USAGES,
)
from assessments.estate.ids import fold, parent_of
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

BACKUP_POLICY: Final = Variable(
    "backup_policy",
    "Name of the backup policy",
    "DefaultPolicy",
    "the backup policy",
    # If the subject of a finding is a backup policy, the id of the subject contains the name of the policy. If the
    # subject is a machine, the observed values contain the name.
    lambda facts: facts.segment("backupPolicies") or facts.text("backupPolicyName"),
)
MODIFY_POLICY: Final = (
    "Azure portal › Business Continuity Center › Protection policies › {backup_policy} › Modify policy"
)
MODIFY_POLICY_SOURCE: Final = "https://learn.microsoft.com/azure/backup/manage-afs-backup"
MIN_DAYS: Final = Parameter(
    "min_days",
    30,
    "Minimum number of days for which a policy keeps backups",
    label="Minimum retention (days)",
    minimum=1,
)
# Values of `backupManagementType`. Backup policies with a value in _WITH_RETENTION contain one retention policy. Those
# with a value in _WITH_TYPES, such as policies for databases in machines, contain one for each type of backup.
_WITH_RETENTION: Final = frozenset({"azureiaasvm", "azuresql", "mab"})
_WITH_TYPES: Final = frozenset({"azureworkload", "genericprotectionpolicy"})
_FILE_SHARES: Final = "azurestorage"
_TYPES: Final = frozenset({"full", "differential", "log", "copyonlyfull", "incremental"}) | {
    "snapshotfull",
    "snapshotcopyonlyfull",
}


# Values of `protectionState` of items that get no new backups: bms.json (ProtectionState)
_STOPPED: Final = frozenset({"protectionstopped", "backupssuspended"})


def _retention(policy: View, ctx: Context) -> Verdict:
    properties = policy.object("properties")
    if not _is_used(policy, ctx):
        return not_applicable("Nothing is backed up with this policy")
    days = max(
        longest for retention in _retentions(properties) for longest in days_by_schedule(retention).values()
    )
    observed = {"backupManagementType": properties.raw("backupManagementType"), "backupRetentionInDays": days}
    if days < ctx.params[MIN_DAYS.name]:
        return failed("The policy deletes all backups too soon", **observed)
    return passed("The policy keeps backups long enough", **observed)


def _is_used(policy: View, ctx: Context) -> bool:
    """Return whether the policy applies to a backup item that was not deleted. Raise CollectionUnavailable or
    Unreadable if it may apply to an item that could not be read.

    Do not use the property `protectedItemsCount` of the policy: in lists, Azure returns 0 for each policy
    (https://github.com/Azure/azure-powershell/issues/14616).
    """
    items_by_policy, unclear = ctx.memo("items by policy", lambda: _items_by_policy(ctx))
    problem: Unreadable | None = None
    for item in ctx.bind(items_by_policy.get(fold(policy.id), [])):
        item.raw("properties.policyId")
        try:
            if not item.flag("properties.isScheduledForDeferredDelete", default=False):
                return True
        except Unreadable as error:
            problem = problem or error
    # A policy can apply only to items of its own vault. So ignore items of other vaults, even if their `policyId` could
    # not be read.
    vault = fold(parent_of(policy.id))
    if problem := problem or unclear.get(vault):
        raise problem
    ctx.documents_at(BACKUP_ITEMS, vault)
    return False


def _items_by_policy(ctx: Context) -> tuple[dict[str, list[View]], dict[str, Unreadable]]:
    """Return {id of a backup policy: its backup items} and {id of a vault: read error}, with ids in lower case. The
    second dict has the vaults that contain an item without a readable `policyId`.
    """
    items: dict[str, list[View]] = {}
    unclear: dict[str, Unreadable] = {}
    for answer in ctx.estate.answers(BACKUP_ITEMS.name):
        for item in answer.documents:
            try:
                if policy := item.text("properties.policyId", default="").strip():
                    items.setdefault(fold(policy), []).append(item)
            except Unreadable as error:
                unclear.setdefault(fold(answer.scope), error)
    return items, unclear


def _retentions(properties: View) -> Iterator[View]:
    """Yield the retention policies of a backup policy; for databases in machines, only those of full backups. Raise
    Unreadable if the backup policy contains no such retention policy.
    """
    kind = properties.choice("backupManagementType", {*_WITH_RETENTION, *_WITH_TYPES, _FILE_SHARES})
    if kind in _WITH_RETENTION:
        yield properties.object("retentionPolicy")
    elif kind == _FILE_SHARES:
        found = [
            properties.object(path)
            for path in ("retentionPolicy", "vaultRetentionPolicy.vaultRetention")
            if properties.has(path)
        ]
        if not found:
            raise properties.unreadable("retentionPolicy", "absent")
        yield from found
    else:
        parts = properties.items("subProtectionPolicy")
        full = [part for part in parts if part.choice("policyType", _TYPES) == "full"]
        if not full:
            raise Undecided(
                properties.id,
                "properties.subProtectionPolicy",
                "Check how long the policy keeps backups: Surety compares only the retention of full backups, and the"
                " policy makes none",
            )
        for part in full:
            yield part.object("retentionPolicy")


def _in_use(vault: View, ctx: Context) -> Verdict:
    items, gap = ctx.partial_at(BACKUP_ITEMS, vault.id)
    kept: list[View] = []
    problem: Unreadable | None = None
    for item in items:
        try:
            if not item.flag("properties.isScheduledForDeferredDelete", default=False):
                kept.append(item)
        except Unreadable as error:
            problem = problem or error
    stated = (item.raw("properties.backupManagementType") for item in kept)
    if kinds := sorted({kind for kind in stated if isinstance(kind, str) and kind.strip()}):
        verdict = passed("The vault backs something up", backupItems=len(kept), backupManagementType=kinds)
        # If the list of items is incomplete, leave out the remark that all backups are stopped: an item that was not
        # read may still get new backups.
        return verdict if gap is not None else with_remarks(verdict, (_ALL_STOPPED,), vault, ctx)
    if problem is not None:
        raise problem
    if kept:
        raise kept[0].unreadable("properties.backupManagementType", "absent")
    if gap is not None:
        raise CollectionUnavailable(gap)
    usages = ctx.single(REPLICATION_USAGES, vault.id)
    if usages is None:
        raise vault.unreadable("replicationUsages", "absent")
    counts = [usage.number("protectedItemCount") for usage in usages.items("value")]
    if not counts:
        raise usages.unreadable("value", "empty")
    replicated = sum(counts)
    observed: dict[str, Any] = {"backupItems": 0, "replicatedItems": replicated}
    if replicated < 1:
        verdict = failed("The vault neither backs anything up nor replicates machines", **observed)
        return with_remarks(verdict, (_DELETED,), vault, ctx)
    return passed("The vault replicates machines with Azure Site Recovery", **observed)


def _are_stopped(vault: View, ctx: Context) -> bool:
    """Return whether the vault has items, and none of them gets new backups."""
    states = [item.raw("properties.protectionState") for item in ctx.partial_at(BACKUP_ITEMS, vault.id)[0]]
    return bool(states) and all(str(state).casefold() in _STOPPED for state in states)


_ALL_STOPPED: Final = Remark(
    "All backups are stopped: the vault keeps the earlier ones, but makes no new ones", _are_stopped
)
_DELETED: Final = Remark(
    "The vault still holds deleted backups, until their soft delete ends",
    lambda vault, ctx: bool(ctx.partial_at(BACKUP_ITEMS, vault.id)[0]),
)


POLICY_RETENTION = declare_settings(
    __name__,
    BACKUP_POLICIES,
    SettingControl(
        "recovery-policy-retention",
        title="Backup policies keep backups long enough",
        problem="Backup policy that deletes all backups too soon",
        expected="The longest retention of the policy is at least {min_days:days}",
        judged="Each backup policy of Recovery Services vaults that applies to a backup item (`policyId`). Deleted"
        " items do not count. The longest retention among its daily, weekly, monthly and yearly backups must be at"
        " least `min_days` days; a month counts as 30 days, and a year as 365. For databases in machines, the retention"
        " of full backups counts. For file shares, the retention in the vault counts too. If Surety does not know the"
        " form of a policy, the verdict is unknown.",
        why="Attackers often stay unnoticed for weeks. Then only older backups are free of their changes.",
        severity=Severity.LOW,
        judge=_retention,
        needs=(BACKUP_ITEMS,),
        parameters=(MIN_DAYS,),
        empty_reason="No backup policies of Recovery Services vaults",
        references=References(mcsb="BR-1*", nist="CP-9*"),
        fix=Fix(
            advice(
                "Set a longer retention in the backup policy. It applies to all items of the policy, also to their"
                " existing backups."
            ),
            portal=MODIFY_POLICY,
            portal_source=MODIFY_POLICY_SOURCE,
            cost="Azure bills the storage of the backups that are kept longer.",
            variables=[BACKUP_POLICY],
        ),
    ),
)
VAULT_IN_USE = declare_settings(
    __name__,
    RECOVERY_VAULTS,
    SettingControl(
        "recovery-vault-in-use",
        title="Recovery Services vaults are in use",
        problem="Recovery Services vault without backups",
        expected="The vault backs something up, or replicates machines",
        judged="Each Recovery Services vault must list a backup item of any kind (`backupProtectedItems`) that is not"
        " deleted. If the backups of all items are stopped, a remark says so. For a vault without items,"
        " `replicationUsages` must state that Azure Site Recovery replicates a machine.",
        why="A vault without backups often means that backups were planned but never set up, or ended unnoticed.",
        severity=Severity.LOW,
        labels={"replicatedItems": "Replicated machines"},
        judge=_in_use,
        empty_reason="No Recovery Services vaults",
        needs=(BACKUP_ITEMS, REPLICATION_USAGES),
        references=References(nist="CP-9*"),
        fix=Fix(
            advice(
                "Back up the resources for which the vault was created. If there are none, delete the vault."
            ),
            command(
                "az backup vault delete --resource-group {group} --name {recovery_vault} --yes"
                " --subscription {subscription}",
                "Delete the vault:",
            ),
            portal="Azure portal › Recovery Services vaults › {recovery_vault} › Overview › Delete",
            portal_source="https://learn.microsoft.com/azure/backup/backup-azure-delete-vault",
            effects="Azure refuses to delete a vault that still holds data, also data that is deleted but recoverable.",
            variables=[RECOVERY_VAULT],
        ),
    ),
)
