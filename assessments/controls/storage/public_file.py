"""storage-public-file."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import FILE_SHARES, STORAGE_ACCOUNTS
from assessments.estate.storage import holds_files, network_closed
from assessments.estate.view import View


@per_subject(
    STORAGE_ACCOUNTS,
    needs=[FILE_SHARES],
    problem="File shares reachable from public networks",
    severity=Severity.MEDIUM,
    expected="publicNetworkAccess is not Enabled, or networkAcls.defaultAction is Deny",
    references=References(
        c2="3.8", c3="4.6 4.7", c4="10.3.2.2 10.3.2.3", c5="9.3.2.2 9.3.2.3", mcsb="NS-2", nist="AC-4 SC-7"
    ),
)
def public_file(account: View, ctx: Context) -> Verdict:
    """Public reach of file shares.

    Judged: each storage account that has file shares. Azure Files knows no anonymous access, so the
    network decides: public network access disabled or secured by a perimeter, or a default action of
    Deny passes; Allow fails.
    Why: a share that every network reaches is one leaked key away from everybody.
    Fix: az storage account update -g RG -n ACCOUNT --default-action Deny
    """
    if not holds_files(account):
        return not_applicable("accounts of this kind have no file service")
    shares, gap = ctx.partial_at(FILE_SHARES, account.id)
    if gap and not shares:
        raise CollectionUnavailable(gap)
    if not shares:
        return not_applicable("the account has no file shares")
    names = sorted(share.name for share in shares)
    if network_closed(account):
        access = account.raw("properties.publicNetworkAccess")
        return passed("the public endpoint is closed", publicNetworkAccess=access, shares=names)
    acls = account.object("properties").object("networkAcls")
    action = acls.text("defaultAction")
    if action.casefold() not in {"allow", "deny"}:
        raise acls.unreadable("defaultAction", f"{action!r}, neither Allow nor Deny")
    if action.casefold() == "deny":
        return passed("only named networks reach the shares", defaultAction=action, shares=names)
    return failed(f"every network reaches the shares: {', '.join(names)}", defaultAction=action, shares=names)
