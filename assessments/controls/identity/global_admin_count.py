"""Controls of the number of Global Administrators in the directory."""

from __future__ import annotations

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.declare import Parameter, per_scope, unknown_from
from assessments.controls.docstrings import Doc
from assessments.controls.references import Partly, References, Setting
from assessments.controls.shared.role_holders import (
    APPLICATION_TYPES,
    DIRECTORY_ROLES,
    directory_roles,
    users_by_id,
)
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, passed, unknown
from assessments.estate.collections.directory import DIRECTORY_ROLE_ASSIGNMENTS, USERS
from assessments.estate.gaps import Reason
from assessments.estate.identity.conditional_access import GLOBAL_ADMINISTRATOR
from assessments.estate.identity.roles import role_key
from assessments.estate.view import Unreadable
from assessments.fixes.declare import Fix, advice


def _may_hide_holder(problem: Judgement, role: str) -> bool:
    """Return whether `problem`, from `RoleHolders.problems`, may hide a person who has the role `role`. Return False if
    the problem is known to concern another role.
    """
    grant = problem.verdict.observed.get("grant")
    return not isinstance(grant, dict) or grant.get("role") == role


def _global_admins(ctx: Context) -> Verdict:
    found = directory_roles(ctx)
    admins: set[str] = set()
    unclear: list[Verdict] = [
        problem.verdict for problem in found.problems if _may_hide_holder(problem, GLOBAL_ADMINISTRATOR)
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
    """Return whether an application is a Global Administrator. The caller reports unreadable assignments."""
    for view in ctx.partial(DIRECTORY_ROLE_ASSIGNMENTS)[0]:
        kind, role = view.raw("principal.@odata.type"), view.raw("roleDefinitionId")
        if not isinstance(kind, str) or not isinstance(role, str):
            continue
        is_application = kind.rpartition(".")[2].casefold() in APPLICATION_TYPES
        if is_application and role_key(role) == GLOBAL_ADMINISTRATOR:
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
        " more than `max` and for fewer than `min`. Applications with the role do not count, but add a remark. If the"
        " members of a group with the role cannot be read, the verdict is unknown, unless too many other users have"
        " it.",
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
        effects="People who lose the role can no longer change settings that only Global Administrators can change.",
    ),
    severity=Severity.HIGH,
    labels={"globalAdministrators": "Global Administrators"},
    references=References(
        c3="2.26",
        c4="6.26",
        c5="5.26",
        mcsb="PA-1*",
        nist="AC-6(5)*",
        partly=(
            Partly(
                "c3 c4 c5",
                "The requirement asks for fewer than five Global Administrators; the control’s parameters can permit"
                " more",
                unless=(Setting("max", maximum=4),),
            ),
        ),
    ),
    parameters=(
        Parameter("min", 2, "Minimum number of Global Administrators", label="Minimum number", minimum=1),
        Parameter("max", 4, "Maximum number of Global Administrators", label="Maximum number", minimum=1),
    ),
)(_global_admins)

CONTROLS = (GLOBAL_ADMIN_COUNT,)
