"""The control storage-anonymous-access-disallowed: The storage account disallows anonymous blob access."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.services.storage import anonymous_access_allowed, holds_blobs
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

FIX = Fix(
    command(
        "az storage account update --resource-group {group} --name {account} --allow-blob-public-access false"
        " --subscription {subscription}"
    ),
    portal="Azure portal › Storage accounts › {account} › Settings › Configuration › Allow Blob anonymous"
    " access › Disabled",
    portal_source="https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure",
    effects="Anonymous visitors can no longer read containers, for example containers with the files of a website.",
)


@per_subject(
    STORAGE_ACCOUNTS,
    fix=FIX,
    severity=Severity.HIGH,
    references=References(
        c2="3.7",
        c3="4.17",
        c4="10.3.9",
        c5="9.3.8",
        c6="9.3.8",
        mcsb="NS-2",
        nist="AC-4 SC-7 SC-7(3)",
        partly=(
            Partly(
                "c2",
                "The requirement asks that public network access is disabled; the control does not check this",
            ),
        ),
    ),
)
def anonymous_access_disallowed(account: View, ctx: Context) -> Verdict:
    """The storage account disallows anonymous blob access.

    Problem: Storage account allows anonymous blob access
    Expected: Anonymous access is not allowed
    Judged: Each storage account with a blob service. `allowBlobPublicAccess` false passes. True or absent
    fails; absent means allowed on accounts that were created before the default changed.
    Why: If the account allows anonymous access, a container can be opened to everybody by mistake.
    """
    if not holds_blobs(account):
        return not_applicable("Accounts of kind FileStorage have no blob service")
    setting = account.raw("properties.allowBlobPublicAccess")
    if not anonymous_access_allowed(account):
        return passed("The account disallows anonymous access", allowBlobPublicAccess=False)
    remarks = []
    access = account.raw("properties.publicNetworkAccess")
    if isinstance(access, str) and access.casefold() == "disabled":
        remarks.append(
            "Public network access is off now, so only a network security perimeter could let readers in"
        )
    reason = "Anonymous access to blobs is allowed"
    if setting is None:
        reason = "Anonymous access to blobs may be allowed, because the setting that disallows it is absent"
    return failed(reason, remarks=remarks, allowBlobPublicAccess=setting)
