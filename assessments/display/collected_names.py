"""Find names in the documents that were collected for the controls. Pure functions.

Names are masked in evidence, so they are read from the collected documents. The caller passes the GUIDs of the objects
whose names are needed (`wanted`), and this module returns only these names, so that nothing is stored about other
people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from assessments.display.names import MAX_NAME, MAX_PRINCIPAL_NAME, Kind, Name, clean
from assessments.estate.collections.access import ROLE_DEFINITIONS
from assessments.estate.collections.defender import ASSESSMENTS_METADATA, SECURITY_ASSESSMENTS
from assessments.estate.collections.directory import (
    CA_POLICIES,
    DIRECTORY_ROLE_ASSIGNMENTS,
    DIRECTORY_ROLE_ELIGIBILITIES,
    EXCLUDED_GROUP_MEMBERS,
    GROUP_MEMBERS,
    MFA_REGISTRATIONS,
    USERS,
)
from assessments.estate.estate import Estate
from assessments.estate.ids import name_of

_TYPES: Final = {
    "user": Kind.USER,
    "group": Kind.GROUP,
    "serviceprincipal": Kind.APPLICATION,
    "application": Kind.APPLICATION,
    "device": Kind.DEVICE,
}


def kind_of_object(document: Mapping[str, Any], default: Kind = Kind.OTHER) -> Kind:
    """Return the kind of a directory object by its `@odata.type`."""
    return _TYPES.get(str(document.get("@odata.type") or "").rpartition(".")[2].casefold(), default)


def directory_object(document: Mapping[str, Any], default: Kind = Kind.OTHER) -> Name:
    """Return the `Name` of a directory object. If Azure states no name, its `display_name` and `principal_name` are
    empty.
    """
    return Name(
        str(document.get("id") or "").casefold(),
        kind_of_object(document, default),
        display_name=_text(document.get("displayName"), MAX_NAME),
        principal_name=_text(document.get("userPrincipalName"), MAX_PRINCIPAL_NAME),
    )


def _text(value: Any, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""


def _user(document: Mapping[str, Any]) -> Name:
    return directory_object(document, Kind.USER)


def _registration(document: Mapping[str, Any]) -> Name:
    return _user({**document, "displayName": document.get("userDisplayName")})


def _principal(document: Mapping[str, Any]) -> Name:
    principal = document.get("principal")
    return directory_object(principal if isinstance(principal, Mapping) else {})


def _policy(document: Mapping[str, Any]) -> Name:
    return Name(
        str(document.get("id") or "").casefold(),
        Kind.POLICY,
        display_name=_text(document.get("displayName"), MAX_NAME),
    )


def _property(key: str, kind: Kind) -> Callable[[Mapping[str, Any]], Name]:
    def read(document: Mapping[str, Any]) -> Name:
        properties = document.get("properties")
        shown = properties.get(key) if isinstance(properties, Mapping) else None
        return Name(
            name_of(str(document.get("id") or "")).casefold(), kind, display_name=_text(shown, MAX_NAME)
        )

    return read


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Name]]] = {
    USERS.name: _user,
    MFA_REGISTRATIONS.name: _registration,
    GROUP_MEMBERS.name: directory_object,
    EXCLUDED_GROUP_MEMBERS.name: directory_object,
    DIRECTORY_ROLE_ASSIGNMENTS.name: _principal,
    DIRECTORY_ROLE_ELIGIBILITIES.name: _principal,
    ROLE_DEFINITIONS.name: _property("roleName", Kind.AZURE_ROLE),
    CA_POLICIES.name: _policy,
    SECURITY_ASSESSMENTS.name: _property("displayName", Kind.RECOMMENDATION),
    ASSESSMENTS_METADATA.name: _property("displayName", Kind.RECOMMENDATION),
}


def collected_names(estate: Estate, wanted: AbstractSet[str]) -> dict[str, Name]:
    """Return {GUID: name} for the `wanted` GUIDs (in lower case) whose names are in the documents of the estate."""
    found: dict[str, Name] = {}
    if not wanted:
        return found
    for name in _names(estate):
        if name.guid in wanted and name.is_known:
            known = found.get(name.guid)
            if known is None or (name.principal_name and not known.principal_name):
                found[name.guid] = name
    return found


def _names(estate: Estate) -> Iterator[Name]:
    for collection, read in _READERS.items():
        for view in estate.documents(collection):
            yield read(view.body)
