"""Custom roles."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.directory_documents import (
    assignment,
    built_in,
    role,
)
from tests.assessments.controls.judging import RG, SUB, gap
from tests.assessments.controls.portal_paths import ComparedPath, DocsFile

ADMIN, REVIEW = "identity-custom-roles-admin", "identity-custom-roles-review"

CUSTOM = "99999999-0000-0000-0000-000000000001"

CUSTOM_ID = role(CUSTOM, [])["id"]


def custom(actions: list[str], *rest: Any, assigned: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "role_definitions": [*built_in(), role(CUSTOM, actions, *rest, **more)],
        "role_assignments": [assignment(role=CUSTOM)] if assigned else [],
    }


UNASSIGNED = {"accept_unassigned": True}
_ADMIN = [
    Case(ADMIN, "no custom role", {"role_definitions": built_in()}, {SUB: "not_applicable"}),
    Case(ADMIN, "read actions only", custom(["*/read"]), {CUSTOM_ID: "pass"}),
    Case(ADMIN, "all actions", custom(["*"]), {CUSTOM_ID: "fail"}),
    Case(ADMIN, "all write actions", custom(["*/write"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "can assign roles, another case",
        custom(["microsoft.authorization/ROLEASSIGNMENTS/*"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        ADMIN,
        "container image push only",
        custom(["Microsoft.ContainerRegistry/registries/push/write"]),
        {CUSTOM_ID: "pass"},
    ),
    Case(
        ADMIN,
        "can create subscriptions",
        custom(["Microsoft.Resources/subscriptions/*"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        ADMIN,
        "notActions removes everything administrative",
        custom(["Microsoft.Authorization/*"], ["Microsoft.Authorization/*"]),
        {CUSTOM_ID: "pass"},
        remark="removes the administrative part",
    ),
    Case(
        ADMIN,
        "notActions removes a part",
        custom(["*"], ["Microsoft.Authorization/*/write"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        ADMIN,
        "assignable in resource groups only",
        custom(["*"], scopes=[RG]),
        {CUSTOM_ID: "pass"},
        remark="resource groups only",
    ),
    Case(
        ADMIN,
        "assignable at a management group",
        custom(["*"], scopes=[RG, "/providers/Microsoft.Management/managementGroups/m"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(ADMIN, "assignable at the root", custom(["*"], scopes=["/"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "not assigned",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "pass"},
        params=UNASSIGNED,
        remark="obody has the role",
    ),
    Case(
        ADMIN,
        "not assigned, but it exists",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "fail"},
        reason="can be",
    ),
    Case(
        ADMIN,
        "assignments forbidden, which do not matter",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "fail"},
        [gap("role_assignments")],
    ),
    Case(
        ADMIN,
        "eligible without MFA",
        {**custom(["*"], assigned=False), "role_eligibilities": [assignment(role=CUSTOM)]},
        {CUSTOM_ID: "fail"},
    ),
    Case(ADMIN, "all data actions", custom(["*/read"], data=["*"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "assignments forbidden",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "unknown"},
        [gap("role_assignments")],
        UNASSIGNED,
    ),
    Case(
        ADMIN,
        "no licence for PIM",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "pass"},
        [gap("role_eligibilities", reason=Reason.LICENCE_MISSING)],
        UNASSIGNED,
    ),
    Case(ADMIN, "definitions forbidden", {}, {SUB: "unknown"}, [gap("role_definitions")]),
    Case(
        ADMIN,
        "permissions absent",
        {"role_definitions": [{"id": CUSTOM_ID, "properties": {"type": "CustomRole"}}]},
        {CUSTOM_ID: "unknown"},
    ),
]

_REVIEW = [
    Case(REVIEW, "no custom role", {"role_definitions": built_in()}, {SUB: "not_applicable"}),
    Case(REVIEW, "equal in another case", custom(["*/READ"]), {CUSTOM_ID: "fail"}, reason="exactly the same"),
    Case(
        REVIEW,
        "equal with a redundant action",
        custom(["*/read", "Microsoft.Sql/servers/read"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "within a built-in role",
        custom(["Microsoft.Sql/servers/read"]),
        {CUSTOM_ID: "manual"},
        remark="Built-in roles that allow at least the same",
    ),
    Case(
        REVIEW,
        "not assigned",
        custom(["a/b/action"], assigned=False),
        {CUSTOM_ID: "manual"},
        remark="Nobody has",
    ),
    Case(
        REVIEW,
        "not changed for a year",
        custom(["a/b/action"], updatedOn="2024-01-01T00:00:00.0000000Z"),
        {CUSTOM_ID: "manual"},
        remark="The role has not been changed for over a year",
    ),
    Case(REVIEW, "forbidden", {}, {SUB: "unknown"}, [gap("role_definitions")]),
]

CASES = [*_ADMIN, *_REVIEW]
OFFICIAL_VERDICTS = """
identity-custom-roles-admin pass: 0b5fe924
identity-custom-roles-review manual: 0b5fe924
"""
PORTAL_PATHS = [
    ComparedPath(
        "Azure portal › Subscriptions › {subscription} › Access control (IAM) › Roles › Type: CustomRole",
        DocsFile(
            "MicrosoftDocs/azure-docs/articles/role-based-access-control/custom-roles-portal.md",
            "03b065a1971fc4bf2683d010e8ab8d17c16b98a0",
            "open a management group, subscription, or resource group and then open Access control (IAM)",
            "Click the Roles tab",
            "In the Type list, select CustomRole",
        ),
    ),
]
