"""A finding has the type of its own subject, even if its control judges subjects of several types."""

from __future__ import annotations

from assessments.actions.units.findings import subject_type
from tests.for_each import for_each

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
SERVERS = "Microsoft.Sql/servers, Microsoft.Sql/managedInstances"
GROUPS = "Microsoft.Network/networkSecurityGroups, or Microsoft.Network/networkInterfaces without a group"

# (subject type of the control, subject, subject type of the finding)
CASES = (
    (
        SERVERS,
        f"{SUBSCRIPTION}/resourceGroups/r/providers/Microsoft.Sql/servers/s",
        "Microsoft.Sql/servers",
    ),
    (
        SERVERS,
        f"{SUBSCRIPTION}/resourceGroups/r/providers/microsoft.sql/MANAGEDINSTANCES/s",
        "Microsoft.Sql/managedInstances",
    ),
    (
        GROUPS,
        f"{SUBSCRIPTION}/resourceGroups/r/providers/Microsoft.Network/networkInterfaces/n",
        "Microsoft.Network/networkInterfaces",
    ),
    # The ids of these subjects (a resource of another type, a user and a subscription) contain no type that the control
    # declares. So each finding gets the text that the control declares.
    ("Microsoft.Web/sites", f"{SUBSCRIPTION}/resourceGroups/r/providers/A.B/c/d", "Microsoft.Web/sites"),
    ("Entra user", "11111111-1111-1111-1111-111111111111", "Entra user"),
    (GROUPS, SUBSCRIPTION, GROUPS),
)


@for_each("declared, subject, expected", CASES)
def test_findings_have_the_type_of_their_subject(declared: str, subject: str, expected: str) -> None:
    assert subject_type(declared, subject) == expected
