"""identity-guests-cannot-invite."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, References, per_scope
from assessments.controls.verdict import Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.directory import AUTHORIZATION_POLICY
from assessments.estate.estate import UnitKind
from assessments.estate.gaps import Reason

_WHO = {
    "everyone": "everyone, guests included, can invite guests",
    "adminsguestinvitersandallmembers": "members can invite guests, guests cannot",
    "adminsandguestinviters": "only administrators and guest inviters can invite guests",
    "none": "nobody can invite guests",
}


@per_scope(
    needs=(AUTHORIZATION_POLICY,),
    problem="Guests can invite further guests",
    severity=Severity.MEDIUM,
    expected="allowInvitesFrom is not everyone (strict: adminsAndGuestInviters or none)",
    unit=UnitKind.DIRECTORY,
    references=References(c2="1.16", c3="2.16", c4="6.16", c5="5.16", nist="AC-6*"),
    parameters=(Parameter("strict", False, "Members must not invite guests either, as CIS wants"),),
)
def guests_cannot_invite(ctx: Context) -> Verdict:
    """Guests cannot invite further guests.

    Judged: `allowInvitesFrom` of the authorization policy (External collaboration settings in Entra).
    `everyone` fails; with `strict` only `adminsAndGuestInviters` and `none` pass.
    Why: guests who invite guests take the decision who gets in away from the organization.
    Fix: az rest --method patch --url https://graph.microsoft.com/v1.0/policies/authorizationPolicy --body
    '{"allowInvitesFrom":"adminsAndGuestInviters"}'
    """
    policy = ctx.single(AUTHORIZATION_POLICY, "")
    if policy is None:
        return unknown("the directory gave no authorization policy", Reason.NOT_FOUND)
    stated = policy.text("allowInvitesFrom")
    value = stated.strip().casefold()
    if value not in _WHO:
        return unknown(
            "allowInvitesFrom has a value not known here", Reason.UNDECIDED, allowInvitesFrom=stated
        )
    if value == "everyone" or (ctx.params["strict"] and value == "adminsguestinvitersandallmembers"):
        return failed(_WHO[value], allowInvitesFrom=stated)
    return passed(_WHO[value], allowInvitesFrom=stated)
