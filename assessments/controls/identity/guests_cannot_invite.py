"""The control identity-guests-cannot-invite: Guests cannot invite further guests."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.references import Partly, References, Setting
from assessments.controls.verdict import Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.directory import AUTHORIZATION_POLICY
from assessments.estate.gaps import Reason
from assessments.fixes.declare import Fix, graph

_MEANINGS = {
    "everyone": "Everyone, including guests, can invite guests",
    "adminsguestinvitersandallmembers": "Members can invite guests; guests cannot",
    "adminsandguestinviters": "Only administrators and guest inviters can invite guests",
    "none": "Nobody can invite guests",
}


FIX = Fix(
    graph(
        "PATCH",
        "/v1.0/policies/authorizationPolicy",
        "Policy.ReadWrite.Authorization",
        body={"allowInvitesFrom": "adminsAndGuestInviters"},
    ),
    portal="Entra admin center › Entra ID › External Identities › External collaboration settings ›"
    " Guest invite settings › Only users assigned to specific admin roles can invite guest users",
    portal_source="https://learn.microsoft.com/entra/external-id/external-collaboration-settings-configure",
    effects="Members without the role Guest Inviter or an administrator role can no longer invite guests.",
)


@per_scope(
    needs=(AUTHORIZATION_POLICY,),
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"allowInvitesFrom": "Guests can be invited by"},
    references=References(
        c2="1.16",
        c3="2.16",
        c4="6.16",
        c5="5.16",
        nist="AC-6*",
        partly=(
            Partly(
                "c2 c3 c4 c5",
                "The control passes if members can invite guests, unless its parameters refuse this",
                unless=(Setting("strict", equal=True),),
            ),
        ),
    ),
    parameters=(
        Parameter(
            "strict",
            False,
            "Also fail if members can invite guests (CIS recommendation)",
            label="Fail invitations by members",
        ),
    ),
)
def guests_cannot_invite(ctx: Context) -> Verdict:
    """Guests cannot invite further guests.

    Problem: Guests can invite further guests
    Expected: Guests cannot invite guests (strict: only administrators and guest inviters can, or nobody)
    Judged: `allowInvitesFrom` of the authorization policy (External collaboration settings in Entra).
    `everyone` fails. With `strict`, only `adminsAndGuestInviters` and `none` pass.
    Why: If guests can invite guests, the organization no longer decides who gets in.
    """
    policy = ctx.single(AUTHORIZATION_POLICY, "")
    if policy is None:
        return unknown("Microsoft Graph returned no authorization policy", Reason.NOT_FOUND)
    invites_from = policy.text("allowInvitesFrom")
    value = invites_from.strip().casefold()
    if value not in _MEANINGS:
        return unknown(
            f"allowInvitesFrom has an unknown value: {invites_from}",
            Reason.UNDECIDED,
            allowInvitesFrom=invites_from,
        )
    if value == "everyone" or (ctx.params["strict"] and value == "adminsguestinvitersandallmembers"):
        return failed(_MEANINGS[value], allowInvitesFrom=invites_from)
    return passed(_MEANINGS[value], allowInvitesFrom=invites_from)
