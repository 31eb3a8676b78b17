"""The controls storage-delete-lock and storage-readonly-lock: locks protect storage accounts."""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Answer, per_scope
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.settings import SettingControl, declare_settings
from assessments.controls.shared.lock_rules import deletion_locks, level, locks_of
from assessments.controls.verdict import Severity, Verdict, failed, manual, not_applicable, passed
from assessments.estate.collections.locks import LOCKS
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import Variable

_PORTAL: Final = "Azure portal › Storage accounts › {account} › Settings › Locks › Add"
_SOURCE: Final = "https://learn.microsoft.com/azure/storage/common/lock-account-resource"


def _delete_lock(account: View, ctx: Context) -> Verdict:
    if names := deletion_locks(ctx, account.id):
        return passed("A lock keeps the account from being deleted", locks=names)
    return failed("No lock keeps the account from being deleted", locks=[])


CONTROLS = declare_settings(
    __name__,
    STORAGE_ACCOUNTS,
    SettingControl(
        "storage-delete-lock",
        title="A lock keeps storage accounts from being deleted",
        problem="Storage account without a lock against deletion",
        expected="The account, its resource group or its subscription has a lock",
        judged="The locks of each storage account, its resource group and its subscription. A lock of the level"
        " CanNotDelete or ReadOnly passes. Locks do not protect the data: people with access to the data can still"
        " delete it.",
        why="All data of an account is deleted with the account, and Azure cannot always restore a deleted account.",
        severity=Severity.LOW,
        judge=_delete_lock,
        needs=(LOCKS,),
        references=References(
            c2="10.1",
            c3="10.1",
            c4="10.3.10",
            c5="9.3.9",
            c6="9.3.9",
            mcsb="AM-4*",
            nist="CM-5*",
            partly=(
                Partly("c2 c3", "The control judges storage accounts, not all mission-critical resources"),
            ),
        ),
        fix=Fix(
            command(
                "az lock create --name no-delete --lock-type CanNotDelete --resource-group {group}"
                " --resource-name {account} --resource-type Microsoft.Storage/storageAccounts"
                " --subscription {subscription}"
            ),
            portal=f"{_PORTAL} › Delete",
            portal_source=_SOURCE,
            effects="Nobody can delete the account, or its resource group, until somebody removes the lock. The lock"
            " also protects the account’s role assignments and diagnostic settings, so fixes that delete one of these"
            " fail.",
        ),
    ),
)


def _readonly_lock(ctx: Context) -> Verdict:
    accounts = ctx.documents(STORAGE_ACCOUNTS)
    if not accounts:
        return not_applicable("No storage accounts")
    locked = [
        account.name
        for account in accounts
        if any(level(lock) == "readonly" for lock in locks_of(ctx, account.id))
    ]
    return manual(
        "Attest that somebody has considered which storage accounts need a read-only lock",
        readOnlyAccounts=sorted(locked),
    )


READONLY_LOCK = per_scope(
    needs=(STORAGE_ACCOUNTS, LOCKS),
    slug="storage-readonly-lock",
    doc=Doc(
        title="Read-only locks on storage accounts were considered",
        problem="Read-only locks on storage accounts not considered",
        expected="Somebody has considered which storage accounts need a read-only lock, and attests it once a year",
        judged="Each subscription with storage accounts needs an attestation. The finding names the accounts that"
        " have a read-only lock, or whose resource group or subscription has one.",
        why="Without a read-only lock, everybody with rights on the account can change it by mistake or list its keys.",
    ),
    fix=Fix(
        advice("First let every application and person sign in to the data with Microsoft Entra ID."),
        command(
            "az lock create --name read-only --lock-type ReadOnly --resource-group {locked_group}"
            " --resource-name {locked_account} --resource-type Microsoft.Storage/storageAccounts"
            " --subscription {subscription}"
        ),
        portal="Azure portal › Storage accounts › the account › Settings › Locks › Add › Read-only",
        portal_source=_SOURCE,
        effects="Nobody can change the account or list its access keys until somebody removes the lock.",
        variables=[
            Variable("locked_group", "Name of the resource group of the storage account", "rg-shop"),
            Variable("locked_account", "Name of the storage account that needs the lock", "stshop"),
        ],
    ),
    severity=Severity.LOW,
    labels={"readOnlyAccounts": "Storage accounts with a read-only lock"},
    references=References(
        c4="10.3.11",
        c5="9.3.10",
        c6="9.3.10",
        partly=(
            Partly(
                "c4 c5 c6",
                "A person attests that read-only locks were considered; the control only lists the locks",
            ),
        ),
    ),
    is_manual=True,
    answer=Answer(days=365),
)(_readonly_lock)
