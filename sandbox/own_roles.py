"""Make objects for each client: a service principal, its application permissions of Microsoft Graph, and its assignment
of the role Reader.

The sandbox makes these objects from the client's line in the estate file. Lists should have only the objects that the
file declares. So Graph returns the made objects only for requests with the client's application or object id, and ARM
returns the role assignment only for the filter `assignedTo`. There is one exception: if the file declares no service
principal, Graph's list of service principals contains the client's, because a directory in which an application signs
in has at least one service principal.

Formats: https://learn.microsoft.com/graph/api/resources/approleassignment,
https://learn.microsoft.com/graph/api/resources/serviceprincipal (alternate key `appId`) and
https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any, Final

from sandbox.paths import subscription_of
from sandbox.stores.registry import Registration

_NAMES: Final = uuid.UUID("0b3a5e5e-7f0e-5b43-9a57-2a4c1f6f7d02")
# The object id of the service principal of Microsoft Graph. In Azure, this id differs in each directory.
_GRAPH: Final = str(uuid.uuid5(_NAMES, "Microsoft Graph"))
_BY_APPLICATION: Final = re.compile(r"serviceprincipals\(appid='([0-9a-f-]{36})'\)")
_ASSIGNED_TO: Final = re.compile(r"\s*assignedto\('([0-9a-f-]{36})'\)\s*", re.IGNORECASE)
SERVICE_PRINCIPALS: Final = "serviceprincipals"
READER: Final = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
_DEFINITION: Final = f"/providers/microsoft.authorization/roledefinitions/{READER}"
_EVERYTHING: Final = "Directory.Read.All"


def graph_object(path: str, registration: Registration) -> dict[str, Any] | None:
    """Return the service principal of the client or of Microsoft Graph, if the path is the path of one of them. Return
    None for other paths.

    `path` is a lower-case path of Graph.
    """
    found = _BY_APPLICATION.fullmatch(path)
    if found is not None:
        return _own(registration) if found[1] == registration.client.client_id else None
    if path == f"{SERVICE_PRINCIPALS}/{registration.object_id}":
        return _own(registration)
    if path == f"serviceprincipals/{_GRAPH}":
        roles = [{"id": _role(name), "value": name, "isEnabled": True} for name in _granted(registration)]
        return {"id": _GRAPH, "displayName": "Microsoft Graph", "appRoles": roles}
    return None


def _own(registration: Registration) -> dict[str, Any]:
    return {
        "id": registration.object_id,
        "appId": registration.client.client_id,
        "displayName": registration.client.client_id,
        "servicePrincipalType": "Application",
    }


def graph_list(path: str, registration: Registration) -> list[dict[str, Any]] | None:
    """Return the list at a path of Graph, if the list can be made from the client. Return None for other paths.

    There are two such lists: the client's application permissions, and the service principals with only the client's.
    Call this function only if the estate file does not declare the list.
    """
    if path == SERVICE_PRINCIPALS:
        return [_own(registration)]
    if path != f"serviceprincipals/{registration.object_id}/approleassignments":
        return None
    return [
        {
            "id": str(uuid.uuid5(_NAMES, f"{registration.object_id}/{name}")),
            "appRoleId": _role(name),
            "principalId": registration.object_id,
            "principalType": "ServicePrincipal",
            "resourceId": _GRAPH,
            "resourceDisplayName": "Microsoft Graph",
        }
        for name in _granted(registration)
    ]


def assignments(key: str, text: str, registration: Registration) -> list[bytes]:
    """Return the role assignments of the client in a subscription, or an empty list for other requests.

    `key` must be the path of the subscription's list of role assignments, and the filter `text` must name the client.
    """
    found, subscription = _ASSIGNED_TO.fullmatch(text), subscription_of(key)
    listed = f"/subscriptions/{subscription}/providers/microsoft.authorization/roleassignments"
    if found is None or found[1].lower() != registration.object_id or key != listed:
        return []
    scope = f"/subscriptions/{subscription}"
    name = str(uuid.uuid5(_NAMES, f"{registration.object_id}{scope}"))
    document = {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"{scope}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
            "principalId": registration.object_id,
            "principalType": "ServicePrincipal",
            "scope": scope,
        },
    }
    return [json.dumps(document).encode()]


def reader_definition(path: str) -> bytes | None:
    """Return the definition of the role Reader if the path leads to this definition below a subscription. Return None
    for other paths.

    Estate files may lack this definition, but the client's role assignment refers to it.
    """
    if not path.lower().endswith(_DEFINITION) or subscription_of(path.lower()) is None:
        return None
    document = {
        "id": path,
        "name": READER,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": "Reader",
            "type": "BuiltInRole",
            "assignableScopes": ["/"],
            "permissions": [
                {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
            ],
        },
    }
    return json.dumps(document).encode()


def _granted(registration: Registration) -> list[str]:
    """Return the names of the client's permissions of Graph.

    Instead of "*" (all permissions), return one permission that permits reading everything.
    """
    return sorted({_EVERYTHING if name == "*" else name for name in registration.client.graph})


def _role(permission: str) -> str:
    return str(uuid.uuid5(_NAMES, permission))
