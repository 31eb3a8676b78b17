"""identity-custom-roles-admin."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import References, per_subject
from assessments.controls.role_holders import find_assignment
from assessments.controls.verdict import Severity, Verdict, failed, passed
from assessments.estate.collections.access import ROLE_ASSIGNMENTS, ROLE_DEFINITIONS, ROLE_ELIGIBILITIES
from assessments.estate.gaps import Reason
from assessments.estate.roles import ADMIN_PROBES, all_data_actions, granted, is_custom, scope_kind
from assessments.estate.view import Unreadable, View


@per_subject(
    ROLE_DEFINITIONS,
    problem="Custom role grants administrative permissions",
    severity=Severity.HIGH,
    expected="no administrative action in a custom role that is assignable at a subscription or above",
    needs=(ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES),
    references=References(
        c2="1.23", c3="2.23", c4="6.23", c5="5.23", c6="5.4", mcsb="PA-7", nist="AC-2 AC-2(7) AC-6 AC-6(7)"
    ),
    where=lambda role, ctx: is_custom(role),
    empty_reason="no custom role",
)
def custom_roles_admin(role: View, ctx: Context) -> Verdict:
    """No custom role grants unnecessary administrative permissions.

    Judged: each custom role's action patterns (`*` crosses `/`). Administrative is what allows writing
    or deleting role assignments or role definitions, elevating access or making subscriptions, and
    `*` as a data action. It fails where the role can be assigned at `/`, a management group or a
    subscription and is assigned. Remarks: only resource groups are assignable, nobody has the role in
    this subscription, or notActions take every such operation off again.
    Why: a custom role that can give roles makes its holder an owner without being called one.
    Fix: az role definition update --role-definition role.json
    """
    actions, subtracted = granted(role, ADMIN_PROBES)
    try:
        data = all_data_actions(role)
    except Unreadable:
        if not actions:
            raise
        data = False  # the actions are administrative already
    remarks = []
    if subtracted:
        remarks.append(f"notActions take the administrative part of {', '.join(subtracted)} off")
    observed = {"actions": actions, "allDataActions": data}
    if not actions and not data:
        return passed("no administrative action is allowed", remarks=remarks, **observed)
    scopes = role.texts("properties.assignableScopes")
    if not scopes:
        raise role.unreadable("properties.assignableScopes", "empty")
    wide = sorted(
        (s for s in scopes if scope_kind(s) in {"root", "management group", "subscription"}), key=str.casefold
    )
    named = ", ".join([*actions, *(["* as a data action"] if data else [])])
    if not wide:
        remarks.append(f"administrative ({named}), but assignable in resource groups only")
        return passed("assignable in resource groups only", remarks=remarks, **observed)
    observed["assignableScopes"] = wide
    if not _assigned(role, ctx):
        remarks.append(f"administrative ({named}), but nobody has the role in this subscription")
        return passed("the role is not assigned", remarks=remarks, assigned=False, **observed)
    return failed(
        f"the role is administrative ({named}) and assigned", remarks=remarks, assigned=True, **observed
    )


def _assigned(role: View, ctx: Context) -> bool:
    """Whether anybody has the role, active or eligible; raises CollectionUnavailable, Unreadable."""
    if not role.id:
        raise role.unreadable("id", "absent")
    if any(find_assignment(ctx, collection, role) for collection in (ROLE_ASSIGNMENTS, ROLE_ELIGIBILITIES)):
        return True
    ctx.require_complete(ROLE_ASSIGNMENTS)
    gap = ctx.first_gap(ROLE_ELIGIBILITIES)
    # Nothing can be eligible without the licence of Privileged Identity Management.
    if gap is not None and gap.reason is not Reason.LICENCE_MISSING:
        raise CollectionUnavailable(gap)
    return False
