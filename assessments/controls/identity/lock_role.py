"""The control identity-lock-role: A custom role for locks exists, and somebody has it."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import per_scope
from assessments.controls.references import References
from assessments.controls.shared.role_holders import find_assignment
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.access import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, ROLE_ELIGIBILITIES
from assessments.estate.gaps import Reason
from assessments.estate.identity.roles import ADMIN_PROBES, all_data_actions, granted, is_custom, role_key
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import EXAMPLE_GUID, Variable

_LOCK_OPERATIONS = ("Microsoft.Authorization/locks/write", "Microsoft.Authorization/locks/delete")

FIX = Fix(
    command(
        "az role definition create --role-definition {role} --subscription {subscription}",
        # https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-properties
        "Create the role. Its name contains the subscription, because the name of a custom role must be unique in the"
        " directory. If a custom role for locks exists elsewhere in the directory, add the subscription to its"
        " assignable scopes instead.",
        bodies={
            "role": {
                "Name": "Resource Lock Administrator of {subscription}",
                "IsCustom": True,
                "Description": "Set and remove locks of resources",
                "Actions": [
                    "Microsoft.Authorization/locks/read",
                    "Microsoft.Authorization/locks/write",
                    "Microsoft.Authorization/locks/delete",
                ],
                "AssignableScopes": ["/subscriptions/{subscription}"],
            }
        },
    ),
    command(
        "az role assignment create --assignee-object-id {group_id} --assignee-principal-type Group"
        " --role 'Resource Lock Administrator of '{subscription} --scope {id}",
        "Then assign the role to the group of people who look after locks.",
    ),
    portal="Azure portal › Subscriptions › {subscription} › Access control (IAM) › Roles › Type: CustomRole",
    portal_source="https://learn.microsoft.com/azure/role-based-access-control/custom-roles-portal",
    effects="The members of the group can set and remove locks in the whole subscription.",
    variables=[Variable("group_id", "Object id of the group of people who look after locks", EXAMPLE_GUID)],
)


@per_scope(
    needs=(ROLE_DEFINITIONS, ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES),
    fix=FIX,
    severity=Severity.LOW,
    labels={"lockRoles": "Roles for locks"},
    references=References(c2="1.24", c3="2.24", c4="6.24", c5="5.24", c6="5.5", nist="CM-5*"),
)
def lock_role(ctx: Context) -> Verdict:
    """A custom role for locks exists, and somebody has it.

    Problem: No assigned custom role for locks of resources
    Expected: A custom role that can set and remove locks, but not assign roles, is assigned in the subscription
    Judged: The custom roles that can be assigned in the subscription. Passes if somebody has, active or eligible, a
    custom role that permits `Microsoft.Authorization/locks/write` and `/delete` and grants no administrative
    permission (as identity-custom-roles-admin judges it). Permissions that `notActions` removes do not count. The
    built-in role Locks Contributor does not count, because the requirement asks for a custom role; if somebody has it,
    a remark says so.
    Why: Without a role for locks, the people who manage locks are Owners or User Access Administrators, who can do far
    more.
    """
    candidates: list[View] = []
    first_error: Unreadable | None = None
    definitions, gaps = ctx.partial(ROLE_DEFINITIONS)
    for role in definitions:
        try:
            if _permits_locks(role):
                candidates.append(role)
        except Unreadable as error:
            first_error = first_error or error
    held = [role for role in candidates if _is_held(ctx, role)]
    observed = {"lockRoles": sorted(role_key(role.id) for role in held or candidates)}
    if held:
        return passed("A custom role for locks is assigned", **observed)
    if gaps:
        raise CollectionUnavailable(gaps[0])
    if first_error is not None:
        raise first_error
    has_built_in = _has_built_in(ctx, definitions)
    if not candidates:
        return failed(
            "The subscription has no custom role for locks",
            remarks=["A built-in role for locks is assigned, but the requirement asks for a custom role"]
            if has_built_in
            else [],
            **observed,
        )
    ctx.require_complete(ROLE_ASSIGNMENTS)
    gap = ctx.first_gap(ROLE_ELIGIBILITIES)
    # If the directory has no licence for Privileged Identity Management, nobody has eligible assignments.
    if gap is not None and gap.reason is not Reason.LICENCE_MISSING:
        raise CollectionUnavailable(gap)
    return failed(
        "Nobody has the custom role for locks",
        remarks=["A built-in role for locks is assigned, but the requirement asks for a custom role"]
        if has_built_in
        else [],
        **observed,
    )


def _has_built_in(ctx: Context, definitions: list[View]) -> bool:
    """Return whether somebody has a built-in role for locks. Unreadable roles are skipped: only a remark depends on
    them.
    """
    for role in definitions:
        try:
            if _permits_locks(role, custom=False) and _is_held(ctx, role):
                return True
        except Unreadable:
            continue
    return False


def _permits_locks(role: View, custom: bool = True) -> bool:
    if is_custom(role) is not custom or not role.id:
        return False
    if not all(granted(role, (operation,))[0] for operation in _LOCK_OPERATIONS):
        return False
    return not granted(role, ADMIN_PROBES)[0] and not all_data_actions(role)


def _is_held(ctx: Context, role: View) -> bool:
    return any(
        find_assignment(ctx, collection, role) for collection in (ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES)
    )
