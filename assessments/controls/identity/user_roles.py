"""Controls of users with roles in Azure: blocked accounts, and users who can sign in to virtual machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import judgements, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References
from assessments.controls.shared.directory import without_documents
from assessments.controls.shared.mfa import MFA_NEEDS, MFA_OPTIONAL, judge_mfa
from assessments.controls.shared.role_holders import AZURE_ROLES, azure_roles, user_subject, users_by_id
from assessments.controls.verdict import Judgement, Outcome, Severity, failed, passed
from assessments.estate.collections.access import ROLE_DEFINITIONS
from assessments.estate.collections.directory import USERS
from assessments.estate.identity.roles import covered, is_custom, role_key
from assessments.estate.view import Unreadable
from assessments.fixes.declare import Fix, advice
from assessments.fixes.role_assignments import (
    ASSIGNMENT,
    PORTAL,
    PORTAL_SOURCE,
    ROLE_GROUP,
    leave_groups,
    remove_assignments,
)

# The roles Virtual Machine Administrator Login, Virtual Machine User Login, Virtual Machine Local User Login, and
# Windows Admin Center Administrator Login.
_LOGIN: Final = frozenset(
    {
        "1c0163c0-47e6-4577-8991-ea5c82e286e4",
        "fb879df8-f326-4884-b1cf-06f3ad86be52",
        "602da2ba-a5c2-41da-b01d-5360126ab525",
        "a6333a3e-0164-44c3-b281-7a577aff287f",
    }
)
_LOGIN_ACTIONS: Final = (
    "Microsoft.Compute/virtualMachines/login/action",
    "Microsoft.Compute/virtualMachines/loginAsAdmin/action",
)


def _disabled_users(ctx: Context) -> Iterator[Judgement]:
    found = azure_roles(ctx, reading=True)
    yield from found.here
    has_finding = bool(found.here)
    if gap := ctx.first_gap(USERS):
        has_finding = True
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gap)))
    elif nobody := without_documents(USERS, ctx.estate.documents(USERS.name)):
        yield Judgement(ctx.scope_id, nobody)
        return
    elif nameless := [view for view in ctx.estate.documents(USERS.name) if not view.id]:
        # A listed user without an id could be a blocked account with a role. So the directory cannot pass.
        has_finding = True
        yield Judgement(ctx.scope_id, unknown_from(nameless[0].unreadable("id", "absent")), (nameless[0],))
    for user in sorted(found.users):
        # Skip an account that is not in the list of users: it was deleted, or belongs to another directory.
        if (view := users_by_id(ctx).get(user)) is None:
            continue
        bound = view.bound(ctx.fresh_trace())
        try:
            if bound.flag("accountEnabled"):
                continue
            grants = sorted(found.ordered(user), key=lambda grant: -grant.level)
            verdict = failed(
                "The account is blocked, but still has roles in Azure",
                assignments=[grant.observed() for grant in grants],
            )
        except Unreadable as error:
            verdict = unknown_from(error)
        has_finding = True
        yield Judgement(user_subject(ctx, view.id), verdict, (bound,))
    if not has_finding:
        ctx.fresh_trace()
        yield Judgement(ctx.scope_id, passed("No blocked account has a role in Azure", assignments=[]))


DISABLED_USERS = judgements(
    needs=AZURE_ROLES,
    slug="identity-disabled-users-azure-roles",
    subject_type="Entra user",
    empty_reason="No blocked account has a role in Azure",
    doc=Doc(
        "Blocked accounts have no roles in Azure",
        "Blocked account with roles in Azure",
        "No user whose sign-in is blocked has a role in any subscription",
        "Each user with any role in a subscription, active, eligible (PIM) or through a group. A user whose account is"
        " not enabled fails. If no such user has a role, the directory passes. Accounts that are not in the list of"
        " users, and groups that are not in this directory, do not count. If the members of another group with a role"
        " cannot be read, the directory gets an unknown verdict.",
        "Anyone who unblocks the account, by mistake or on purpose, gives it all its former rights back.",
    ),
    fix=Fix(
        remove_assignments("Remove the assignments of the account."),
        leave_groups("If a group has the role, remove the account from the group."),
        advice("Remove eligible assignments in Privileged Identity Management."),
        portal=PORTAL,
        portal_source=PORTAL_SOURCE,
        effects="If the account is unblocked, it has no access to Azure until somebody assigns a role again.",
        variables=[ASSIGNMENT, ROLE_GROUP],
    ),
    severity=Severity.HIGH,
    references=References(c5="5.3.5", c6="5.3.5", mcsb="PA-1 PA-4", nist="AC-2"),
)(_disabled_users)


def _vm_login(ctx: Context) -> Iterator[Judgement]:
    roles = _login_roles(ctx)
    found = azure_roles(ctx, reading=True)
    yield from (problem for problem in found.problems if _may_permit_login(problem, roles))
    for user in sorted(found.users):
        trace = ctx.fresh_trace()
        grants = found.ordered(user)
        held = [grant for grant in grants if grant.role in _LOGIN or roles.get(grant.role) is True]
        errors = [grant.error or roles.get(grant.role) for grant in grants if grant.role not in _LOGIN]
        unclear = next((one for one in errors if isinstance(one, CollectionUnavailable | Unreadable)), None)
        if not held and unclear is None:
            continue
        view = users_by_id(ctx).get(user)
        try:
            verdict = judge_mfa(
                ctx, user, view, trace, assignments=[grant.observed() for grant in held or grants]
            )
        except (CollectionUnavailable, Unreadable) as error:
            verdict = unknown_from(error)
        if not held and unclear is not None and verdict.outcome is not Outcome.UNKNOWN:
            # Whether the user can sign in to machines depends on a role that could not be read.
            verdict = replace(unknown_from(unclear), observed=verdict.observed)
        yield Judgement(
            user_subject(ctx, view.id if view else user),
            verdict,
            tuple(entry[0] for entry in trace.reads.values()),
        )


def _may_permit_login(problem: Judgement, roles: dict[str, bool | Unreadable]) -> bool:
    """Return whether `problem`, from `RoleHolders.problems`, may hide a user who can sign in to machines. Return False
    if the problem is known to concern a role that does not permit signing in. `roles` is the result of `_login_roles`.
    """
    grant = problem.verdict.observed.get("grant")
    if not isinstance(grant, dict):
        return True
    role = str(grant.get("role"))
    return role in _LOGIN or roles.get(role) is not False


def _login_roles(ctx: Context) -> dict[str, bool | Unreadable]:
    """Return for each role, by its GUID, whether it is a custom role whose data actions permit signing in to machines.
    For a role that could not be read, the value is the error.
    """
    found: dict[str, bool | Unreadable] = {}
    for view in ctx.partial(ROLE_DEFINITIONS)[0]:
        try:
            found[role_key(view.id)] = is_custom(view) and any(
                covered(action, permission.texts("dataActions"))
                and not covered(action, permission.texts("notDataActions", default=[]))
                for permission in view.items("properties.permissions")
                for action in _LOGIN_ACTIONS
            )
        except Unreadable as error:
            found[role_key(view.id)] = error
    return found


VM_LOGIN = judgements(
    needs=(*MFA_NEEDS, *AZURE_ROLES),
    optional=MFA_OPTIONAL,
    slug="identity-vm-login-mfa",
    subject_type="Entra user",
    empty_reason="No user has a role that permits signing in to virtual machines",
    doc=Doc(
        "Every user who can sign in to virtual machines has MFA",
        "Users who can sign in to virtual machines without MFA",
        "MFA is registered and usable for every enabled user with a role that permits signing in to virtual machines",
        "Each user with a role that permits signing in to virtual machines, active, eligible (PIM) or through a group:"
        " Virtual Machine Administrator Login, Virtual Machine User Login, Virtual Machine Local User Login, Windows"
        " Admin Center Administrator Login, or a custom role with such data actions. `isMfaCapable` must be true. Users"
        " are judged even where no machine uses Microsoft Entra sign-in yet. Owners and Contributors are judged by"
        " identity-mfa-azure-writers. Guests, agents, MFA that the report does not show, and directories without Entra"
        " ID P1, are judged as in identity-mfa-privileged.",
        "A stolen password of such a user opens a session on the machine, often with administrative rights.",
    ),
    fix=Fix(
        advice("Let the user register a method for MFA: https://aka.ms/mfasetup"),
        remove_assignments("If the user need not sign in to machines, remove the assignment."),
        leave_groups("If the user has the role through a group, remove the user from the group instead."),
        portal=PORTAL,
        portal_source=PORTAL_SOURCE,
        effects="Without the role, the user can no longer sign in to machines with the account of the directory.",
        variables=[ASSIGNMENT, ROLE_GROUP],
    ),
    severity=Severity.MEDIUM,
    references=References(
        c3="8.10",
        c4="4.1.1",
        c5="3.1.1",
        c6="3.1.1",
        mcsb="IM-6*",
        nist="IA-2(1)",
        partly=(
            Partly(
                "c3 c4 c5 c6",
                "The control checks whether users can use MFA, not whether MFA is enforced for them",
            ),
        ),
    ),
)(_vm_login)

CONTROLS = (DISABLED_USERS, VM_LOGIN)
