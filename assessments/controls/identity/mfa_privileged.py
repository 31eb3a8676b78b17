"""The control identity-mfa-privileged: Every user with an Entra admin role has registered MFA."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import judgements, unknown_from
from assessments.controls.references import Partly, References
from assessments.controls.shared.mfa import (
    EXCLUDED,
    MFA_NEEDS,
    MFA_OPTIONAL,
    excluded_by_policy,
    judge_mfa,
    registrations,
)
from assessments.controls.shared.role_holders import (
    DIRECTORY_ROLES,
    SYNCHRONISATION_ROLES,
    Level,
    RoleGrant,
    directory_roles,
    user_subject,
    users_by_id,
)
from assessments.controls.verdict import Judgement, Outcome, Severity, not_applicable
from assessments.estate.collections.directory import DIRECTORY_ROLE_ASSIGNMENTS, MFA_REGISTRATIONS
from assessments.estate.gaps import Reason
from assessments.estate.view import Unreadable, View
from assessments.fixes.conditional_access import (
    ADMINISTRATOR_ROLES,
    CONDITIONAL_ACCESS_COST,
    EITHER_DEFAULTS_OR_POLICIES,
    MFA_VARIABLES,
    NO_SCOPED_ROLES,
    TEMPLATE_ONLY_REPORTS,
    join_roles,
    require_mfa,
    with_roles_of_finding,
)
from assessments.fixes.declare import Fix

# A placeholder for the role of a user whom the registration report marks as an administrator. The report names no role.
_MARKED = "isAdmin"


FIX = Fix(
    *require_mfa(
        "Require multifactor authentication for administrators",
        users={"includeRoles": list(ADMINISTRATOR_ROLES)},
        applications=["All"],
        # The account that synchronises the directory cannot use MFA, so the created policy must not include its role.
        adapt=partial(with_roles_of_finding, never=SYNCHRONISATION_ROLES),
        intro="Require MFA for administrators, so that they register a method at the next sign-in.",
    ),
    portal="Entra admin center › Entra ID › Conditional Access › Create new policy from templates › Require multifactor"
    " authentication for admins",
    portal_source="https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policy-common",
    cost=CONDITIONAL_ACCESS_COST,
    effects=f"Administrators without a method must register one. {EITHER_DEFAULTS_OR_POLICIES}"
    f" {TEMPLATE_ONLY_REPORTS} {NO_SCOPED_ROLES}",
    variables=MFA_VARIABLES,
    join=join_roles,
)


@judgements(
    needs=(*MFA_NEEDS, *DIRECTORY_ROLES),
    optional=MFA_OPTIONAL,
    fix=FIX,
    severity=Severity.CRITICAL,
    labels={"roles": "Directory roles"},
    subject_type="Entra user",
    empty_reason="No user has a directory role",
    references=References(
        c2="1.1.2",
        c3="2.1.2",
        c4="6.1.2",
        c5="5.1.2",
        c6="5.1.3",
        mcsb="IM-6*",
        mcsb2="IM-2",
        nist="IA-2(1) IA-2(2)*",
        partly=(
            Partly(
                "c2 c3",
                "The control checks whether users can use MFA, not whether MFA is enforced for them, because the state"
                " of per-user MFA cannot be read",
            ),
            Partly(
                "c4 c5 c6",
                "The control checks only users with an Entra role, and only whether they can use MFA",
            ),
        ),
    ),
    parameters=(EXCLUDED,),
)
def mfa_privileged(ctx: Context) -> Iterator[Judgement]:
    """Every user with an Entra admin role has registered MFA.

    Problem: Administrators without multifactor sign-in
    Expected: MFA is registered and usable for every enabled user with an active or eligible directory role
    Judged: Each enabled user who has a directory role, whether active, eligible (PIM) or held through a group, and each
    user whom the registration report marks as an administrator: `isMfaCapable` must be true. `isMfaRegistered` is not
    enough, because a policy may block the registered method.

    A remark says if the user has registered only text message, voice or email. Another remark says if the user is a
    guest and the directory trusts the MFA of the guest's home directory. This trust is a cross-tenant access setting
    for the home directory or, if there is none, the default setting.

    The report shows neither the MFA of a federation server nor external MFA. So a user without MFA is unknown if Entra
    ID accepts MFA of the federation server of the user's domain, or if the authentication methods policy enables
    external MFA for anybody. Without Entra ID P1 there is no report; security defaults must be on then.

    Disabled accounts and service principals do not count; emergency access accounts do. Accounts of agents and the
    account that synchronises the directory cannot use MFA. They are not applicable, like the users named in `excluded`.
    Why: Anyone who gets one administrator's password can take over the directory and all of Azure.
    """
    holdings = directory_roles(ctx)
    # Add the users whom the registration report marks as administrators.
    for key, registration in registrations(ctx).items():
        try:
            if not registration.flag("isAdmin", default=False):
                continue
        except Unreadable as error:
            yield Judgement(ctx.scope_id, unknown_from(error), (registration,))
            continue
        if key:
            grant = RoleGrant("", _MARKED, "/", False, "", Level.GRANT)
            holdings.users.setdefault(key, []).append(grant)
        else:
            nameless = registration.unreadable("id", "absent")
            yield Judgement(ctx.scope_id, unknown_from(nameless), (registration,))
    yield from holdings.problems
    unreadable = next((one for one in holdings.problems if _is_about_active_assignment(one)), None)
    gap = ctx.first_gap(MFA_REGISTRATIONS)
    if gap is not None and gap.reason is not Reason.LICENCE_MISSING:
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gap)))
    for user in sorted(holdings.users):
        trace = ctx.fresh_trace()
        view = users_by_id(ctx).get(user)
        roles = sorted({grant.role for grant in holdings.ordered(user)})
        subject = user_subject(ctx, view.id if view else user)
        if (reason := _left_out(ctx, view, roles)) is not None:
            yield Judgement(subject, not_applicable(reason, roles=roles), (view,) if view else ())
            continue
        try:
            verdict = judge_mfa(ctx, user, view, trace, roles=roles)
            # No role of this account was read; only the report marks it as an administrator. If some role assignment
            # could not be read, the account's role may be the one for synchronising the directory, which needs no MFA.
            # So the verdict is unknown instead of a failure.
            if verdict.outcome is Outcome.FAIL and roles == [_MARKED] and unreadable is not None:
                verdict = unreadable.verdict
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        yield Judgement(subject, verdict, tuple(entry[0] for entry in trace.reads.values()))


def _is_about_active_assignment(problem: Judgement) -> bool:
    """Return whether `problem`, from `RoleHolders.problems`, is about an active role assignment that could not be
    judged.
    """
    return any(view.collection == DIRECTORY_ROLE_ASSIGNMENTS.name for view in problem.evidence)


def _left_out(ctx: Context, user: View | None, roles: list[str]) -> str | None:
    """Return the reason why a user does not need MFA, or None if the user needs it."""
    if SYNCHRONISATION_ROLES & set(roles) and set(roles) <= SYNCHRONISATION_ROLES | {_MARKED}:
        return "The account only synchronises the directory; it cannot use MFA"
    if excluded_by_policy(ctx, user):
        return "The control’s parameters exempt this user"
    return None
