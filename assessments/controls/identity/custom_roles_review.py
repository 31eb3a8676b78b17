"""The control identity-custom-roles-review: Custom roles are reviewed once a year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from assessments.controls.context import Context
from assessments.controls.declare import Answer, per_subject
from assessments.controls.references import References
from assessments.controls.shared.role_holders import find_assignment
from assessments.controls.verdict import Severity, Verdict, failed, manual
from assessments.estate.collections.access import (
    PROVIDER_OPERATIONS,
    ROLE_ASSIGNMENTS,
    ROLE_DEFINITIONS,
    ROLE_ELIGIBILITIES,
)
from assessments.estate.gaps import Reason
from assessments.estate.identity.provider_operations import (
    Operations,
    Role,
    allows_every_provider,
    is_within,
    namespaces,
    operations_of,
)
from assessments.estate.identity.roles import has_condition, is_custom, permissions_of
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, advice, command
from assessments.fixes.variables import ROLE_ID

_UNUSED = timedelta(days=90)
_STALE = timedelta(days=365)
_MAX_NAMED = 3


FIX = Fix(
    advice("Give everybody who holds the custom role the built-in role that the finding names."),
    command(
        "az role definition delete --name {role_id} --custom-role-only true --subscription {subscription}",
        "Then delete the custom role. Azure refuses this as long as somebody has the role.",
    ),
    portal="Azure portal › Subscriptions › {subscription} › Access control (IAM) › Roles › Type: CustomRole",
    portal_source="https://learn.microsoft.com/azure/role-based-access-control/custom-roles-portal",
    effects="A deleted role cannot be restored.",
    variables=[ROLE_ID],
)


@per_subject(
    ROLE_DEFINITIONS,
    fix=FIX,
    severity=Severity.LOW,
    labels={
        "builtIn": "Equal built-in roles",
        "within": "Built-in roles that allow at least the same operations",
    },
    needs=(ROLE_ASSIGNMENTS,),
    optional=(ROLE_ELIGIBILITIES, PROVIDER_OPERATIONS),
    references=References(mcsb="PA-7", nist="AC-6(7)"),
    where=lambda role, ctx: is_custom(role),
    empty_reason="No custom role",
    is_manual=True,
    answer=Answer(days=365),
)
def custom_roles_review(role: View, ctx: Context) -> Verdict:
    """Custom roles are reviewed, and replaced where a built-in role does the same.

    Problem: Custom role not reviewed, or equal to a built-in role
    Expected: No custom role equals a built-in role, and every custom role is attested once a year
    Judged: A custom role fails if a built-in role allows exactly the same operations. For the comparison, wildcards are
    expanded to the operations that Azure lists for the resource providers in the role. Every other custom role needs an
    attestation once a year.

    Remarks support the review. They name built-in roles that allow at least the same operations, and say if nobody has
    the custom role in this subscription. They also say if the role was last changed over a year ago or, if nobody has
    the role, over 90 days ago. If the operations cannot be read, roles are compared by their patterns only, and a
    remark says so.
    Why: Microsoft keeps built-in roles up to date. Custom roles accumulate permissions that nobody remembers.
    """
    permissions = permissions_of(role)
    built_in = _built_in_roles(ctx)
    operations, remarks = _operations(permissions, ctx)
    wider = [
        (name, other)
        for name, other in built_in
        if permissions == other or is_within(permissions, other, operations)
    ]
    equal_roles = sorted(
        name for name, other in wider if permissions == other or is_within(other, permissions, operations)
    )
    if equal_roles:
        _add_operations_to_evidence(ctx, operations)
        return failed(
            f"The built-in role {equal_roles[0]} allows exactly the same operations",
            remarks=remarks,
            builtIn=equal_roles,
        )
    if wider:
        narrowest = sorted((allows_every_provider(other), name) for name, other in wider)
        names = ", ".join(name for _, name in narrowest[:_MAX_NAMED])
        remarks.append(f"Built-in roles that allow at least the same: {names}")
    assigned, unreadable_part = _assignment_status(role, ctx)
    age = ctx.now - role.time("properties.updatedOn") if role.has("properties.updatedOn") else None
    if unreadable_part:
        remarks.append("Could not check whether anybody has the role")
    elif not assigned:
        unchanged = "" if age is None or age <= _UNUSED else "; the role was last changed over 90 days ago"
        remarks.append(f"Nobody has the role in this subscription{unchanged}")
    if age is not None and age > _STALE:
        remarks.append("The role has not been changed for over a year")
    # A built-in role that could not be read may be equal to the custom role. In this case, the verdict is unknown.
    ctx.require_complete(ROLE_DEFINITIONS)
    return manual(
        "Attest that this custom role is still needed",
        remarks=remarks,
        assigned=assigned,
        within=sorted(name for name, _ in wider),
    )


def _assignment_status(role: View, ctx: Context) -> tuple[bool, bool]:
    """Return two values: whether anybody has the role, and whether a part of the assignments could not be read. Raise
    Unreadable if a needed property cannot be read.
    """
    if any(find_assignment(ctx, collection, role) for collection in (ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES)):
        return True, False
    eligible = ctx.first_gap(ROLE_ELIGIBILITIES)
    # If the directory has no licence for Privileged Identity Management, nobody has eligible assignments.
    unreadable_part = eligible is not None and eligible.reason is not Reason.LICENCE_MISSING
    return False, unreadable_part or ctx.first_gap(ROLE_ASSIGNMENTS) is not None


def _operations(role: Role, ctx: Context) -> tuple[Mapping[str, Operations], list[str]]:
    """Return the operations of the providers that a role names, and a remark on providers that could not be read."""
    operations = {
        name: found for name in namespaces(role) if (found := _operations_of(name, ctx)) is not None
    }
    missing = sorted(set(namespaces(role)) - operations.keys())
    if not missing:
        return operations, []
    more = f" and {len(missing) - _MAX_NAMED:,} more" if len(missing) > _MAX_NAMED else ""
    names = ", ".join(missing[:_MAX_NAMED]) + more
    remark = (
        "Roles were compared by their patterns only, because the operations of these resource providers could not be"
        f" read: {names}"
    )
    return operations, [remark]


def _operations_of(namespace: str, ctx: Context) -> Operations | None:
    return ctx.memo(("operations", namespace), lambda: _listed_operations(ctx, namespace))


def _listed_operations(ctx: Context, namespace: str) -> Operations | None:
    documents, gap = ctx.partial_at(PROVIDER_OPERATIONS, namespace)
    if gap is not None or not documents:
        return None
    try:
        found = operations_of(documents[0])
    except Unreadable:
        # The operations could not be read, so the caller compares the patterns of actions, and adds a remark.
        return None
    return found if found.control or found.data else None


def _add_operations_to_evidence(ctx: Context, operations: Mapping[str, Operations]) -> None:
    """Read the operations again, so that they are in the evidence of this verdict."""
    for namespace in operations:
        for document in ctx.partial_at(PROVIDER_OPERATIONS, namespace)[0]:
            document.raw("operations")
            document.raw("resourceTypes")


def _built_in_roles(ctx: Context) -> list[tuple[str, Role]]:
    """Return the name and permissions of each built-in role. Leave out roles that have conditions or could not be
    read.
    """
    return ctx.memo("built-in roles", lambda: _read_built_in_roles(ctx))


def _read_built_in_roles(ctx: Context) -> list[tuple[str, Role]]:
    found = []
    for view in ctx.estate.documents(ROLE_DEFINITIONS.name):
        try:
            if not is_custom(view) and not has_condition(view):
                found.append((view.text("properties.roleName"), permissions_of(view)))
        except Unreadable:
            continue
    return found
