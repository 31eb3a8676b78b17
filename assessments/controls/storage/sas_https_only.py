"""The control storage-sas-https-only: Shared access signatures can be used only over HTTPS."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import per_subject
from assessments.controls.references import References
from assessments.controls.storage.secure_transfer import HTTPS_FIX
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.view import View
from assessments.fixes.declare import Fix, advice

FIX = Fix(
    *HTTPS_FIX.steps,
    advice("Also create each shared access signature with the parameter spr=https."),
    portal=HTTPS_FIX.portal,
    portal_source=HTTPS_FIX.portal_source,
    effects=HTTPS_FIX.effects,
)


@per_subject(
    STORAGE_ACCOUNTS,
    fix=FIX,
    severity=Severity.MEDIUM,
    references=References(mcsb="DP-3", nist="SC-8"),
)
def sas_https_only(account: View, ctx: Context) -> Verdict:
    """Shared access signatures can be used only over HTTPS.

    Problem: Shared access signatures can be used over HTTP
    Expected: HTTPS is required, so that no signature works over HTTP
    Judged: `supportsHttpsTrafficOnly` of each storage account. Azure keeps no list of the signatures in use, so
    Surety cannot read whether each requires HTTPS (`spr=https`). But an account that refuses HTTP refuses HTTP
    for every signature. If the property is absent, it counts as off.
    Why: A signature that is sent over plain HTTP can be copied in transit and used by others.
    """
    properties = account.object("properties")
    setting = properties.raw("supportsHttpsTrafficOnly")
    if properties.flag("supportsHttpsTrafficOnly", default=False):
        return passed("The account refuses HTTP for every signature", supportsHttpsTrafficOnly=True)
    return failed("A signature without spr=https works over plain HTTP", supportsHttpsTrafficOnly=setting)
