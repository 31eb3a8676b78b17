"""The control identity-guests-azure-permissions: Guests have no privileged roles."""

from __future__ import annotations

from collections.abc import Iterator

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import judgements, unknown_from
from assessments.controls.references import Partly, References
from assessments.controls.shared.delegations import Delegation, judge_delegations
from assessments.controls.shared.mfa import is_guest
from assessments.controls.shared.role_holders import (
    AZURE_ROLES,
    DIRECTORY_ROLES,
    Level,
    RoleGrant,
    RoleHolders,
    azure_roles,
    directory_roles,
    user_subject,
)
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.access import REGISTRATION_ASSIGNMENTS
from assessments.estate.collections.directory import USERS
from assessments.estate.gaps import Reason
from assessments.estate.ids import fold
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

FIX = Fix(
    remove_assignments("Remove the assignment of the Azure role."),
    leave_groups("If a group has the role, remove the guest from the group."),
    advice(
        "Remove the delegation: Azure portal › Service providers › Service provider offers › the offer › Delegations.",
        kinds=("microsoft.managedservices/registrationassignments",),
    ),
    advice(
        "Remove eligible assignments in Privileged Identity Management, and directory roles in the Entra admin center"
        " › Roles & admins.",
        when=lambda facts: bool(facts.user_id()),
    ),
    portal=PORTAL,
    portal_source=PORTAL_SOURCE,
    effects="The guest loses the role. A guest who is removed from a group loses everything that the group permits.",
    variables=[ASSIGNMENT, ROLE_GROUP],
)


@judgements(
    needs=(*AZURE_ROLES, *DIRECTORY_ROLES, REGISTRATION_ASSIGNMENTS),
    fix=FIX,
    severity=Severity.HIGH,
    subject_type="Entra user",
    empty_reason="No guest",
    references=References(
        c2="1.5",
        mcsb="PA-1 PA-4",
        nist="AC-2",
        partly=(Partly("c2", "The control checks the roles of guests, not whether guests are reviewed"),),
    ),
)
def guests_azure_permissions(ctx: Context) -> Iterator[Judgement]:
    """Guests have no privileged roles.

    Problem: Guest with a privileged role
    Expected: No guest has a directory role or an Azure role that can assign roles
    Judged: Each guest with its role assignments in all subscriptions of the directory and its directory
    roles, whether active, eligible (PIM) or held through a group. Fails for Owner, User Access
    Administrator, Role Based Access Control Administrator, any other role that can assign roles, and any
    directory role except User, Guest User, Restricted Guest User and Directory Readers. Other roles that
    can change resources add a remark. An Azure Lighthouse delegation of a subscription to another directory
    fails if one of its roles can assign roles and the delegation does not limit which roles can be assigned.
    Why: A guest account is secured by another organization, and remains after the work has ended.
    """
    azure, directory = azure_roles(ctx), directory_roles(ctx)
    yield from judge_delegations(ctx, _judge_delegation)
    yield from azure.problems
    yield from directory.problems
    if gap := ctx.first_gap(USERS):
        yield Judgement(ctx.scope_id, unknown_from(CollectionUnavailable(gap)))
    incomplete = bool(azure.here or directory.here)
    for user in ctx.estate.documents(USERS.name):
        trace = ctx.fresh_trace()
        view = user.bound(trace)
        try:
            if not is_guest(view):
                continue
            if not view.id:
                raise view.unreadable("id", "absent")
            verdict = _judge(fold(view.id), azure, directory, incomplete)
        except Unreadable as error:
            verdict = unknown_from(error)
        yield Judgement(
            user_subject(ctx, view.id), verdict, tuple(entry[0] for entry in trace.reads.values())
        )


def _judge_delegation(delegation: Delegation) -> Verdict:
    granting = [right for right in delegation.rights if right.level is Level.GRANT]
    if any(not right.assignable for right in granting):
        return failed("Principals of another directory can assign roles through Azure Lighthouse")
    if delegation.error is not None:
        # A role of the delegation could not be judged. This role may permit assigning roles, so the delegation cannot
        # pass.
        return unknown_from(delegation.error)
    remarks = (
        [
            (
                "Principals of another directory can assign the roles that the delegation lists, but only to managed"
                " identities"
            )
        ]
        if granting
        else []
    )
    if delegation.level >= Level.WRITE:
        remarks.append("Principals of another directory can change resources through Azure Lighthouse")
    return passed(
        "The delegation to another directory has no role that can assign roles freely", remarks=remarks
    )


def _judge(user: str, azure: RoleHolders, directory: RoleHolders, incomplete: bool) -> Verdict:
    grants = azure.ordered(user)
    roles = _observed_at(grants, Level.GRANT)
    admin = [grant.observed() for grant in directory.ordered(user)]
    if roles or admin:
        held = " and ".join(
            part
            for part in ("a directory role" if admin else "", "a role that can assign roles" if roles else "")
            if part
        )
        return failed(f"The guest has {held}", assignments=roles, directoryRoles=admin)
    undecided = next((grant.error for grant in grants if grant.error is not None), None)
    if undecided is not None:
        return unknown_from(undecided)
    writing = _observed_at(grants, Level.WRITE)
    if incomplete:
        # Some role assignments or group members could not be read, so the guest may have a further role.
        text = "Could not check every role of the guest: not all role assignments and group members could be read"
        return unknown(text, Reason.UNDECIDED, assignments=writing)
    if writing:
        remarks = [f"The guest can change resources (role assignments: {len(writing):,})"]
        return passed("The guest has no role that can assign roles", remarks=remarks, assignments=writing)
    return passed("The guest has no role that can change resources", assignments=[])


def _observed_at(grants: list[RoleGrant], level: Level) -> list[dict[str, object]]:
    return [grant.observed() for grant in grants if grant.level is level]
