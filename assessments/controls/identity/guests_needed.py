"""The control identity-guests-needed: There are no unneeded guest users."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Answer, Parameter, judgements, unknown_from
from assessments.controls.references import Partly, References
from assessments.controls.shared.directory import without_documents
from assessments.controls.shared.mfa import is_guest
from assessments.controls.shared.role_holders import user_subject
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, manual, passed, unknown
from assessments.estate.collections.directory import GUEST_SIGN_INS, USERS
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.quantities import in_days
from assessments.estate.view import Trace, Unreadable, View
from assessments.fixes.declare import Fix, advice, command

# Microsoft Entra ID has recorded `lastSuccessfulSignInDateTime` since this day, and did not add earlier sign-ins.
# https://learn.microsoft.com/graph/api/resources/signinactivity
_RECORDED_SINCE = datetime(2023, 12, 1, tzinfo=UTC)

FIX = Fix(
    command(
        "az ad user update --id {user_id} --account-enabled false",
        "Block the guest's sign-in, and wait to see whether anybody still needs the account.",
        when=lambda facts: bool(facts.user_id()),
    ),
    command(
        "az ad user delete --id {user_id}",
        "Then delete the guest.",
        when=lambda facts: bool(facts.user_id()),
    ),
    advice(
        "Review the list of guests, and remove guests who are not needed. Then attest in Surety that the others are"
        " needed.",
        when=lambda facts: not facts.user_id(),
    ),
    portal="Entra admin center › Entra ID › Users › All users › Add filter › User type: Guest",
    portal_source="https://learn.microsoft.com/entra/external-id/user-properties",
    effects="The guest loses access to everything in the directory. A deleted user can be restored for 30 days.",
)


@judgements(
    needs=(USERS, GUEST_SIGN_INS),
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"externalUserState": "Invitation"},
    subject_type="Entra user",
    empty_reason="No guest",
    references=References(
        c2="1.5",
        c3="2.4",
        c4="6.3.2",
        c5="5.3.2",
        c6="5.3.2",
        mcsb="PA-4",
        nist="AC-2",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                (
                    "An attestation is valid until the list of guests changes; the control does not check how"
                    " often guests are reviewed"
                ),
            ),
        ),
    ),
    parameters=(
        Parameter(
            "pending_days",
            30,
            "Maximum days without an answer to an invitation",
            label="Maximum days without an answer",
            minimum=1,
        ),
        Parameter(
            "idle_days",
            90,
            "Maximum days since the last successful sign-in of a guest",
            label="Maximum days since the last sign-in",
            minimum=1,
        ),
    ),
    is_manual=True,
    answer=Answer(bound=True),
)
def guests_needed(ctx: Context) -> Iterator[Judgement]:
    """There are no unneeded guest users.

    Problem: Guest users inactive or not confirmed as needed
    Expected: No enabled guest, or only guests who accepted, sign in and are attested as needed
    Judged: Passes if there is no enabled guest. A guest fails if the invitation has not been accepted for more than
    `pending_days` days, if the last successful sign-in is more than `idle_days` days ago, or if the account is older
    than `pending_days` days and never signed in. Without Entra ID P1, sign-ins are not visible, so guests whose account
    is not new are unknown.

    While there is an enabled guest, the list of guests needs an attestation, and a new one whenever the list changes.

    Members with `#EXT#` in their user principal name are judged too: external members, which cross-tenant
    synchronization creates, and guests whose type was changed to Member.
    Why: A forgotten guest account is a way in that nobody watches, and another organization manages it.
    """
    users, gaps = ctx.partial(USERS)
    guests: list[View] = []
    has_unknown = False
    for user in users:
        trace = ctx.fresh_trace()
        view = user.bound(trace)
        try:
            if not is_guest(view) or not view.flag("accountEnabled"):
                continue
            guests.append(view)
            verdict = _judge_guest(view, ctx, trace)
        except (CollectionUnavailable, Unreadable) as error:
            has_unknown = True
            verdict = unknown_from(error)
        yield Judgement(
            user_subject(ctx, view.id), verdict, tuple(entry[0] for entry in trace.reads.values())
        )
    if gaps:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gaps[0])))
    elif nobody := without_documents(USERS, users):
        yield Judgement(ctx.scope_id, nobody)
        return
    if guests:
        ids = sorted(fold(guest.id) for guest in guests)
        digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()
        text = f"Attest that every enabled guest is needed ({len(ids):,} in the list)"
        yield Judgement(ctx.scope_id, manual(text, guests=ids, listSha256=digest))
    elif not gaps and not has_unknown:
        yield Judgement(ctx.scope_id, passed("No enabled guest", guests=[]))


def _judge_guest(guest: View, ctx: Context, trace: Trace) -> Verdict:
    pending = timedelta(days=float(ctx.params["pending_days"]))
    state = guest.choice("externalUserState", {"pendingacceptance", "accepted"}, default="")
    if state == "pendingacceptance":
        # For old invitations, Graph does not state when their state last changed. Use the age of the account instead.
        changed = guest.has("externalUserStateChangeDateTime")
        since = guest.time("externalUserStateChangeDateTime" if changed else "createdDateTime")
        if ctx.now - since > pending:
            text = f"The invitation has not been accepted for over {in_days(ctx.params['pending_days'])}"
            return failed(text, externalUserState="PendingAcceptance")
    report_gap = ctx.first_gap(GUEST_SIGN_INS)
    activity = ctx.find(GUEST_SIGN_INS, guest.id)
    if activity is None:
        if report_gap is not None:
            newest = min(pending, timedelta(days=float(ctx.params["idle_days"])))
            if guest.has("createdDateTime") and ctx.now - guest.time("createdDateTime") <= newest:
                return passed("The guest account is new", externalUserState=state)
            raise CollectionUnavailable(report_gap)
        return unknown(
            "The guest is missing from the sign-in report", Reason.UNDECIDED, externalUserState=state
        )
    sign_ins = activity.bound(trace).object("signInActivity", default={})
    # Graph omits this property if it has recorded no successful sign-in of the account.
    if sign_ins.has("lastSuccessfulSignInDateTime"):
        last = sign_ins.time("lastSuccessfulSignInDateTime")
        if ctx.now - last > timedelta(days=float(ctx.params["idle_days"])):
            return failed(
                f"No successful sign-in for over {in_days(ctx.params['idle_days'])}", signedIn="long ago"
            )
        return passed("The guest signed in recently", signedIn="recently")
    created = guest.time("createdDateTime")
    if ctx.now - created > pending:
        never = (
            "Never signed in" if created >= _RECORDED_SINCE else "No successful sign-in since December 2023"
        )
        return failed(
            f"{never}, and the account is older than {in_days(ctx.params['pending_days'])}", signedIn="never"
        )
    return passed("The guest account is new", signedIn="never")
