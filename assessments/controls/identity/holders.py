"""Who holds strong roles: Global Administrators, elevated access, owners, blocked accounts, sign-in to machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Doc, Parameter, judge, judgements, per_scope, unknown_from
from assessments.controls.directory import without_documents
from assessments.controls.mfa import MFA_NEEDS, MFA_OPTIONAL, judge_mfa
from assessments.controls.references import Partly, References, Setting
from assessments.controls.role_holders import (
    AZURE_ROLES,
    DIRECTORY_ROLES,
    RoleGrant,
    RoleHolders,
    azure_roles,
    directory_roles,
    user_subject,
    users_by_id,
)
from assessments.controls.verdict import Judgement, Outcome, Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.access import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS
from assessments.estate.collections.directory import DIRECTORY_ROLE_ASSIGNMENTS, GROUP_MEMBERS, USERS
from assessments.estate.conditional_access import GLOBAL_ADMINISTRATOR
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
from assessments.estate.roles import covered, is_custom, role_key
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.role_assignments import ASSIGNMENT, PORTAL, PORTAL_SOURCE, remove_assignments
from assessments.fixes.variables import EXAMPLE_GUID, Variable

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
_OWNER: Final = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_USER_ACCESS: Final = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
_ROLE_ACCESS: Final = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
_GRANTING: Final = frozenset({_OWNER, _USER_ACCESS, _ROLE_ACCESS})
# Virtual Machine Administrator Login, Virtual Machine User Login, Virtual Machine Local User Login, and Windows Admin
# Center Administrator Login.
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
_ROOT: Final = "/"


def _about(problem: Judgement, role: str) -> bool:
    """Whether a problem can concern holders of the role: it names no role, or this one."""
    grant = problem.verdict.observed.get("grant")
    return not isinstance(grant, dict) or grant.get("role") == role


def _global_admins(ctx: Context) -> Verdict:
    found = directory_roles(ctx)
    admins: set[str] = set()
    unclear: list[Verdict] = [
        problem.verdict for problem in found.problems if _about(problem, GLOBAL_ADMINISTRATOR)
    ]
    for user in sorted(found.users):
        if all(grant.role != GLOBAL_ADMINISTRATOR for grant in found.ordered(user)):
            continue
        view = users_by_id(ctx).get(user)
        try:
            if view is None:
                ctx.require_complete(USERS)
                text = "A Global Administrator is not in the list of users"
                unclear.append(unknown(text, Reason.UNDECIDED))
            elif view.bound(ctx.trace).flag("accountEnabled"):
                admins.add(user)
        except (CollectionUnavailable, Unreadable) as error:
            unclear.append(unknown_from(error))
    observed = {"globalAdministrators": sorted(admins)}
    remarks = ["An application is a Global Administrator too"] if _has_application(ctx) else []
    if len(admins) > ctx.params["max"]:
        return failed("The directory has too many Global Administrators", remarks=remarks, **observed)
    if unclear:
        return unclear[0]
    if len(admins) < ctx.params["min"]:
        return failed("The directory has too few Global Administrators", remarks=remarks, **observed)
    return passed("The number of Global Administrators is right", remarks=remarks, **observed)


def _has_application(ctx: Context) -> bool:
    """Whether an application is a Global Administrator. Unreadable assignments are reported by the caller."""
    for view in ctx.partial(DIRECTORY_ROLE_ASSIGNMENTS)[0]:
        kind, role = view.raw("principal.@odata.type"), view.raw("roleDefinitionId")
        if not isinstance(kind, str) or not isinstance(role, str):
            continue
        if kind.casefold().endswith("serviceprincipal") and role_key(role) == GLOBAL_ADMINISTRATOR:
            return True
    return False


GLOBAL_ADMIN_COUNT = per_scope(
    needs=DIRECTORY_ROLES,
    slug="identity-global-admin-count",
    doc=Doc(
        "There are two to four Global Administrators",
        "Too many or too few Global Administrators",
        "The directory has {min:count} to {max:count} Global Administrators, active or eligible",
        "The enabled users who have the role Global Administrator, active, eligible (PIM) or through a group. Fails for"
        " more than `max` and for fewer than `min`. Applications with the role are a remark and do not count. If the"
        " members of a group with the role cannot be read, the verdict is unknown, unless there are too many already.",
        "Each Global Administrator can do everything in the directory, so attackers look for these accounts. With"
        " only one, the organization is locked out if this account is lost.",
    ),
    fix=Fix(
        advice(
            "Give administrators narrower roles, and let them activate Global Administrator only if they need it."
        ),
        advice("Keep two emergency access accounts as Global Administrators."),
        portal="Entra admin center › Entra ID › Roles & admins › the role Global Administrator",
        portal_source="https://learn.microsoft.com/entra/identity/role-based-access-control/manage-roles-portal",
        effects="People without the role can no longer change settings that only Global Administrators can change.",
    ),
    severity=Severity.HIGH,
    references=References(
        c3="2.26",
        c4="6.26",
        c5="5.26",
        mcsb="PA-1*",
        nist="AC-6(5)*",
        partly=(
            Partly(
                "c3 c4 c5",
                "The requirement demands fewer than five Global Administrators; the policy permits more",
                unless=(Setting("max", maximum=4),),
            ),
        ),
    ),
    parameters=(
        Parameter("min", 2, "Minimum number of Global Administrators", minimum=1),
        Parameter("max", 4, "Maximum number of Global Administrators", minimum=1),
    ),
)(_global_admins)


def _uaa_root(ctx: Context) -> Verdict:
    documents, gaps = ctx.partial(ROLE_ASSIGNMENTS)
    found: list[dict[str, object]] = []
    first_error: Unreadable | None = None
    for view in documents:
        try:
            if view.text("properties.scope") != _ROOT:
                continue
            role = role_key(view.text("properties.roleDefinitionId"))
        except Unreadable as error:
            first_error = first_error or error
            continue
        if role in _GRANTING:
            found.append({"assignment": view.id, "role": role, "scope": _ROOT})
    if found:
        return failed("Somebody can assign roles in all subscriptions of the directory", assignments=found)
    # The list of each subscription contains the assignments above it, so one complete list is enough.
    if all(answer.gap is not None for answer in ctx.estate.answers(ROLE_ASSIGNMENTS.name)):
        if gaps:
            raise CollectionUnavailable(gaps[0])
        return unknown(
            "No subscription was read, so assignments above all subscriptions are unknown",
            Reason.NOT_COLLECTED,
        )
    if first_error is not None:
        raise first_error
    return passed("Nobody can assign roles above all subscriptions", assignments=[])


UAA_ROOT = per_scope(
    needs=(ROLE_ASSIGNMENTS, USERS),
    slug="identity-uaa-root",
    doc=Doc(
        "Nobody keeps elevated access to all subscriptions",
        "Elevated access to all subscriptions not removed",
        "Nobody has User Access Administrator, Owner or Role Based Access Control Administrator at the root (`/`)",
        "The role assignments whose scope is `/`. Azure lists them in each subscription, so one subscription that was"
        " read is enough. Fails for User Access Administrator, Owner and Role Based Access Control Administrator. The"
        " same roles at management groups and subscriptions are judged by other controls.",
        "A Global Administrator can give themselves this access in one click. The access stays after the task is"
        " done, and permits taking over every subscription.",
    ),
    fix=Fix(
        remove_assignments("Remove the assignment. Your account needs elevated access for this itself."),
        advice("Alternatively, let the person who has the access set the switch to No."),
        portal="Azure portal › Microsoft Entra ID › Manage › Properties › Access management for Azure resources › No",
        portal_source="https://learn.microsoft.com/azure/role-based-access-control/elevate-access-global-admin",
        effects="The person can no longer see and assign roles in subscriptions where they have no other role.",
        variables=[ASSIGNMENT],
    ),
    severity=Severity.HIGH,
    references=References(c4="6.3.3", c5="5.3.3", c6="5.3.3", mcsb="PA-1*", nist="AC-6(7)*"),
)(_uaa_root)


def _owner_count(ctx: Context) -> Iterator[Judgement]:
    found = azure_roles(ctx)
    if not ctx.estate.subscriptions:
        # If the sign-in is refused before any subscription is known, the gap lies on the directory itself.
        for gap in ctx.partial(ROLE_ASSIGNMENTS)[1]:
            raise CollectionUnavailable(gap)
    for guid in ctx.estate.subscriptions:
        subscription = f"/subscriptions/{guid}"
        yield judge(ctx, subscription, partial(_owners_of, ctx, found, subscription))


def _owners_of(ctx: Context, found: RoleHolders, subscription: str) -> Verdict:
    scope = fold(subscription)
    documents, gap = ctx.partial_at(ROLE_ASSIGNMENTS, subscription)
    owners = {
        user for user in found.users if any(_counts(ctx, grant, scope) for grant in found.ordered(user))
    }
    # Reads the deciding properties again, so that the evidence of this subscription has them.
    error: CollectionUnavailable | Unreadable | None = CollectionUnavailable(gap) if gap is not None else None
    for view in documents:
        try:
            if _is_owner(view, scope):
                owners |= _applications(ctx, view)
        except (CollectionUnavailable, Unreadable) as problem:
            error = error or problem
    missing = sorted(user for user in owners if user in found.users and user not in users_by_id(ctx))
    observed: dict[str, Any] = {"owners": sorted(owners - set(missing))}
    if len(owners) - len(missing) > ctx.params["max"]:
        return failed("The subscription has too many owners", **observed)
    if error is not None:
        raise error
    if (
        unattributed := next((one for one in found.problems if _concerns(ctx, one, scope)), None)
    ) is not None:
        return unattributed.verdict
    if missing:
        ctx.require_complete(USERS)
        return unknown(
            "An owner is not in this directory: the account was deleted, or belongs to another one",
            Reason.UNDECIDED,
        )
    if len(owners) < ctx.params["min"]:
        return failed("The subscription has too few owners", **observed)
    return passed("The number of owners is right", **observed)


def _counts(ctx: Context, grant: RoleGrant, scope: str) -> bool:
    if grant.role != _OWNER:
        return False
    if fold(grant.scope) == scope:
        return not grant.eligible or bool(ctx.params["count_inherited"])
    is_above = not fold(grant.scope).startswith("/subscriptions/")
    return is_above and bool(ctx.params["count_inherited"])


def _is_owner(view: View, scope: str) -> bool:
    return (
        fold(view.text("properties.scope")) == scope
        and role_key(view.text("properties.roleDefinitionId")) == _OWNER
    )


def _applications(ctx: Context, assignment: View) -> set[str]:
    """Return the applications that own the subscription by an assignment. `azure_roles` returns users only."""
    kind, principal = (
        assignment.text("properties.principalType").casefold(),
        fold(assignment.text("properties.principalId")),
    )
    if kind == "serviceprincipal":
        return {principal}
    if kind != "group":
        return set()
    return {
        fold(member.text("id"))
        for member in ctx.documents_at(GROUP_MEMBERS, principal)
        if member.text("@odata.type").rpartition(".")[2].casefold() == "serviceprincipal"
    }


def _concerns(ctx: Context, problem: Judgement, scope: str) -> bool:
    """Whether a role that could not be attributed may make somebody an owner of the subscription."""
    grant = problem.verdict.observed.get("grant")
    if isinstance(grant, dict):
        where = fold(str(grant.get("scope")))
        is_above = not where.startswith("/subscriptions/") and bool(ctx.params["count_inherited"])
        return grant.get("role") == _OWNER and (where == scope or is_above)
    gap = problem.verdict.gap
    return gap is None or gap.collection != ROLE_ASSIGNMENTS.name


OWNER_COUNT = judgements(
    needs=AZURE_ROLES,
    slug="identity-owner-count",
    subject_type="Azure subscription",
    empty_reason="No subscription",
    doc=Doc(
        "Each subscription has two or three owners",
        "Subscription with too many or too few owners",
        "The subscription has {min:count} to {max:count} owners: people and applications with the role Owner",
        "The users and applications that have the role Owner on the subscription itself, directly or through a group."
        " Owners through a management group, and eligible ones (PIM), count only with `count_inherited`. If the"
        " members of an owning group cannot be read, or an owner is not in the directory, the verdict is unknown,"
        " unless there are too many owners already.",
        "Each owner can delete everything and give others access. With only one, nobody can manage the subscription if"
        " this account is lost.",
    ),
    fix=Fix(
        command(
            "az role assignment create --assignee-object-id {principal} --assignee-principal-type User --role Owner"
            " --scope {id}",
            "If there are too few owners, add one.",
        ),
        command(
            "az role assignment list --role Owner --scope {id} --query '[].id' --output tsv",
            "If there are too many owners, list the assignments.",
        ),
        command("az role assignment delete --ids {assignment}", "Then remove those that nobody needs."),
        portal=PORTAL,
        portal_source=PORTAL_SOURCE,
        effects="A former owner can no longer change the subscription, unless another role permits it.",
        variables=[ASSIGNMENT, Variable("principal", "Object id of the new owner", EXAMPLE_GUID)],
    ),
    severity=Severity.MEDIUM,
    references=References(
        c5="5.27",
        c6="5.7",
        mcsb="PA-1",
        nist="AC-2 AC-6 AC-6(7) AC-5",
        partly=(
            Partly(
                "c5 c6",
                "The requirement demands two or three owners; the policy permits another number",
                unless=(Setting("min", minimum=2), Setting("max", maximum=3)),
            ),
        ),
    ),
    parameters=(
        Parameter("min", 2, "Minimum number of owners", minimum=1),
        Parameter("max", 3, "Maximum number of owners", minimum=1),
        Parameter(
            "count_inherited", False, "Count owners through a management group, and eligible owners, too"
        ),
    ),
)(_owner_count)


def _disabled_users(ctx: Context) -> Iterator[Judgement]:
    found = azure_roles(ctx, reading=True)
    yield from found.problems
    has_finding = bool(found.problems)
    if gap := ctx.first_gap(USERS):
        has_finding = True
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gap)))
    elif nobody := without_documents(USERS, ctx.estate.documents(USERS.name)):
        yield Judgement(ctx.scope_id, nobody)
        return
    elif nameless := [view for view in ctx.estate.documents(USERS.name) if not view.id]:
        # An entry without an id could belong to anybody with a role.
        has_finding = True
        yield Judgement(ctx.scope_id, unknown_from(nameless[0].unreadable("id", "absent")), (nameless[0],))
    for user in sorted(found.users):
        # An account that is not in the list was deleted, or belongs to another directory.
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
        " not enabled fails. Passes for the directory if there is none. Accounts that are not in the list of users do"
        " not count. If the members of a group with a role cannot be read, the directory gets an unknown verdict.",
        "Whoever unblocks the account, by mistake or on purpose, gives it all its former rights back.",
    ),
    fix=Fix(
        remove_assignments(
            "Remove the assignments of the account. If a group has the role, remove it from the group."
        ),
        advice("Remove eligible assignments in Privileged Identity Management."),
        portal=PORTAL,
        portal_source=PORTAL_SOURCE,
        effects="If the account is unblocked, it has no access to Azure until somebody assigns a role again.",
        variables=[ASSIGNMENT],
    ),
    severity=Severity.HIGH,
    references=References(c5="5.3.5", c6="5.3.5", mcsb="PA-1 PA-4", nist="AC-2"),
)(_disabled_users)


def _vm_login(ctx: Context) -> Iterator[Judgement]:
    roles = _login_roles(ctx)
    found = azure_roles(ctx, reading=True)
    yield from found.problems
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


def _login_roles(ctx: Context) -> dict[str, bool | Unreadable]:
    """Return, for each custom role by GUID, whether its data actions permit signing in to machines, or the error."""
    found: dict[str, bool | Unreadable] = {}
    for view in ctx.partial(ROLE_DEFINITIONS)[0]:
        try:
            if is_custom(view):
                found[role_key(view.id)] = any(
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
        "Each user with one of the roles Virtual Machine Administrator Login, User Login and Local User Login, Windows"
        " Admin Center Administrator Login, or a custom role whose data actions permit signing in, active, eligible"
        " (PIM) or through a group: `isMfaCapable` must be true. Users are judged even where no machine uses"
        " Microsoft Entra sign-in yet. Owners and Contributors are judged by identity-mfa-azure-writers. Guests, and"
        " directories without Entra ID P1, are judged as in identity-mfa-privileged.",
        "A stolen password of such a user opens a session on the machine, often with administrative rights.",
    ),
    fix=Fix(
        advice("Let the user register a method for MFA: https://aka.ms/mfasetup"),
        remove_assignments("If the user need not sign in to machines, remove the assignment."),
        portal=PORTAL,
        portal_source=PORTAL_SOURCE,
        effects="Without the role, the user can no longer sign in to machines with the account of the directory.",
        variables=[ASSIGNMENT],
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

CONTROLS = (GLOBAL_ADMIN_COUNT, UAA_ROOT, OWNER_COUNT, DISABLED_USERS, VM_LOGIN)
