"""Store the Microsoft Graph objects of a directory. Also decide which paths are collections and which are single
objects.

Source of the paths: https://learn.microsoft.com/graph/api/overview (v1.0).
"""

import re
from typing import Any

from sandbox.estate import GraphObject

Object = dict[str, Any]

# The audit log: https://learn.microsoft.com/graph/api/directoryaudit-list
AUDITS = "auditlogs/directoryaudits"

# Paths of single objects. If an estate file has a single object at a path that matches none of these patterns, the path
# is a collection with one member.
_SINGLE = tuple(
    re.compile(pattern)
    for pattern in (
        r"policies/[a-z]+policy(/default)?",
        r"policies/permissiongrantpolicies/[^/]+",
        r"policies/authenticationmethodspolicy/authenticationmethodconfigurations/[^/]+",
        r"(users|groups|domains|applications|serviceprincipals|devices|groupsettings|organization)/[^/]+",
        r"(directoryroles|directoryobjects|directoryroletemplates|administrativeunits|invitations)/[^/]+",
        r"(users|groups|devices)/[^/]+/(manager|photo|authentication|presence|settings|mailboxsettings)",
        r"identity/conditionalaccess/(policies|namedlocations|templates|authenticationcontextclassreferences)/[^/]+",
        r"identity/conditionalaccess",
        r"admin/[a-z]+(/settings)?",
        r"tenantrelationships/findtenantinformationby[a-z]+\([^)]*\)",
        r"me",
        r"directory/onpremisessynchronization/[^/]+",
        r"rolemanagement/directory/[a-z]+/[^/]+",
        r"identitygovernance/accessreviews/definitions/[^/]+",
        r"(.*/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    )
)


class GraphStore:
    """The objects of a directory, by lower-case path."""

    def __init__(self) -> None:
        self._objects: dict[str, list[Object]] = {}
        self._lists: set[str] = set()
        self._permissions: dict[str, tuple[str, ...]] = {}
        self._by_id: dict[str, dict[str, Object]] = {}

    @property
    def filled(self) -> bool:
        """Return whether the estate files contain any Microsoft Graph object."""
        return bool(self._objects)

    def add(self, line: GraphObject) -> None:
        """Add the objects of a line of the estate file. Several lines with the same path form one collection."""
        path = line.path.lower()
        if line.permissions:
            self._permissions[path] = line.permissions
        objects = self._objects.setdefault(path, [])
        objects.extend(line.value if line.is_list else [line.value])
        if line.is_list or len(objects) > 1 or not any(pattern.fullmatch(path) for pattern in _SINGLE):
            self._lists.add(path)

    def merge(self, other: "GraphStore") -> None:
        """Add the objects of another estate file of the same directory."""
        self._permissions |= other._permissions
        for path, objects in other._objects.items():
            self._objects.setdefault(path, []).extend(objects)
            if path in other._lists or len(self._objects[path]) > 1:
                self._lists.add(path)

    def permissions(self, path: str) -> tuple[str, ...]:
        """Return the permissions that the estate file names for the path, or an empty tuple."""
        return self._permissions.get(path, ())

    def collection(self, path: str) -> list[Object] | None:
        """Return the members of the collection at the path, or None if there is no collection at the path.

        The audit log exists in every directory, and lists the newest entries first.
        """
        if path == AUDITS:
            entries = self._objects.get(path, [])
            return sorted(entries, key=lambda one: str(one.get("activityDateTime")), reverse=True)
        return self._objects[path] if path in self._lists else None

    def single(self, path: str) -> Object | None:
        """Return the object at the path, or None if there is no object.

        In a path `<collection>/<id>`, a user principal name may take the place of the id.
        """
        if path in self._objects and path not in self._lists:
            return self._objects[path][0]
        parent, _, name = path.rpartition("/")
        if parent not in self._lists:
            return None
        if parent not in self._by_id:
            self._by_id[parent] = {
                str(item[key]).lower(): item
                for key in ("userPrincipalName", "id")
                for item in self._objects[parent]
                if key in item
            }
        return self._by_id[parent].get(name)
