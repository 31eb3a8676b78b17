"""storage-secure-transfer."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections import STORAGE_ACCOUNTS
from assessments.estate.view import View


@per_subject(
    STORAGE_ACCOUNTS,
    severity=Severity.HIGH,
    expected="supportsHttpsTrafficOnly is true",
    references=References(c2="3.1", c3="4.1", c4="10.3.4", c5="9.3.4", c6="9.3.4", mcsb="DP-3", nist="SC-8 SC-8(1)"),
)
def secure_transfer(account: View, ctx: Context) -> Verdict:
    """Secure transfer required.

    Judged: each storage account's `supportsHttpsTrafficOnly`. Absent counts as off: the API always
    returns it, and accounts made before 2019-04-01 default to off.
    Why: without it the account answers over plain HTTP and unencrypted SMB, so keys, SAS tokens and
    data can be read on the way.
    Fix: az storage account update -g RG -n ACCOUNT --https-only true
    """
    return encrypted_transfer(account)


def encrypted_transfer(account: View) -> Verdict:
    """The rule itself; logs' storage accounts are held to it as well."""
    https_only = account.flag("properties.supportsHttpsTrafficOnly", default=False)
    nfs = account.flag("properties.isNfsV3Enabled", default=False)
    if https_only:
        return passed("only HTTPS and encrypted SMB are answered", supportsHttpsTrafficOnly=True)
    remarks = ["NFS 3 is on, which ruled secure transfer out historically"] if nfs else []
    stated = account.raw("properties.supportsHttpsTrafficOnly")
    return failed("plain HTTP is answered", remarks=remarks, supportsHttpsTrafficOnly=stated)
