"""Remove the role assignments that a finding names."""

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
    """Return the ids of the active role assignments that the finding observed.

    Eligible assignments (PIM) are left out, because `az role assignment delete` does not accept them.
    """
    ids = [str(row.get("assignment", "")) for row in facts.rows("assignments")]
    return [{"assignment": identifier} for identifier in ids if "/roleassignments/" in identifier.lower()]


def remove_assignments(intro: str) -> Cli:
    """Return the command that removes each of these assignments. The fix needs the variable ASSIGNMENT."""
    return command(
        "az role assignment delete --ids {assignment}",
        intro,
        when=lambda facts: bool(direct_assignments(facts)),
        each=direct_assignments,
    )
