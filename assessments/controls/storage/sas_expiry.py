"""The control storage-sas-expiry: Shared access signatures expire within 8 hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import Partly, References, Setting
from assessments.controls.storage._accounts import refusal_of_keys
from assessments.controls.verdict import Severity, Verdict, failed, manual, passed
from assessments.estate.collections.storage import STORAGE_ACCOUNTS
from assessments.estate.durations import timespan
from assessments.estate.quantities import counted, duration
from assessments.estate.services.storage import shared_key_allowed
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

FIX = Fix(
    command(
        "az storage account update --resource-group {group} --name {account} --sas-exp 0.08:00:00"
        " --sas-exp-action Block --subscription {subscription}"
    ),
    command(
        "az storage account update --resource-group {group} --name {account} --allow-shared-key-access false"
        " --subscription {subscription}",
        "If nothing uses the access keys of the account, switch off access with keys instead.",
    ),
    portal="Azure portal › Storage accounts › {account} › Settings › Configuration › Allow recommended upper"
    " limit for shared access signature (SAS) expiry interval › Enabled",
    portal_source="https://learn.microsoft.com/azure/storage/common/sas-expiration-policy",
    effects="Azure refuses shared access signatures that are valid longer than the limit. Without access keys,"
    " applications need Microsoft Entra ID. If Azure shows no creation time of a key, Azure refuses a SAS policy until"
    " both keys were regenerated once.",
)


@per_subject(
    STORAGE_ACCOUNTS,
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={
        "expirationAction": "Longer lifetimes are",
        "sasExpirationPeriod": "Longest lifetime of a signature",
    },
    references=References(
        c2="3.6",
        c3="4.5",
        mcsb="IM-3*",
        nist="AC-3* IA-5*",
        partly=(
            Partly(
                "c2 c3",
                (
                    "The control’s parameters can permit signatures that are valid for more than an hour, or policies"
                    " that only log such signatures"
                ),
                unless=(Setting("max_hours", maximum=1), Setting("accept_log", equal=False)),
            ),
        ),
    ),
    parameters=[
        Parameter(
            "max_hours",
            8,
            "Maximum lifetime of a shared access signature, in hours",
            label="Maximum lifetime (hours)",
            minimum=1,
            maximum=8760,
        ),
        Parameter(
            "accept_log",
            False,
            "Accept a SAS policy that logs signatures over its limit instead of blocking them",
            label="Accept a policy that only logs",
        ),
    ],
)
def sas_expiry(account: View, ctx: Context) -> Verdict:
    """Shared access signatures expire within 8 hours.

    Problem: Shared access signatures can be valid too long
    Expected: Shared keys are refused, or the SAS policy blocks lifetimes over {max_hours:hours}
    Judged: Each storage account. An account that refuses shared keys passes, because only user delegation signatures
    remain; if `max_hours` is under 168, a remark says that these may be valid for 7 days.

    Any other account needs an attestation of the lifetimes if it has no SAS policy, or if its policy allows more than
    `max_hours` hours. Otherwise, the account passes if the policy blocks longer lifetimes. If the policy only logs
    them, the account fails; if `accept_log` is on, it passes with a remark. Stored access policies of containers belong
    to the data plane and are not read.
    Why: A leaked signature can be used until it expires, and cannot be revoked on its own.
    """
    if not shared_key_allowed(account):
        remarks = (
            ["User delegation signatures can be valid for up to 7 days"]
            if ctx.params["max_hours"] < 168
            else []
        )
        return passed("Only user delegation signatures work", remarks=remarks, **refusal_of_keys(account))
    policy = account.object("properties").object("sasPolicy", default={})
    if not policy.body:
        return manual("Attest how long signatures are valid: no SAS policy is set", sasPolicy=None)
    period, action = policy.text("sasExpirationPeriod"), policy.text("expirationAction")
    try:
        lifetime = timespan(period)
    except ValueError:
        raise policy.unreadable(
            "sasExpirationPeriod", f"{period!r}, which is not of the form d.hh:mm:ss"
        ) from None
    policy.choice("expirationAction", {"log", "block"})
    observed: dict[str, Any] = {"sasExpirationPeriod": period, "expirationAction": action}
    if lifetime > timedelta(hours=ctx.params["max_hours"]):
        return manual(
            f"Attest how long signatures are valid: the SAS policy allows {duration(lifetime)}, which is more than "
            f"{counted(ctx.params['max_hours'], 'hour')}",
            **observed,
        )
    if action.casefold() == "log":
        remark = (
            "The SAS policy only logs signatures that are valid longer than its limit; it does not block them"
        )
        if not ctx.params["accept_log"]:
            return failed(remark, **observed)
        return passed(f"The SAS policy sets a limit of {duration(lifetime)}", remarks=[remark], **observed)
    return passed(f"Signatures that are valid longer than {duration(lifetime)} are blocked", **observed)
