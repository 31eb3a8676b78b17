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
    expected="isMfaCapable is true for at least min_ratio of the enabled members",
    unit=UnitKind.DIRECTORY,
    references=References(c2="1.1.3", c3="2.1.3", c4="6.1.2", c5="5.1.2", nist="IA-2(2)*"),
    parameters=(
        Parameter(
            "min_ratio", 1.0, "Share of enabled members who must be able to use MFA", minimum=0, maximum=1
        ),
    ),
)
def mfa_all_users(ctx: Context) -> Verdict:
    """MFA registered for ordinary users.

    Judged: the share of enabled members (guests do not count) whose `isMfaCapable` is true in the
    registration report; it must reach `min_ratio`. A member who is not in the report counts neither
    way: where that decides, the verdict is unknown.
    Why: a password alone is guessed, phished or found in a leak; ordinary mailboxes are where an
    intrusion begins.
    Fix: start a registration campaign in Entra > Protection > Authentication methods.
    az rest --method patch --url
    https://graph.microsoft.com/v1.0/policies/authenticationMethodsPolicy --body @campaign.json
    """
    capable: list[str] = []
    lacking: list[str] = []
    unclear: list[str] = []
    ctx.require_complete(USERS)
    members: list[View] = []
    doubtful: list[Unreadable] = []
    for user in ctx.estate.documents(USERS.name):
        try:
            if user.flag("accountEnabled") and not is_guest(user):
                members.append(user)
        except Unreadable as error:
            doubtful.append(error)
    if not members:
        if doubtful:
            raise doubtful[0]
        return not_applicable("the directory has no enabled member")
    ctx.require_complete(MFA_REGISTRATIONS)
    report = registrations(ctx)
    for user in members:
        entry = report.get(fold(user.id))
        if entry is None:
            unclear.append(user.id)
        elif entry.flag("isMfaCapable"):
            capable.append(user.id)
        else:
            # Those who lack it are the evidence, not everybody.
            entry.bound(ctx.trace).flag("isMfaCapable")
            lacking.append(user.id)
    wanted = float(ctx.params["min_ratio"]) * len(members)
    facts: dict[str, Any] = {
        "members": len(members),
        "capable": len(capable),
        "lacking": sorted(lacking),
        "unclear": sorted(unclear),
    }
    counts = f"{len(capable)} of {len(members)} enabled members can use multi-factor authentication"
    # At best, whoever could not be read is one more member who can use MFA.
    best = len(capable) + len(unclear) + len(doubtful)
    if best < float(ctx.params["min_ratio"]) * (len(members) + len(doubtful)):
        return failed(f"only {counts}", **facts)
    if doubtful:
        raise doubtful[0]
    if len(capable) >= wanted:
        return passed(counts, **facts)
    text = f"{counts}; {len(unclear)} are not in the registration report"
    return unknown(text, Reason.UNDECIDED, **facts)
