"""identity-mfa-all-users."""

from __future__ import annotations

from typing import Any

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, References, per_scope
from assessments.controls.mfa import is_guest, registrations
from assessments.controls.verdict import Severity, Verdict, failed, not_applicable, passed, unknown
from assessments.estate.collections.directory import MFA_REGISTRATIONS, USERS
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.view import Unreadable, View


@per_scope(
    needs=(MFA_REGISTRATIONS, USERS),
    problem="Too many users without multifactor sign-in",
    severity=Severity.MEDIUM,
    expected="isMfaCapable is true for at least {min_ratio:.1%} of the enabled members",
    unit=UnitKind.DIRECTORY,
    references=References(c2="1.1.3", c3="2.1.3", c4="6.1.2", c5="5.1.2", nist="IA-2(2)*"),
    parameters=(
        Parameter(
            "min_ratio",
            1.0,
            "Share of enabled members who must be able to use MFA (1 = all)",
            minimum=0,
            maximum=1,
        ),
    ),
)
def mfa_all_users(ctx: Context) -> Verdict:
    """Ordinary users have registered MFA.

    Judged: The share of enabled members with `isMfaCapable` true in the registration report must be at
    least `min_ratio`. Guests do not count. Members missing from the report count neither way; if the
    result depends on them, it is unknown.
    Why: A password alone is guessed, phished or found in a leak, and an intrusion often begins in an
    ordinary mailbox.
    Fix: Start a registration campaign in Entra > Protection > Authentication methods.
    az rest --method patch --url
    https://graph.microsoft.com/v1.0/policies/authenticationMethodsPolicy --body @campaign.json
    """
    capable: list[str] = []
    without_mfa: list[str] = []
    unreported: list[str] = []
    ctx.require_complete(USERS)
    members: list[View] = []
    unreadable_users: list[Unreadable] = []
    for user in ctx.estate.documents(USERS.name):
        try:
            if user.flag("accountEnabled") and not is_guest(user):
                members.append(user)
        except Unreadable as error:
            unreadable_users.append(error)
    if not members:
        if unreadable_users:
            raise unreadable_users[0]
        return not_applicable("The directory has no enabled member")
    ctx.require_complete(MFA_REGISTRATIONS)
    report = registrations(ctx)
    for user in members:
        entry = report.get(fold(user.id))
        if entry is None:
            unreported.append(user.id)
        elif entry.flag("isMfaCapable"):
            capable.append(user.id)
        else:
            # Only members without MFA are cited as evidence.
            entry.bound(ctx.trace).flag("isMfaCapable")
            without_mfa.append(user.id)
    required = float(ctx.params["min_ratio"]) * len(members)
    facts: dict[str, Any] = {
        "members": len(members),
        "capable": len(capable),
        "lacking": sorted(without_mfa),
        "unclear": sorted(unreported),
    }
    counts = f"{len(capable)} of {len(members)} enabled members can use MFA"
    # Best case: every member that could not be read can use MFA.
    best_case = len(capable) + len(unreported) + len(unreadable_users)
    if best_case < float(ctx.params["min_ratio"]) * (len(members) + len(unreadable_users)):
        return failed(f"Only {counts}", **facts)
    if unreadable_users:
        raise unreadable_users[0]
    if len(capable) >= required:
        return passed(counts, **facts)
    text = f"{counts}; {len(unreported)} are missing from the registration report, which lags some hours"
    return unknown(text, Reason.UNDECIDED, **facts)
