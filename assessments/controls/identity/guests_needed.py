"""identity-guests-needed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, Parameter, References, judgements, unknown_from
from assessments.controls.mfa import is_guest
from assessments.controls.role_holders import user_subject
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, manual, passed, unknown
from assessments.estate.collections.directory import GUEST_SIGN_INS, USERS
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.view import Trace, Unreadable, View


@judgements(
    needs=(USERS, GUEST_SIGN_INS),
    problem="Guest users not confirmed as needed",
    severity=Severity.MEDIUM,
    expected="no enabled guest, or guests who accepted, sign in and are attested as needed",
    subject_type="Entra user",
    empty_reason="no guest",
    unit=UnitKind.DIRECTORY,
    references=References(c2="1.5", c3="2.4", c4="6.3.2", c5="5.3.2", c6="5.3.2", mcsb="PA-4", nist="AC-2"),
    parameters=(
        Parameter("pending_days", 30, "Days an invitation may stay unanswered", minimum=1),
        Parameter("idle_days", 90, "Days since the last successful sign-in", minimum=1),
    ),
    is_manual=True,
    answer=Answer(bound=True),
)
def guests_needed(ctx: Context) -> Iterator[Judgement]:
    """No unneeded guest users.

    Judged: passes without enabled guests. Each guest fails whose invitation is unanswered for over
    `pending_days`, or whose last successful sign-in is over `idle_days` ago, or who never signed in
    and is older than `pending_days`; sign-ins are left out where the directory has no Entra ID P1.
    While any enabled guest remains, a person attests the list of guests; a new guest changes the
    list's hash and reopens it. Guests whose type was changed to Member are found by `#EXT#`.
    Why: a forgotten guest account is a way in that nobody watches, governed by another organization.
    Fix: az ad user delete --id OBJECTID
    """
    users, gaps = ctx.partial(USERS)
    guests: list[View] = []
    unclear = False
    for user in users:
        trace = ctx.fresh_trace()
        view = user.bound(trace)
        try:
            if not is_guest(view) or not view.flag("accountEnabled"):
                continue
            guests.append(view)
            verdict = _judge(view, ctx, trace)
        except (CollectionUnavailable, Unreadable) as error:
            unclear = True
            verdict = unknown_from(error)
        yield Judgement(
            user_subject(ctx, view.id), verdict, tuple(entry[0] for entry in trace.reads.values())
        )
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    if guests:
        ids = sorted(fold(guest.id) for guest in guests)
        digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()
        text = f"a person must attest that the {len(ids)} enabled guests are needed"
        yield Judgement(ctx.scope_id, manual(text, guests=ids, listSha256=digest))
    elif not gaps and not unclear:
        yield Judgement(ctx.scope_id, passed("no enabled guest", guests=[]))


def _judge(guest: View, ctx: Context, trace: Trace) -> Verdict:
    pending = timedelta(days=float(ctx.params["pending_days"]))
    state = guest.text("externalUserState", default="").casefold()
    if state == "pendingacceptance":
        # Graph leaves the change empty for invitations of old; then the account's age counts.
        changed = guest.has("externalUserStateChangeDateTime")
        since = guest.time("externalUserStateChangeDateTime" if changed else "createdDateTime")
        if ctx.now - since > pending:
            text = f"the invitation has not been accepted for over {ctx.params['pending_days']} days"
            return failed(text, externalUserState="PendingAcceptance")
    no_report = ctx.first_gap(GUEST_SIGN_INS)
    if no_report is not None and no_report.reason is Reason.LICENCE_MISSING:
        remarks = ["sign-ins are not visible without Entra ID P1"]
        return passed("the invitation is not overdue", remarks=remarks, externalUserState=state)
    activity = ctx.find(GUEST_SIGN_INS, guest.id)
    if activity is None:
        if no_report is not None:
            raise CollectionUnavailable(no_report)
        return unknown(
            "the guest's sign-ins are not in the report", Reason.UNDECIDED, externalUserState=state
        )
    signed = activity.bound(trace).object("signInActivity", default={})
    # Graph leaves the time out for an account that never signed in.
    if signed.has("lastSuccessfulSignInDateTime"):
        last = signed.time("lastSuccessfulSignInDateTime")
        if ctx.now - last > timedelta(days=float(ctx.params["idle_days"])):
            return failed(f"no sign-in for over {ctx.params['idle_days']} days", signedIn="long ago")
        return passed("the guest signed in recently", signedIn="recently")
    if ctx.now - guest.time("createdDateTime") > pending:
        return failed(f"never signed in, and older than {ctx.params['pending_days']} days", signedIn="never")
    return passed("the guest is new", signedIn="never")
