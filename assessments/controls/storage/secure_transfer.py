"""storage-secure-transfer."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_subject
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.storage import FILE_SHARES, STORAGE_ACCOUNTS
from assessments.estate.storage import holds_files, kind
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

FIX = Fix(
    command(
        "az storage account update --resource-group {group} --name {account} --https-only true"
        " --subscription {subscription}"
    ),
    portal="Azure portal › Storage accounts › {account} › Settings › Configuration › Secure transfer required"
    " › Enabled",
    portal_source="https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer",
    effects="Clients that still use HTTP can no longer connect.",
)


@per_subject(
    STORAGE_ACCOUNTS,
    needs=[FILE_SHARES],
    fix=FIX,
    severity=Severity.HIGH,
    references=References(
        c2="3.1",
        c3="4.1",
        c4="10.3.4",
        c5="9.3.4",
        c6="9.3.4",
        mcsb="DP-3",
        nist="SC-8 SC-8(1)",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The control passes with secure transfer off if the account has an NFS share",
            ),
        ),
    ),
)
def secure_transfer(account: View, ctx: Context) -> Verdict:
    """Secure transfer is required.

    Problem: Storage account accepts unencrypted connections
    Expected: HTTPS is required
    Judged: `supportsHttpsTrafficOnly` of each storage account. Absent counts as off: the API always returns the
    property, and accounts created before 2019-04-01 default to off. An account with an NFS file share passes with
    a remark, because such shares required secure transfer to be off before they could be encrypted in transit.
    NFS 3.0 access to blobs works with secure transfer on, so it is no reason to pass.
    Why: Without secure transfer, the account accepts plain HTTP and unencrypted SMB, so keys, SAS tokens and data
    can be read in transit.
    """
    return encrypted_transfer(account, ctx)


def encrypted_transfer(account: View, ctx: Context) -> Verdict:
    """Judge secure transfer. The control on storage accounts for logs uses this rule too. Reads FILE_SHARES if secure
    transfer is off."""
    properties = account.object("properties")
    if properties.flag("supportsHttpsTrafficOnly", default=False):
        return passed("The account accepts only HTTPS and encrypted SMB", supportsHttpsTrafficOnly=True)
    setting = properties.raw("supportsHttpsTrafficOnly")
    # Secure transfer does not apply to NFS 3.0, so an account that serves it has no reason to accept HTTP.
    # https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer
    if nfs := _nfs_share(account, ctx):
        return passed(
            f"The account accepts plain HTTP because it serves {nfs}",
            remarks=[f"Secure transfer is off because of {nfs}"],
            supportsHttpsTrafficOnly=setting,
            nfs=nfs,
        )
    return failed("The account accepts plain HTTP", supportsHttpsTrafficOnly=setting)


def _nfs_share(account: View, ctx: Context) -> str:
    """Return `the NFS share <name>`, or an empty string if there is no NFS share.

    A share without a protocol is an SMB share.
    """
    if not holds_files(account):
        return ""
    shares, gap = ctx.partial_at(FILE_SHARES, account.id)
    for share in shares:
        if share.object("properties").text("enabledProtocols", default="SMB").casefold() == "nfs":
            return f"the NFS share {share.name}"
    # Only accounts of the kind FileStorage can have NFS shares:
    # https://learn.microsoft.com/azure/storage/files/files-nfs-protocol
    if gap and kind(account) in {"", "filestorage"}:
        raise CollectionUnavailable(gap)
    return ""
