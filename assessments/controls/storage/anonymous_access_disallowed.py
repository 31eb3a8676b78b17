"""storage-anonymous-access-disallowed."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.storage import anonymous_access_allowed, holds_blobs
from assessments.estate.view import View


@per_subject(
    STORAGE_ACCOUNTS,
    problem="Storage account allows anonymous blob access",
    severity=Severity.HIGH,
    expected="allowBlobPublicAccess is false",
    references=References(
        c2="3.7", c3="4.17", c4="10.3.9", c5="9.3.8", c6="9.3.8", mcsb="NS-2", nist="AC-4 SC-7 SC-7(3)"
    ),
)
def anonymous_access_disallowed(account: View, ctx: Context) -> Verdict:
    """The account itself disallows anonymous blob access.

    Judged: each storage account with a blob service: `allowBlobPublicAccess` false passes; true or
    absent fails (absent means allowed on accounts made before the default changed).
    Why: with the account's own switch off, no container can be opened by mistake.
    Fix: az storage account update -g RG -n ACCOUNT --allow-blob-public-access false
    """
    if not holds_blobs(account):
        return not_applicable("accounts of the kind FileStorage have no blob service")
    stated = account.raw("properties.allowBlobPublicAccess")
    if not anonymous_access_allowed(account):
        return passed("the account refuses anonymous readers", allowBlobPublicAccess=False)
    remarks = []
    access = account.raw("properties.publicNetworkAccess")
    if isinstance(access, str) and access.casefold() in {"disabled", "securedbyperimeter"}:
        remarks.append("the account's network settings close its public endpoint at present")
    said = "allowed" if stated is not None else "not ruled out (the setting is absent)"
    return failed(f"anonymous access to blobs is {said}", remarks=remarks, allowBlobPublicAccess=stated)
