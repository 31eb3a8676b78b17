"""The control identity-custom-roles-admin: Custom roles grant no unnecessary administrative permissions."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_subject
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.role_holders import find_assignment
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.access import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, ROLE_ELIGIBILITIES
from assessments.estate.gaps import Reason
from assessments.estate.identity.roles import ADMIN_PROBES, all_data_actions, granted, is_custom, scope_kind
from assessments.estate.view import Unreadable, View
from assessments.fixes.declare import Fix, command
from assessments.fixes.variables import ROLE_ID

FIX = Fix(
    command(
        "az role definition list --name {role_id} --custom-role-only true --query '[0]' --subscription {subscription}"
        " > role.json",
        "Save the role as role.json. Remove the administrative actions from it, or narrow assignableScopes.",
    ),
    command(
        "az role definition update --role-definition role.json --subscription {subscription}",
        "Then save the changed role.",
    ),
    portal="Azure portal › Subscriptions › {subscription} › Access control (IAM) › Roles › Type: CustomRole",
    portal_source="https://learn.microsoft.com/azure/role-based-access-control/custom-roles-portal",
    effects="Everybody who holds the role loses the removed permissions.",
    variables=[ROLE_ID],
)

ACCEPT_UNASSIGNED = Parameter(
    "accept_unassigned",
    False,
    "Accept a role with administrative permissions as long as nobody has the role in the subscription",
    label="Accept roles that nobody has",
)


@per_subject(
    ROLE_DEFINITIONS,
    fix=FIX,
    severity=Severity.HIGH,
    labels={
        "actions": "Administrative actions",
        "allDataActions": "All data actions allowed",
        "assignableScopes": "Can be assigned at",
    },
    needs=(ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES),
    references=References(
        c2="1.23",
        c3="2.23",
        c4="6.23",
        c5="5.23",
        c6="5.4",
        mcsb="PA-7",
        nist="AC-2 AC-2(7) AC-6 AC-6(7)",
        partly=(
            Partly(
                "c2 c3 c4 c5 c6",
                "The requirement forbids custom roles with administrative permissions; the control accepts a role that"
                " nobody has in the subscription, unless its parameters refuse such roles",
                unless=(Setting("accept_unassigned", equal=False),),
            ),
        ),
    ),
    where=lambda role, ctx: is_custom(role),
    parameters=(ACCEPT_UNASSIGNED,),
    empty_reason="No custom role",
)
def custom_roles_admin(role: View, ctx: Context) -> Verdict:
    """Custom roles grant no unnecessary administrative permissions.

    Problem: Custom role grants administrative permissions
    Expected: No administrative action in a custom role that can be assigned at a subscription or above
    Judged: Each custom role. Fails if the role can be assigned at `/`, a management group or a subscription, and
    grants an administrative permission: writing or deleting role assignments or role definitions, elevating access,
    creating subscriptions, or `*` as a data action. A `*` in an action pattern also matches `/`. Passes with a remark
    if the role can be assigned in resource groups only, or if `notActions` removes every administrative operation. With
    `accept_unassigned`, a role that nobody has in this subscription passes too.
    Why: The holder of a custom role that can assign roles is an owner in all but name.
    """
    actions, subtracted = granted(role, ADMIN_PROBES)
    try:
        data = all_data_actions(role)
    except Unreadable:
        if not actions:
            raise
        # The actions alone make the role administrative, so the unreadable data actions do not change the verdict.
        data = False
    remarks = []
    if subtracted:
        remarks.append(f"notActions removes the administrative part of {', '.join(subtracted)}")
    observed = {"actions": actions, "allDataActions": data}
    if not actions and not data:
        return passed("No administrative action is allowed", remarks=remarks, **observed)
    scopes = role.texts("properties.assignableScopes")
    if not scopes:
        raise role.unreadable("properties.assignableScopes", "empty")
    wide_scopes = sorted(
        (s for s in scopes if scope_kind(s) in {"root", "management group", "subscription"}), key=str.casefold
    )
    granted_text = ", ".join([*actions, *(["* as a data action"] if data else [])])
    if not wide_scopes:
        remarks.append(
            f"The role grants administrative permissions ({granted_text}), but can be assigned in resource groups only"
        )
        return passed("The role can be assigned in resource groups only", remarks=remarks, **observed)
    observed["assignableScopes"] = wide_scopes
    must_know = bool(ctx.params[ACCEPT_UNASSIGNED.name])
    assigned: bool | None = None
    try:
        assigned = _is_assigned(role, ctx)
    except (CollectionUnavailable, Unreadable):
        if must_know:
            raise
    if must_know and not assigned:
        remarks.append(
            f"The role grants administrative permissions ({granted_text}), but nobody has the role in this subscription"
        )
        return passed("The role is not assigned", remarks=remarks, assigned=False, **observed)
    if assigned:
        return failed(
            f"The role is assigned and grants administrative permissions ({granted_text})",
            remarks=remarks,
            assigned=True,
            **observed,
        )
    return failed(
        f"The role can be assigned and grants administrative permissions ({granted_text})",
        remarks=remarks,
        assigned=assigned,
        **observed,
    )


def _is_assigned(role: View, ctx: Context) -> bool:
    """Return whether anybody has an active or eligible assignment of the role. Raise CollectionUnavailable or
    Unreadable if needed data could not be read.
    """
    if not role.id:
        raise role.unreadable("id", "absent")
    if any(find_assignment(ctx, collection, role) for collection in (ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES)):
        return True
    ctx.require_complete(ROLE_ASSIGNMENTS)
    gap = ctx.first_gap(ROLE_ELIGIBILITIES)
    # If the directory has no licence for Privileged Identity Management, nobody has eligible assignments.
    if gap is not None and gap.reason is not Reason.LICENCE_MISSING:
        raise CollectionUnavailable(gap)
    return False
