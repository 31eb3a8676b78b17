"""Custom roles."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.controls.cases import Case
from tests.controls.identity.people import (
    assignment,
    built_in,
    role,
)
from tests.controls.kit import RG, SUB, gap

ADMIN, REVIEW = "identity-custom-roles-admin", "identity-custom-roles-review"

CUSTOM = "99999999-0000-0000-0000-000000000001"

CUSTOM_ID = role(CUSTOM, [])["id"]


def custom(actions: list[str], *rest: Any, assigned: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "role_definitions": [*built_in(), role(CUSTOM, actions, *rest, **more)],
        "role_assignments": [assignment(role=CUSTOM)] if assigned else [],
    }


_ADMIN = [
    Case(ADMIN, "no custom role", {"role_definitions": built_in()}, {SUB: "not_applicable"}),
    Case(ADMIN, "reads only", custom(["*/read"]), {CUSTOM_ID: "pass"}),
    Case(ADMIN, "everything", custom(["*"]), {CUSTOM_ID: "fail"}),
    Case(ADMIN, "writes anything", custom(["*/write"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "gives roles, other case",
        custom(["microsoft.authorization/ROLEASSIGNMENTS/*"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        ADMIN,
        "pushes images",
        custom(["Microsoft.ContainerRegistry/registries/push/write"]),
        {CUSTOM_ID: "pass"},
    ),
    Case(ADMIN, "makes subscriptions", custom(["Microsoft.Resources/subscriptions/*"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "all taken off",
        custom(["Microsoft.Authorization/*"], ["Microsoft.Authorization/*"]),
        {CUSTOM_ID: "pass"},
        remark="take the administrative part",
    ),
    Case(
        ADMIN,
        "not all taken off",
        custom(["*"], ["Microsoft.Authorization/*/write"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        ADMIN,
        "resource groups only",
        custom(["*"], scopes=[RG]),
        {CUSTOM_ID: "pass"},
        remark="resource groups only",
    ),
    Case(
        ADMIN,
        "a management group",
        custom(["*"], scopes=[RG, "/providers/Microsoft.Management/managementGroups/m"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(ADMIN, "the root", custom(["*"], scopes=["/"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "not assigned",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "pass"},
        remark="nobody has the role",
    ),
    Case(
        ADMIN,
        "eligible",
        {**custom(["*"], assigned=False), "role_eligibilities": [assignment(role=CUSTOM)]},
        {CUSTOM_ID: "fail"},
    ),
    Case(ADMIN, "all data", custom(["*/read"], data=["*"]), {CUSTOM_ID: "fail"}),
    Case(
        ADMIN,
        "assignments forbidden",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "unknown"},
        [gap("role_assignments")],
    ),
    Case(
        ADMIN,
        "no licence for PIM",
        custom(["*"], assigned=False),
        {CUSTOM_ID: "pass"},
        [gap("role_eligibilities", reason=Reason.LICENCE_MISSING)],
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
    Case(REVIEW, "a twin, other case", custom(["*/READ"]), {CUSTOM_ID: "fail"}, reason="exactly the same"),
    Case(
        REVIEW,
        "a twin with a covered action more",
        custom(["*/read", "Microsoft.Sql/servers/read"]),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "within a built-in role",
        custom(["Microsoft.Sql/servers/read"]),
        {CUSTOM_ID: "manual"},
        remark="a built-in role allows all of it",
    ),
    Case(
        REVIEW,
        "nobody has it",
        custom(["a/b/action"], assigned=False),
        {CUSTOM_ID: "manual"},
        remark="nobody has",
    ),
    Case(
        REVIEW,
        "old",
        custom(["a/b/action"], updatedOn="2024-01-01T00:00:00.0000000Z"),
        {CUSTOM_ID: "manual"},
        remark="unchanged for over a year",
    ),
    Case(REVIEW, "forbidden", {}, {SUB: "unknown"}, [gap("role_definitions")]),
]

NETWORK = "microsoft.network"


def provider(namespace: str, *names: str, data: tuple[str, ...] = ()) -> dict[str, Any]:
    """A provider's operations as Azure lists them, one type with all of them."""
    rows = [{"name": f"{namespace}/{name}", "displayName": name, "isDataAction": False} for name in names]
    rows += [{"name": f"{namespace}/{name}", "isDataAction": True} for name in data]
    return {
        "id": f"/providers/Microsoft.Authorization/providerOperations/{namespace}",
        "name": namespace,
        "type": "Microsoft.Authorization/providerOperations",
        "operations": [],
        "resourceTypes": [{"name": "things", "operations": rows}],
    }


