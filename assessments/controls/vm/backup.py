"""Controls of the backups of virtual machines: whether a vault backs them up, and how long it keeps daily backups.

Properties: recoveryservicesbackup/resource-manager/Microsoft.RecoveryServices/stable/2024-10-01/bms.json
(AzureIaaSVMProtectedItem, AzureIaaSVMProtectionPolicy)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.recovery.backups import BACKUP_POLICY, MODIFY_POLICY, MODIFY_POLICY_SOURCE
from assessments.controls.references import References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.aks_nodes import belongs_to_aks
from assessments.controls.shared.backup_retention import days_by_schedule
from assessments.controls.shared.vm_status import is_ephemeral
from assessments.controls.verdict import Outcome, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collection import Collection
from assessments.estate.collections.backup import (
    BACKUP_ITEMS,
    BACKUP_POLICIES,
    BACKUP_SUBSCRIPTIONS,
    OTHER_BACKUP_ITEMS,
    OTHER_BACKUP_POLICIES,
    OTHER_RECOVERY_VAULTS,
    RECOVERY_VAULTS,
)
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.collections.vm import VIRTUAL_MACHINES
from assessments.estate.ids import fold, name_of
from assessments.estate.logs.cross_subscription import MAX_OTHER_SUBSCRIPTIONS, other_subscriptions
from assessments.estate.machines.backups import MACHINES, ItemsByMachine, items_by_machine
from assessments.estate.view import Undecided, Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

# The default is 8 days because a weekly policy makes a backup every 7 days, and a backup can start some hours late.
MAX_AGE: Final = Parameter(
    "max_age", 8, "Maximum age of the last backup, in days", label="Maximum age (days)", minimum=1
)
MIN_DAYS: Final = Parameter(
    "min_days",
    7,
    "Minimum number of days for which daily backups are kept",
    label="Minimum retention (days)",
    minimum=1,
)
MEMBERS: Final = Parameter(
    "scale_set_members",
    "na",
    "Verdict on machines of a scale set: na (not applicable), or judge (judged like other machines)",
    label="Members of scale sets",
    choices=("na", "judge"),
)
VAULTS: Final = Parameter(
    "vaults",
    "all",
    "Vaults that count: all, or own (only vaults in the subscription of the machine)",
    label="Vaults that count",
    choices=("all", "own"),
)
# Azure replaces some machines instead of restoring them. The publisher of the image or the name of the resource group
# identifies such a machine. The built-in policy “Azure Backup should be enabled for Virtual Machines”
# (013e242c-8828-4970-87b3-ab247555486d) leaves such machines out. Source: https://github.com/Azure/azure-policy
_PUBLISHERS: Final = frozenset({"azureopenshift", "azuredatabricks"})
_DATABRICKS_GROUPS: Final = "/resourcegroups/databricks-rg-"
_PROTECTED, _PENDING = "protected", "irpending"
_PROBLEMS: Final = {
    "protectionstopped": "The backup of the machine was stopped",
    "protectionpaused": "The backup of the machine is paused",
    "backupssuspended": "The backups of the machine are suspended",
    "protectionerror": "The machine cannot be backed up because of an error",
}
_STATES: Final = frozenset({_PROTECTED, _PENDING, *_PROBLEMS})
_NO_BACKUP: Final = "No vault backs the machine up"
_NOT_IN_OWN: Final = "No vault of the subscription backs the machine up"
_COLLECTIONS: Final = (
    RECOVERY_VAULTS,
    BACKUP_ITEMS,
    BACKUP_SUBSCRIPTIONS,
    OTHER_RECOVERY_VAULTS,
    OTHER_BACKUP_ITEMS,
)
_LEARN: Final = "https://learn.microsoft.com/azure/backup"
_VAULT_GROUP: Final = Variable("vault_group", "Name of the resource group of the vault", "rg-backup")
_VAULT_NAME: Final = Variable(
    "vault_name", "Name of a Recovery Services vault in the region of the machine", "rsv-shop", "the vault"
)
_VAULT_POLICY: Final = Variable("vault_policy", "Name of a backup policy of the vault", "DefaultPolicy")


def _backup(machine: View, ctx: Context) -> Verdict:
    if reason := _left_out(machine, ctx):
        return not_applicable(reason)
    problem: Verdict | None = None
    unclear: Unreadable | None = None
    for item in _items(machine, ctx):
        try:
            verdict = _judge_item(item, ctx)
        except Unreadable as error:
            unclear = unclear or error
            continue
        if verdict.outcome is Outcome.PASS:
            return verdict
        problem = problem or verdict
    if unclear is not None:
        raise unclear
    if problem is None and belongs_to_aks(machine, ctx):
        return not_applicable(
            "The machine is a node of Azure Kubernetes Service, which replaces nodes instead of restoring them"
        )
    return problem or failed(_without_backup(ctx))


def _without_backup(ctx: Context) -> str:
    return _NOT_IN_OWN if ctx.params[VAULTS.name] == "own" else _NO_BACKUP


def _judge_item(item: View, ctx: Context) -> Verdict:
    properties = item.object("properties")
    state = properties.choice("protectionState", _STATES)
    observed = {"protectionState": properties.raw("protectionState"), "vault": _vault(item)}
    if properties.flag("isScheduledForDeferredDelete", default=False):
        return failed("The backups of the machine were deleted", **observed)
    if state in _PROBLEMS:
        return failed(_PROBLEMS[state], **observed)
    is_foreign = item.collection == OTHER_BACKUP_ITEMS.name
    if state == _PENDING:
        return passed(
            "A vault backs the machine up", remarks=["The first backup is still pending"], **observed
        )
    last = properties.time("lastRecoveryPoint")
    if ctx.now - last > timedelta(days=ctx.params[MAX_AGE.name]):
        return failed(
            "The last backup of the machine is too old",
            lastRecoveryPoint=properties.raw("lastRecoveryPoint"),
            **observed,
        )
    return passed(
        "A vault backs the machine up",
        remarks=["The vault belongs to another subscription"] if is_foreign else [],
        **observed,
    )


def _vault(item: View) -> str:
    """Return the name of the vault that contains a backup item."""
    head, _, tail = item.id.partition("/vaults/")
    return tail.partition("/")[0] if tail else name_of(head)


def _left_out(machine: View, ctx: Context) -> str:
    """Return the reason why a machine needs no backup, or an empty text if it needs one."""
    properties = machine.object("properties")
    image = properties.object("storageProfile").object("imageReference", default={})
    if image.text("publisher", default="").casefold() in _PUBLISHERS or _DATABRICKS_GROUPS in fold(
        machine.id
    ):
        return "Azure Databricks or Azure Red Hat OpenShift replaces the machine instead of restoring it"
    # https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks#unsupported-features
    system_disk = properties.object("storageProfile").object("osDisk", default={})
    if is_ephemeral(system_disk):
        return "Azure Backup does not support machines with an ephemeral system disk"
    member = properties.object("virtualMachineScaleSet", default={}).text("id", default="")
    if member and ctx.params[MEMBERS.name] == "na":
        return "The machine belongs to a scale set, which replaces machines instead of restoring them"
    return ""


def _items(machine: View, ctx: Context) -> Iterator[View]:
    """Yield the backup items of a machine: first the items in vaults of the machine's own subscription, then the items
    in vaults of other subscriptions.

    After the last item, raise CollectionUnavailable or Unreadable if a vault that was not read may back the machine up.
    """
    yield from _items_in(BACKUP_ITEMS, machine, ctx)
    for collection in (RECOVERY_VAULTS, BACKUP_ITEMS):
        ctx.require_complete(collection)
    if ctx.params[VAULTS.name] == "own":
        return
    yield from _items_in(OTHER_BACKUP_ITEMS, machine, ctx)
    for collection in (BACKUP_SUBSCRIPTIONS, OTHER_RECOVERY_VAULTS, OTHER_BACKUP_ITEMS):
        ctx.require_complete(collection)
    count = len(other_subscriptions(ctx.estate, BACKUP_SUBSCRIPTIONS.name))
    if count > MAX_OTHER_SUBSCRIPTIONS:
        raise Undecided(
            machine.id,
            "id",
            f"Vaults of other subscriptions were not read, because there are too many other subscriptions ({count:,})",
        )


def _items_in(collection: Collection, machine: View, ctx: Context) -> Iterator[View]:
    """Yield the items of `collection` that back the machine up. After the last item, raise Unreadable if any item does
    not name its machine, or if an item of this machine does not state what kind of resource it backs up.
    """
    found: ItemsByMachine = ctx.memo(
        ("items by machine", collection.name), lambda: items_by_machine(ctx.estate.documents(collection.name))
    )
    unclear: Unreadable | None = None
    for item in ctx.bind(found.items.get(fold(machine.id), [])):
        try:
            item.choice("properties.backupManagementType", {MACHINES})
        except Unreadable as error:
            unclear = unclear or error
            continue
        yield item
    if unclear is not None:
        raise unclear
    for item in ctx.bind(found.unattributed[:1]):
        raise item.unreadable("properties.virtualMachineId", "absent")


def _retention(machine: View, ctx: Context) -> Verdict:
    if reason := _left_out(machine, ctx):
        return not_applicable(reason)
    for item in _items(machine, ctx):
        properties = item.object("properties")
        is_deleted = properties.flag("isScheduledForDeferredDelete", default=False)
        if properties.choice("protectionState", _STATES) in (_PROTECTED, _PENDING) and not is_deleted:
            return _judge_policy(_policy(properties, ctx), ctx)
    return not_applicable(_without_backup(ctx))


def _policy(item: View, ctx: Context) -> View:
    """Return the backup policy of a backup item. Raise CollectionUnavailable or Unreadable if needed data could not be
    read.
    """
    identifier = item.text("policyId")
    for collection in (BACKUP_POLICIES, OTHER_BACKUP_POLICIES):
        if (found := ctx.find(collection, identifier)) is not None:
            return found
    for collection in (BACKUP_POLICIES, OTHER_BACKUP_POLICIES):
        ctx.require_complete(collection)
    raise item.unlisted("policyId", "backup policy", identifier)


def _judge_policy(policy: View, ctx: Context) -> Verdict:
    schedules = days_by_schedule(policy.object("properties").object("retentionPolicy"))
    # A simple policy has one retention and no schedules. In `schedules`, the key of this retention is an empty text.
    daily = schedules.get("daily", schedules.get(""))
    days = max(schedules.values()) if daily is None else daily
    observed: dict[str, Any] = {"backupPolicyName": policy.name, "backupRetentionInDays": days}
    if days < ctx.params[MIN_DAYS.name]:
        return failed("Backups of the machine are deleted too soon", **observed)
    return passed(
        "Backups of the machine are kept long enough",
        remarks=["The policy keeps no daily backups, so its schedule with the longest retention counts"]
        if daily is None
        else [],
        **observed,
    )


CONTROLS = declare_settings(
    __name__,
    VIRTUAL_MACHINES,
    SettingControl(
        "vm-backup",
        title="Virtual machines are backed up",
        problem="Virtual machine without backup",
        expected="A Recovery Services vault backs the machine up; its last backup is at most {max_age:days} old",
        judged="Each virtual machine. A backup item of a Recovery Services vault must name the machine by its id"
        " (`virtualMachineId` or `sourceResourceId`), with the state `Protected` or `IRPending` and, unless the first"
        " backup is pending, a `lastRecoveryPoint` at most `max_age` days old. If no vault of the subscription backs"
        " the machine up, vaults of other subscriptions in the machine’s region count too (`vaults`).\n\n"
        "Machines of Azure Databricks, Azure Red Hat OpenShift, Azure Kubernetes Service and scale sets"
        " (`scale_set_members`), and machines with an ephemeral system disk, which Azure Backup does not support, are"
        " left out. Backups of single disks, and those of other products, are not visible to Surety: request an"
        " exception for them.",
        why="Without a backup, ransomware, a mistake or a failed update can destroy the data of a machine permanently.",
        severity=Severity.MEDIUM,
        labels={"lastRecoveryPoint": "Last backup", "protectionState": "State of the backup"},
        judge=_backup,
        needs=(*_COLLECTIONS, MANAGED_RESOURCE_GROUPS),
        parameters=(MAX_AGE, MEMBERS, VAULTS),
        references=References(mcsb="BR-1 BR-2", nist="CP-9"),
        fix=Fix(
            command(
                "az backup protection enable-for-vm --resource-group {vault_group} --vault-name {vault_name}"
                " --vm {id} --policy-name {vault_policy} --subscription {subscription}",
                # https://learn.microsoft.com/azure/backup/backup-azure-vms-enhanced-policy
                "Choose a vault in the region of the machine. Premium SSD v2 and Ultra Disks need a policy of the type"
                " Enhanced; in the portal, machines with trusted launch need one too.",
                when=lambda facts: not facts.text("protectionState"),
            ),
            advice(
                "Resume the backup of the machine in its vault, or find out in the vault why the last backups failed.",
                when=lambda facts: bool(facts.text("protectionState")),
            ),
            portal="Azure portal › Virtual machines › {machine} › Backup › Enable Backup",
            portal_source=f"{_LEARN}/backup-azure-vms-first-look-arm",
            cost="Azure bills each machine that is backed up, and the storage of its backups.",
            variables=[_VAULT_GROUP, _VAULT_NAME, _VAULT_POLICY],
        ),
    ),
    SettingControl(
        "vm-backup-retention",
        title="Daily backups of virtual machines are kept long enough",
        problem="Virtual machine whose daily backups are deleted too soon",
        expected="The machine’s backup policy keeps daily backups for at least {min_days:days}",
        judged="Each virtual machine that a Recovery Services vault backs up, with the policy of its backup item"
        " (`policyId`): `retentionPolicy.dailySchedule.retentionDuration` must be at least `min_days` days. Without"
        " daily backups, the schedule with the longest retention counts, with a remark. A month counts as 30 days, and"
        " a year as 365. Machines without a backup are left out, because the control `vm-backup` judges them.",
        why="People often notice a mistake or an attack only after some days. Then an earlier backup must still exist.",
        severity=Severity.LOW,
        labels={"backupPolicyName": "Backup policy"},
        judge=_retention,
        needs=(*_COLLECTIONS, BACKUP_POLICIES, OTHER_BACKUP_POLICIES),
        parameters=(MIN_DAYS, MEMBERS, VAULTS),
        references=References(mcsb="BR-1* BR-2*", nist="CP-9*"),
        fix=Fix(
            advice(
                "Set a longer retention of daily backups in {backup_policy}. It applies to all machines of"
                " the policy, also to their existing backups."
            ),
            portal=MODIFY_POLICY,
            portal_source=MODIFY_POLICY_SOURCE,
            cost="Azure bills the storage of the backups that are kept longer.",
            variables=[BACKUP_POLICY],
        ),
    ),
)
