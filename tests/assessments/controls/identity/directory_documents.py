"""Graph and Azure documents of a directory: users, registrations, roles, assignments."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.judging import SUB

ADA, BOB, GUEST = (f"{digit * 8}-0000-0000-0000-000000000001" for digit in "abc")
GROUP = "dddddddd-0000-0000-0000-000000000001"
APP = "eeeeeeee-0000-0000-0000-000000000001"
GLOBAL_ADMIN = "62e90394-69f5-4237-9190-012177145e10"
DIRECTORY_READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"

ROLES: dict[str, tuple[list[str], list[str]]] = {
    OWNER: (["*"], []),
    CONTRIBUTOR: (
        ["*"],
        [
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ],
    ),
    READER: (["*/read"], []),
}


def user(identifier: str = ADA, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "userPrincipalName": f"{identifier[0]}@example.com",
        "userType": "Member",
        "accountEnabled": True,
        "createdDateTime": "2024-01-15T09:00:00Z",
        "passwordPolicies": None,
        **more,
    }


def guest(identifier: str = GUEST, **more: Any) -> dict[str, Any]:
    name = f"{identifier[0]}_partner.example#EXT#@example.onmicrosoft.com"
    return user(
        identifier,
        **{"userType": "Guest", "userPrincipalName": name, "externalUserState": "Accepted", **more},
    )


def registered(identifier: str = ADA, capable: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "isMfaCapable": capable,
        "isMfaRegistered": capable,
        "methodsRegistered": ["microsoftAuthenticatorPush"] if capable else [],
        "isAdmin": False,
        "lastUpdatedDateTime": "2026-11-25T03:00:00Z",
        **more,
    }


def directory_role(
    principal: str = ADA, kind: str = "user", role: str = GLOBAL_ADMIN, name: str = "one"
) -> dict[str, Any]:
    return {
        "id": f"{name}-{principal}",
        "principalId": principal,
        "roleDefinitionId": role,
        "directoryScopeId": "/",
        "principal": {"@odata.type": f"#microsoft.graph.{kind}", "id": principal},
    }


def assignment(
    principal: str = ADA, role: str = OWNER, kind: str = "User", name: str = "1", scope: str = SUB
) -> dict[str, Any]:
    return {
        "id": f"{SUB}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "properties": {
            "principalId": principal,
            "principalType": kind,
            "roleDefinitionId": f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "scope": scope,
        },
    }


def role(
    identifier: str,
    actions: list[str],
    not_actions: list[str] | None = None,
    kind: str = "CustomRole",
    scopes: list[str] | None = None,
    data: list[str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    permission = {
        "actions": actions,
        "notActions": not_actions or [],
        "dataActions": data or [],
        "notDataActions": [],
    }
    properties = {
        "roleName": f"role {identifier[:4]}",
        "type": kind,
        "permissions": [permission],
        "assignableScopes": [SUB] if scopes is None else scopes,
        **more,
    }
    return {
        "id": f"{SUB}/providers/Microsoft.Authorization/roleDefinitions/{identifier}",
        "name": identifier,
        "properties": properties,
    }


def built_in() -> list[dict[str, Any]]:
    return [role(key, actions, excluded, "BuiltInRole", ["/"]) for key, (actions, excluded) in ROLES.items()]


def member(identifier: str = ADA, kind: str = "user") -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": identifier}
