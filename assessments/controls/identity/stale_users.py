"""The control identity-stale-users: Every enabled account is in use.

Source: https://learn.microsoft.com/graph/api/resources/signinactivity. Microsoft Graph returns this data only with
Entra ID P1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, judgements, unknown_from
from assessments.controls.references import References
from assessments.controls.shared.directory import without_documents
from assessments.controls.shared.mfa import EXCLUDED, excluded_by_policy, is_guest
from assessments.controls.shared.role_holders import SYNCHRONISATION_ROLES, user_subject
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.directory import DIRECTORY_ROLE_ASSIGNMENTS, USER_SIGN_INS, USERS
from assessments.estate.gaps import Reason
from assessments.estate.identity.roles import role_key
from assessments.estate.ids import fold
from assessments.estate.quantities import in_days
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command

_SUCCESSFUL: Final = ("lastSuccessfulSignInDateTime",)
# Microsoft Entra ID updates these times after failed attempts too, for example when an attacker guesses passwords.
_ATTEMPTS: Final = ("lastSignInDateTime", "lastNonInteractiveSignInDateTime")


@judgements(
    needs=(USERS, USER_SIGN_INS),
    optional=(DIRECTORY_ROLE_ASSIGNMENTS,),
    subject_type="Entra user",
    empty_reason="No enabled member",
    severity=Severity.MEDIUM,
    references=References(mcsb="PA-4*", nist="AC-2(3)*"),
    fix=Fix(
        # https://learn.microsoft.com/entra/identity/role-based-access-control/security-emergency-access
        advice(
            "If the account is for emergencies, do not block it. Check at least every 90 days that somebody can sign in"
            " with it."
        ),
        command(
            "az ad user update --id {user_id} --account-enabled false",
            "Block the sign-in, and wait to see whether anybody still needs the account.",
        ),
        portal="Entra admin center › Entra ID › Users › All users › the user › Properties",
        portal_source="https://learn.microsoft.com/entra/fundamentals/how-to-manage-user-profile-info",
        effects="The user can no longer sign in.",
    ),
    parameters=(
        Parameter(
            "max_age",
            90,
            "Maximum days since the last sign-in of a member",
            label="Maximum days since the last sign-in",
            minimum=1,
        ),
        Parameter(
            "grace_new",
            30,
            "Days during which a new account need not be used",
            label="Grace period of new accounts (days)",
            minimum=0,
        ),
        EXCLUDED,
    ),
)
def stale_users(ctx: Context) -> Iterator[Judgement]:
    """Every enabled account is in use.

    Problem: Enabled account that nobody uses
    Expected: Each enabled member signed in during the last {max_age:days}, or the account is new
    Judged: The last successful sign-in of each enabled member. Failed attempts do not count. If Microsoft Entra ID
    states no successful sign-in of any user, the last attempts to sign in count instead. An account without a sign-in
    fails if it is older than `grace_new` days. Each unused account has a finding of its own. If no account is unused,
    the directory passes. Guests are judged by identity-guests-needed. The users in `excluded` and the account that
    synchronizes the directory do not count. Without Entra ID P1, sign-ins are not visible.
    Why: Nobody notices if an attacker uses an account that its owner no longer uses.
    """
    users, gaps = ctx.partial(USERS)
    reported, report_gaps = ctx.partial(USER_SIGN_INS)
    for gap in (*gaps, *report_gaps):
        raise CollectionUnavailable(gap)
    if nobody := without_documents(USERS, users):
        yield Judgement(ctx.scope_id, nobody)
        return
    activity = {fold(view.id): view for view in reported}
    if not any(isinstance(view.raw("signInActivity"), dict) for view in reported):
        reason = "Microsoft Entra ID does not show when users signed in"
        yield Judgement(ctx.scope_id, unknown(reason, Reason.UNDECIDED))
        return
    times = _SUCCESSFUL if any(map(_has_succeeded, reported)) else _ATTEMPTS
    synchronising = _synchronising(ctx)
    has_finding, judged = False, 0
    for user in users:
        trace = ctx.fresh_trace()
        view = user.bound(trace)
        try:
            if not view.flag("accountEnabled") or is_guest(view):
                continue
            if fold(view.id) in synchronising or excluded_by_policy(ctx, view):
                continue
            judged += 1
            verdict = _judge(view, activity.get(fold(view.id)), times, ctx)
        except Unreadable as error:
            verdict = unknown_from(error)
        if verdict is not None:
            has_finding = True
            documents = tuple(entry[0] for entry in trace.reads.values())
            yield Judgement(user_subject(ctx, view.id), verdict, documents)
    ctx.fresh_trace()
    if not has_finding and judged:
        yield Judgement(ctx.scope_id, passed("Every enabled account is in use", members=judged))


def _has_succeeded(activity: View) -> bool:
    """Return whether Microsoft Entra ID states a successful sign-in of a user. Microsoft Entra ID has recorded the
    times of successful sign-ins since December 2023.
    """
    return activity.raw(f"signInActivity.{_SUCCESSFUL[0]}") is not None


def _judge(user: View, activity: View | None, times: tuple[str, ...], ctx: Context) -> Verdict | None:
    """Return the verdict on an account, or None if the account is in use or new. `times` are the names of the
    properties that contain the times of the sign-ins that count. Raise Unreadable if a needed property cannot be read.
    """
    if activity is None:
        return unknown("The user is missing from the list of sign-ins", Reason.UNDECIDED)
    what = "successful sign-in" if times == _SUCCESSFUL else "sign-in"
    used = _last_use(activity.bound(ctx.trace), times)
    if used is not None:
        if ctx.now - used <= timedelta(days=float(ctx.params["max_age"])):
            return None
        return failed(f"No {what} for over {in_days(ctx.params['max_age'])}", signedIn="long ago")
    if ctx.now - user.time("createdDateTime") <= timedelta(days=float(ctx.params["grace_new"])):
        return None
    return failed(
        f"No {what} is recorded, and the account is older than {in_days(ctx.params['grace_new'])}",
        signedIn="never",
    )


def _last_use(activity: View, times: tuple[str, ...]) -> datetime | None:
    """Return the newest time in the properties `times`, or None if no time is recorded. Raise Unreadable if a time is
    invalid.
    """
    sign_ins = activity.object("signInActivity", default={})
    return max((sign_ins.time(name) for name in times if sign_ins.has(name)), default=None)


def _synchronising(ctx: Context) -> set[str]:
    """Return the ids, in lower case, of the accounts that synchronize the directory. Role assignments whose role or
    holder cannot be read are skipped.
    """
    found = set()
    for view in ctx.partial(DIRECTORY_ROLE_ASSIGNMENTS)[0]:
        role, principal = view.raw("roleDefinitionId"), view.raw("principalId")
        if isinstance(role, str) and isinstance(principal, str) and role_key(role) in SYNCHRONISATION_ROLES:
            found.add(fold(principal))
    return found
