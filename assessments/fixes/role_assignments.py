"""The step of a fix that removes the role assignments in the observed values of a finding."""

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
PORTAL: Final = "Azure portal › the scope of the assignment › Access control (IAM) › Role assignments"
PORTAL_SOURCE: Final = "https://learn.microsoft.com/azure/role-based-access-control/role-assignments-remove"


def direct_assignments(facts: Facts) -> list[dict[str, str]]:
    """Return {"assignment": id} for each active role assignment in the observed values of the finding.

    Eligible assignments (PIM) are left out, because `az role assignment delete` does not accept them.
    """
    ids = [str(row.get("assignment", "")) for row in facts.rows("assignments")]
    return [{"assignment": identifier} for identifier in ids if "/roleassignments/" in identifier.lower()]


def remove_assignments(intro: str) -> Cli:
    """Return a step that removes each active role assignment of a finding. A fix with this step must declare the
    variable ASSIGNMENT."""
    return command(
        "az role assignment delete --ids {assignment}",
        intro,
        when=lambda facts: bool(direct_assignments(facts)),
        each=direct_assignments,
    )
