"""storage-sas-https-only."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import References, per_subject
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.view import View


@per_subject(
    STORAGE_ACCOUNTS,
    problem="Shared access signatures can be used over HTTP",
    severity=Severity.MEDIUM,
    expected="supportsHttpsTrafficOnly is true, so that no SAS works over HTTP",
    references=References(mcsb="DP-3", nist="SC-8"),
)
def sas_https_only(account: View, ctx: Context) -> Verdict:
    """Shared access signatures used only over HTTPS.

    Judged: each storage account's `supportsHttpsTrafficOnly`. Azure keeps no list of the signatures
    that were handed out, so their own `spr=https` cannot be seen; an account that refuses HTTP refuses
    it whatever a signature says. Absent counts as off.
    Why: a signature that is sent over plain HTTP can be copied on the way and used by others.
    Fix: az storage account update -g RG -n ACCOUNT --https-only true; have signatures made with spr=https
    """
    properties = account.object("properties")
    stated = properties.raw("supportsHttpsTrafficOnly")
    if properties.flag("supportsHttpsTrafficOnly", default=False):
        return passed("HTTP is refused whatever a signature says", supportsHttpsTrafficOnly=True)
    return failed("a signature without spr=https works over plain HTTP", supportsHttpsTrafficOnly=stated)
