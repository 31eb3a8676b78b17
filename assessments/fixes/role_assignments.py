"""Steps of fixes that remove roles in Azure from the user of a finding. The observed values of the finding name these
roles.
"""

from __future__ import annotations

from typing import Final

from assessments.fixes.declare import Cli, command
from assessments.fixes.facts import Facts
from assessments.fixes.variables import EXAMPLE_GUID, Variable

ASSIGNMENT: Final = Variable(
    "assignment",
    "Full id of the role assignment",
    f"/subscriptions/{EXAMPLE_GUID}/providers/Microsoft.Authorization/roleAssignments/{EXAMPLE_GUID}",
)
ROLE_GROUP: Final = Variable(
    "role_group", "Object id of the group through which the user has the role", EXAMPLE_GUID
)
PORTAL: Final = "Azure portal › the scope of the assignment › Access control (IAM) › Role assignments"
PORTAL_SOURCE: Final = "https://learn.microsoft.com/azure/role-based-access-control/role-assignments-remove"


def direct_assignments(facts: Facts) -> list[dict[str, str]]:
    """Return {"assignment": id} for each active role assignment in the observed values of the finding.

    Eligible assignments (PIM) are left out, because `az role assignment delete` does not accept them. Assignments of
    groups are left out too, because deleting one would take the role from every member of the group.
    """
    rows = [row for row in facts.rows("assignments") if not row.get("group")]
    ids = [str(row.get("assignment", "")) for row in rows]
    return [{"assignment": identifier} for identifier in ids if "/roleassignments/" in identifier.lower()]


def groups_with_roles(facts: Facts) -> list[dict[str, str]]:
    """Return {"role_group": id} for each group through which the user of the finding has a role.

    A group is left out if the user must first activate the membership (PIM), because the user is not yet a member.
    """
    groups = {
        str(row["group"]): None
        for row in facts.rows("assignments")
        if row.get("group")
        and not (row.get("eligible") and "/roleassignments/" in str(row.get("assignment", "")).lower())
    }
    return [{ROLE_GROUP.name: group} for group in groups]


def remove_assignments(intro: str) -> Cli:
    """Return a step that removes each active role assignment of a finding, except the assignments of groups. A fix
    with this step must declare the variable ASSIGNMENT.
    """
    return command(
        "az role assignment delete --ids {assignment}",
        intro,
        when=lambda facts: bool(direct_assignments(facts)),
        each=direct_assignments,
    )


def leave_groups(intro: str) -> Cli:
    """Return a step that removes the user of a finding from each group through which the user has a role. A fix with
    this step must declare the variable ROLE_GROUP.
    """
    return command(
        "az ad group member remove --group {role_group} --member-id {user_id}",
        f"{intro} If this fails, the group has dynamic members, or the membership comes from another group within the"
        " group. Then change the rule for dynamic members, or the other group.",
        when=lambda facts: bool(groups_with_roles(facts)),
        each=groups_with_roles,
    )
