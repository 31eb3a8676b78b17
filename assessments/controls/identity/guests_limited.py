"""The control identity-guests-limited: Guest permissions are limited."""

from __future__ import annotations

from assessments.controls.context import Context
from assessments.controls.declare import Parameter, per_scope
from assessments.controls.references import Partly, References
from assessments.controls.verdict import Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.directory import AUTHORIZATION_POLICY
from assessments.estate.gaps import Reason
from assessments.fixes.declare import Fix, graph

# https://learn.microsoft.com/graph/api/resources/authorizationpolicy
_RESTRICTED = "2af84b1e-32c8-42b7-82bc-daa82404023b"
_LIMITED = "10dae51f-b6af-4016-8d66-8c2a99b929b3"
_SAME_AS_MEMBERS = "a0b1b346-4d3e-4e8b-98f8-753987be4970"


FIX = Fix(
    graph(
        "PATCH",
        "/v1.0/policies/authorizationPolicy",
        "Policy.ReadWrite.Authorization",
        body={"guestUserRoleId": "2af84b1e-32c8-42b7-82bc-daa82404023b"},
    ),
    portal="Entra admin center › Entra ID › External Identities › External collaboration settings › Guest user access ›"
    " Guest user access is restricted",
    portal_source="https://learn.microsoft.com/entra/external-id/external-collaboration-settings-configure",
    effects="Guests see only their own properties, and no members of groups. Some apps show guests fewer people.",
)


@per_scope(
    needs=(AUTHORIZATION_POLICY,),
    fix=FIX,
    severity=Severity.MEDIUM,
    labels={"guestUserRoleId": "Permissions of guests"},
    references=References(
        c2="1.15",
        c3="2.15",
        c4="6.15",
        c5="5.15",
        nist="AC-6* AC-3*",
        partly=(
            Partly(
                "c2 c3 c4 c5",
                (
                    "The requirement asks for the restricted guest role; the control also accepts the"
                    " limited role"
                ),
            ),
        ),
    ),
    parameters=(
        Parameter(
            "strict",
            False,
            "Add a remark if guests have the limited guest role (CIS recommends the restricted role)",
            label="Remark on limited access",
        ),
    ),
)
def guests_limited(ctx: Context) -> Verdict:
    """Guest permissions are limited.

    Problem: Guests have the same directory permissions as members
    Expected: Guests have limited permissions or see their own profile only
    Judged: `guestUserRoleId` of the authorization policy. The restricted and the limited guest role (the
    default) pass; with `strict`, the limited role adds a remark. A role with the permissions of members fails.
    Why: A guest with the permissions of a member can list every user, group and application of the
    directory.
    """
    policy = ctx.single(AUTHORIZATION_POLICY, "")
    if policy is None:
        return unknown("Microsoft Graph returned no authorization policy", Reason.NOT_FOUND)
    role = policy.text("guestUserRoleId").strip().casefold()
    if role == _RESTRICTED:
        return passed("Guests see only their own profile", guestUserRoleId=role)
    if role == _LIMITED:
        remarks = ["CIS recommends the restricted guest role"] if ctx.params["strict"] else []
        return passed("Guests have limited permissions", remarks=remarks, guestUserRoleId=role)
    if role == _SAME_AS_MEMBERS:
        return failed("Guests have the same permissions as members", guestUserRoleId=role)
    return unknown(
        f"guestUserRoleId is not a known guest role: {role}", Reason.UNDECIDED, guestUserRoleId=role
    )
