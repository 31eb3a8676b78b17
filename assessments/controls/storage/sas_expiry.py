"""storage-sas-expiry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, References, per_subject
from assessments.controls.verdict import Severity, Verdict, manual, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.durations import timespan
from assessments.estate.storage import shared_key_allowed
from assessments.estate.view import View


@per_subject(
    STORAGE_ACCOUNTS,
    problem="Shared access signatures can be valid too long",
    severity=Severity.MEDIUM,
    expected="shared keys are refused, or the SAS policy blocks lifetimes over max_hours",
    references=References(c2="3.6", c3="4.5", mcsb="IM-3*", nist="AC-3* IA-5*"),
    parameters=[
        Parameter(
            "max_hours", 8, "Longest lifetime of a shared access signature, in hours", minimum=1, maximum=8760
        )
    ],
)
def sas_expiry(account: View, ctx: Context) -> Verdict:
    """Shared access signatures live at most 8 hours.

    Judged: each storage account: shared keys refused (only user-delegation signatures remain, which end
    within 7 days), or a SAS policy of at most the wanted lifetime that blocks (one that only logs is a
    remark). Without either only a person can say how signatures are made. Stored access policies of
    containers are in the data plane and are not read.
    Why: a signature that leaks can be used until it ends, and it cannot be revoked by itself.
    Fix: az storage account update -g RG -n ACCOUNT --sas-exp 0.08:00:00
    (and --allow-shared-key-access false where keys are not needed)
    """
    if not shared_key_allowed(account):
        return passed("only user-delegation signatures work", allowSharedKeyAccess=False)
    policy = account.object("properties").object("sasPolicy", default={})
    if not policy.body:
        return manual("no SAS policy is set: somebody has to attest how long signatures live", sasPolicy=None)
    period, action = policy.text("sasExpirationPeriod"), policy.text("expirationAction")
    try:
        lifetime = timespan(period)
    except ValueError:
        raise policy.unreadable("sasExpirationPeriod", f"{period!r}, which is not d.hh:mm:ss") from None
    if action.casefold() not in {"log", "block"}:
        raise policy.unreadable("expirationAction", f"{action!r}, neither Log nor Block")
    observed: dict[str, Any] = {"sasExpirationPeriod": period, "expirationAction": action}
    if lifetime > timedelta(hours=ctx.params["max_hours"]):
        return manual(
            f"the SAS policy allows {period}, more than {ctx.params['max_hours']} hours: "
            "somebody has to attest how long signatures live",
            **observed,
        )
    if action.casefold() == "log":
        remark = "the SAS policy only logs longer signatures, it does not block them"
        return passed(f"the SAS policy asks for at most {period}", remarks=[remark], **observed)
    return passed(f"signatures that live longer than {period} are blocked", **observed)
