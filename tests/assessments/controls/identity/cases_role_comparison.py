"""Custom roles: comparison with built-in roles after wildcards are expanded, assignments, and age."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_custom_roles import CUSTOM, CUSTOM_ID, REVIEW, custom
from tests.assessments.controls.identity.directory_documents import assignment, role
from tests.assessments.controls.judging import gap

NETWORK = "microsoft.network"


def provider(namespace: str, *names: str, data: tuple[str, ...] = ()) -> dict[str, Any]:
    """Operations of a provider as Azure lists them, all under one resource type."""
    rows = [{"name": f"{namespace}/{name}", "displayName": name, "isDataAction": False} for name in names]
    rows += [{"name": f"{namespace}/{name}", "isDataAction": True} for name in data]
    return {
        "id": f"/providers/Microsoft.Authorization/providerOperations/{namespace}",
        "name": namespace,
        "type": "Microsoft.Authorization/providerOperations",
        "operations": [],
        "resourceTypes": [{"name": "things", "operations": rows}],
    }


def compared_with(
    built_in_role: dict[str, Any], custom_role: dict[str, Any], **operations: Any
) -> dict[str, Any]:
    """A custom role next to one built-in role."""
    return {
        "role_definitions": [built_in_role, custom_role],
        "role_assignments": [assignment(role=CUSTOM)],
        "provider_operations": operations,
    }


def standard(actions: list[str], **more: Any) -> dict[str, Any]:
    return role("77777777-0000-0000-0000-000000000001", actions, kind="BuiltInRole", scopes=["/"], **more)


_LISTED = {NETWORK: [provider("Microsoft.Network", "things/read", "things/write", "other/read")]}
_EVERY = ["Microsoft.Network/things/read", "Microsoft.Network/things/write", "Microsoft.Network/other/read"]

_WRITTEN_OUT = [
    Case(
        REVIEW,
        "equal after expanding the wildcard",
        compared_with(standard(["Microsoft.Network/*"]), role(CUSTOM, _EVERY), **_LISTED),
        {CUSTOM_ID: "fail"},
        reason="exactly the same",
    ),
    Case(
        REVIEW,
        "equal with differently written wildcards and case",
        compared_with(
            standard(["Microsoft.Network/*/read", "Microsoft.Network/things/write"]),
            role(CUSTOM, ["microsoft.network/THINGS/*", "Microsoft.Network/other/*"]),
            **_LISTED,
        ),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "equal by notActions",
        compared_with(
            standard(["Microsoft.Network/*/read"]),
            role(CUSTOM, ["Microsoft.Network/*"], ["Microsoft.Network/things/write"]),
            **_LISTED,
        ),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "built-in role allows one operation more",
        compared_with(standard(["Microsoft.Network/*"]), role(CUSTOM, _EVERY[:2]), **_LISTED),
        {CUSTOM_ID: "manual"},
        remark="Built-in roles that allow at least the same",
    ),
    Case(
        REVIEW,
        "built-in role also covers another provider",
        compared_with(
            standard(["Microsoft.Network/*", "Microsoft.Support/*"]), role(CUSTOM, _EVERY), **_LISTED
        ),
        {CUSTOM_ID: "manual"},
    ),
    Case(
        REVIEW,
        "data action in one role only",
        compared_with(
            standard(["Microsoft.Network/*"], data=["Microsoft.Network/things/secrets/read"]),
            role(CUSTOM, _EVERY),
            **_LISTED,
        ),
        {CUSTOM_ID: "manual"},
    ),
    Case(
        REVIEW,
        "equal with data actions",
        compared_with(
            standard(["Microsoft.Network/things/read"], data=["Microsoft.Network/*"]),
            role(CUSTOM, ["Microsoft.Network/things/read"], data=["Microsoft.Network/things/look/action"]),
            **{NETWORK: [provider("Microsoft.Network", "things/read", data=("things/look/action",))]},
        ),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "operations forbidden, compared by pattern",
        compared_with(standard(["Microsoft.Network/*"]), role(CUSTOM, _EVERY)),
        {CUSTOM_ID: "manual"},
        [gap("provider_operations", NETWORK)],
        remark="resource providers could not be read: microsoft.network",
    ),
    Case(
        REVIEW,
        "operations forbidden, equal patterns",
        compared_with(standard(["Microsoft.Network/*"]), role(CUSTOM, ["microsoft.network/*"])),
        {CUSTOM_ID: "fail"},
        [gap("provider_operations", NETWORK)],
    ),
    Case(
        REVIEW,
        "malformed operations",
        compared_with(
            standard(["Microsoft.Network/*"]),
            role(CUSTOM, _EVERY),
            **{NETWORK: [{"id": "x", "resourceTypes": [{"operations": [{"name": 7}]}]}]},
        ),
        {CUSTOM_ID: "manual"},
        remark="Roles were compared by their patterns only",
    ),
    Case(
        REVIEW,
        "provider without operations",
        compared_with(
            standard(["Microsoft.Network/*"]),
            role(CUSTOM, ["Microsoft.Network/things/*"]),
            **{NETWORK: [{"id": "x", "operations": [], "resourceTypes": []}]},
        ),
        {CUSTOM_ID: "manual"},
    ),
    Case(
        REVIEW,
        "a conditional built-in role is not compared",
        {
            "role_definitions": [
                standard(
                    [],
                    permissions=[
                        {"actions": ["*/read"], "notActions": [], "condition": "@Request[x] Exists"}
                    ],
                ),
                role(CUSTOM, ["*/read"]),
            ],
            "role_assignments": [assignment(role=CUSTOM)],
        },
        {CUSTOM_ID: "manual"},
    ),
    Case(
        REVIEW,
        "not assigned and not changed for 90 days",
        custom(["a/b/action"], assigned=False, updatedOn="2026-08-01T00:00:00Z"),
        {CUSTOM_ID: "manual"},
        remark="last changed over 90 days ago",
    ),
    Case(
        REVIEW,
        "eligible assignment only",
        {
            **custom(["a/b/action"], assigned=False, updatedOn="2024-01-01T00:00:00Z"),
            "role_eligibilities": [assignment(role=CUSTOM)],
        },
        {CUSTOM_ID: "manual"},
        remark="The role has not been changed for over a year",
    ),
    Case(
        REVIEW,
        "assignments forbidden",
        custom(["a/b/action"], assigned=False),
        {CUSTOM_ID: "manual"},
        [gap("role_eligibilities")],
        remark="Could not check whether anybody has the role",
    ),
]

CASES = _WRITTEN_OUT