def beside(built_in_role: dict[str, Any], mine: dict[str, Any], **operations: Any) -> dict[str, Any]:
    """A custom role next to one built-in role."""
    return {
        "role_definitions": [built_in_role, mine],
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
        "a twin once the wildcard is written out",
        beside(standard(["Microsoft.Network/*"]), role(CUSTOM, _EVERY), **_LISTED),
        {CUSTOM_ID: "fail"},
        reason="exactly the same",
    ),
    Case(
        REVIEW,
        "a twin whose wildcards are written otherwise, in other case",
        beside(
            standard(["Microsoft.Network/*/read", "Microsoft.Network/things/write"]),
            role(CUSTOM, ["microsoft.network/THINGS/*", "Microsoft.Network/other/*"]),
            **_LISTED,
        ),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "a twin by what is taken off",
        beside(
            standard(["Microsoft.Network/*/read"]),
            role(CUSTOM, ["Microsoft.Network/*"], ["Microsoft.Network/things/write"]),
            **_LISTED,
        ),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "one operation short of a twin",
        beside(standard(["Microsoft.Network/*"]), role(CUSTOM, _EVERY[:2]), **_LISTED),
        {CUSTOM_ID: "manual"},
        remark="a built-in role allows all of it",
    ),
    Case(
        REVIEW,
        "no twin: the built-in role allows something of another provider",
        beside(standard(["Microsoft.Network/*", "Microsoft.Support/*"]), role(CUSTOM, _EVERY), **_LISTED),
        {CUSTOM_ID: "manual"},
    ),
    Case(
        REVIEW,
        "no twin: the data action is only one's",
        beside(
            standard(["Microsoft.Network/*"], data=["Microsoft.Network/things/secrets/read"]),
            role(CUSTOM, _EVERY),
            **_LISTED,
        ),
        {CUSTOM_ID: "manual"},
    ),
    Case(
        REVIEW,
        "a twin with data actions",
        beside(
            standard(["Microsoft.Network/things/read"], data=["Microsoft.Network/*"]),
            role(CUSTOM, ["Microsoft.Network/things/read"], data=["Microsoft.Network/things/look/action"]),
            **{NETWORK: [provider("Microsoft.Network", "things/read", data=("things/look/action",))]},
        ),
        {CUSTOM_ID: "fail"},
    ),
    Case(
        REVIEW,
        "operations forbidden: by pattern, with a remark",
        beside(standard(["Microsoft.Network/*"]), role(CUSTOM, _EVERY)),
        {CUSTOM_ID: "manual"},
        [gap("provider_operations", NETWORK)],
        remark="compared by pattern only: the operations of microsoft.network",
    ),
    Case(
        REVIEW,
        "operations forbidden, the patterns are the same",
        beside(standard(["Microsoft.Network/*"]), role(CUSTOM, ["microsoft.network/*"])),
        {CUSTOM_ID: "fail"},
        [gap("provider_operations", NETWORK)],
    ),
    Case(
        REVIEW,
        "operations of another form",
        beside(
            standard(["Microsoft.Network/*"]),
            role(CUSTOM, _EVERY),
            **{NETWORK: [{"id": "x", "resourceTypes": [{"operations": [{"name": 7}]}]}]},
        ),
        {CUSTOM_ID: "manual"},
        remark="compared by pattern only",
    ),
    Case(
        REVIEW,
        "a provider that lists nothing makes no twins",
        beside(
            standard(["Microsoft.Network/*"]),
            role(CUSTOM, ["Microsoft.Network/things/*"]),
            **{NETWORK: [{"id": "x", "operations": [], "resourceTypes": []}]},
        ),
        {CUSTOM_ID: "manual"},
    ),
    Case(
        REVIEW,
        "a built-in role under a condition is nobody's twin",
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
        "nobody has it and it is over 90 days old",
        custom(["a/b/action"], assigned=False, updatedOn="2026-08-01T00:00:00Z"),
        {CUSTOM_ID: "manual"},
        remark="last changed over 90 days ago",
    ),
    Case(
        REVIEW,
        "somebody may activate it",
        {
            **custom(["a/b/action"], assigned=False, updatedOn="2024-01-01T00:00:00Z"),
            "role_eligibilities": [assignment(role=CUSTOM)],
        },
        {CUSTOM_ID: "manual"},
        remark="unchanged for over a year",
    ),
    Case(
        REVIEW,
        "who has it could not be read",
        custom(["a/b/action"], assigned=False),
        {CUSTOM_ID: "manual"},
        [gap("role_eligibilities")],
        remark="whether anybody has the role could not be read",
    ),
]

CASES = [*_ADMIN, *_REVIEW, *_WRITTEN_OUT]
