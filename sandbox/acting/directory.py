"""Change an object of the directory, and create the entry with which Entra's audit log records the change.

An entry has the properties of https://learn.microsoft.com/graph/api/resources/directoryaudit.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

Document = dict[str, Any]

AUDITS = "auditLogs/directoryAudits"
# {collection of Graph: (type in the audit log, category, name of the object in activities such as “Update user”)}
_TYPES = {
    "users": ("User", "UserManagement", "user"),
    "groups": ("Group", "GroupManagement", "group"),
    "applications": ("Application", "ApplicationManagement", "application"),
    "serviceprincipals": ("ServicePrincipal", "ApplicationManagement", "service principal"),
    "devices": ("Device", "Device", "device"),
    "identity/conditionalaccess/policies": ("Policy", "Policy", "conditional access policy"),
}


def is_directory_object(target: str) -> bool:
    """Return whether an id is the path of an object in the directory, such as `users/<id>`."""
    return not target.startswith("/")


class Updated(NamedTuple):
    """The update of an object of the directory: the activity, the object's name, and the changed properties as the
    audit log describes them.
    """

    activity: str
    name: str
    modified: list[Document]


def set_in(lines: Iterable[Document], path: str, name: str, value: Any) -> Updated | None:
    """Set a property of the object at the path. The letter case of the path does not matter. Return None if there is
    no such object.
    """
    collection, _, identifier = path.strip("/").rpartition("/")
    for line in lines:
        if str(line.get("graph", "")).strip("/").lower() != collection.lower():
            continue
        content = line.get("value")
        for found in content if isinstance(content, list) else [content]:
            if isinstance(found, dict) and str(found.get("id", "")).lower() == identifier.lower():
                before = found.get(name)
                found[name] = value
                # Entra's audit log writes names of properties with a capital letter, such as `AccountEnabled`.
                shown = name[:1].upper() + name[1:]
                modified = {"displayName": shown, "oldValue": _logged(before), "newValue": _logged(value)}
                included = {
                    "displayName": "Included Updated Properties",
                    "oldValue": None,
                    "newValue": json.dumps(shown),
                }
                title = str(found.get("displayName") or "")
                return Updated(f"Update {_kind(collection)[2]}", title, [modified, included])
    return None


def _logged(value: Any) -> str | None:
    """Return a value as the audit log writes it. Even a single value becomes a list in JSON."""
    return None if value is None else json.dumps(value if isinstance(value, list) else [value])


def audit_entry(
    target: str, updated: Updated, actor: Document, at: datetime, correlation_id: str
) -> Document:
    """Return an entry of the audit log about an activity, as a line of an estate file. `actor` is the value of
    `initiatedBy`.
    """
    collection, _, identifier = target.strip("/").rpartition("/")
    kind, category, _ = _kind(collection)
    return {
        "graph": AUDITS,
        "value": {
            "id": f"Directory_{uuid4()}",
            "category": category,
            "correlationId": correlation_id or str(uuid4()),
            "result": "success",
            "resultReason": "",
            "activityDisplayName": updated.activity,
            "activityDateTime": f"{at:%Y-%m-%dT%H:%M:%S.%f}0Z",
            "loggedByService": "Core Directory",
            "operationType": "Update",
            "initiatedBy": actor,
            "targetResources": [
                {
                    "id": identifier,
                    "displayName": updated.name or None,
                    "type": kind,
                    "modifiedProperties": updated.modified,
                }
            ],
            "additionalDetails": [],
        },
    }


def initiator(user: str, object_id: str, name: str, address: str, *, is_application: bool) -> Document:
    """Return the value of `initiatedBy`. `user` is a user name, or the object id of an application's service principal.
    If `user` is empty, the value names neither a user nor an app.
    """
    if not user:
        return {"user": None, "app": None}
    if is_application:
        return {"user": None, "app": {"appId": None, "displayName": name, "servicePrincipalId": user}}
    found = {"id": object_id, "displayName": name, "userPrincipalName": user, "ipAddress": address}
    return {"user": found, "app": None}


def parse_value(text: str) -> Any:
    """Parse a text as JSON and return the value. If it is not JSON, return the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _kind(collection: str) -> tuple[str, str, str]:
    return _TYPES.get(collection.lower(), ("Other", "Other", "object"))
