"""Find the people and things to which a verdict refers by GUID. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from assessments.display import observed_keys as keys
from assessments.display.names import GUID, Kind
from assessments.display.resources import RESOURCE_ID
from assessments.estate.ids import name_of

_SUBJECT = re.compile(
    r"(?:/(users|groups|roledefinitions|assessments)/)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?$",
    re.IGNORECASE,
)
_SUBJECT_KINDS: Final = {
    "users": Kind.USER,
    "groups": Kind.GROUP,
    "roledefinitions": Kind.AZURE_ROLE,
    "assessments": Kind.RECOMMENDATION,
}
_KEYS: Final = {
    **dict.fromkeys(keys.PRINCIPALS - {"principal"}, Kind.USER),
    **dict.fromkeys(keys.DIRECTORY_ROLES - keys.GRANTS, Kind.DIRECTORY_ROLE),
    "principal": Kind.OTHER,
    "group": Kind.GROUP,
    "policy": Kind.POLICY,
    "policies": Kind.POLICY,
}


def referenced(subject: str, observed: Mapping[str, Any], texts: Iterable[str] = ()) -> dict[str, Kind]:
    """Return {GUID in lower case: kind} of the people, groups, roles and other objects that a verdict shows.

    `texts` are the verdict's reason and remarks. A GUID that occurs only in `texts` has the kind OTHER.
    """
    found: dict[str, Kind] = {}
    for text in texts:
        if "-" in text and GUID.search(text):
            found |= dict.fromkeys((g.lower() for g in GUID.findall(RESOURCE_ID.sub("", text))), Kind.OTHER)
    if match := _SUBJECT.search(subject):
        found[match[2].lower()] = _SUBJECT_KINDS[match[1].lower()]
    for key, value in observed.items():
        if key in keys.GRANTS:
            for grant in value if isinstance(value, list) else [value]:
                if isinstance(grant, Mapping):
                    found |= _grant(grant)
        elif key == "authorizations" and isinstance(value, list):
            # The names of principals are not available here: the principals of a delegation belong to the managing
            # directory, which Surety cannot read. So return only the roles.
            for right in value:
                roles = [right.get("role"), *right.get("assignableRoles", ())]
                found |= {
                    r.lower(): Kind.AZURE_ROLE for r in roles if isinstance(r, str) and GUID.fullmatch(r)
                }
        elif kind := _KEYS.get(key):
            values = [value] if isinstance(value, str) else value
            if isinstance(values, list | Mapping):
                found |= {v.lower(): kind for v in values if isinstance(v, str) and GUID.fullmatch(v)}
    return found


def _grant(grant: Mapping[str, Any]) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    role, group = str(grant.get("role", "")), str(grant.get("group", ""))
    if GUID.fullmatch(role):
        # The id of an assignment of an Azure role starts with a slash. The id of an assignment of a directory role does
        # not.
        is_azure = str(grant.get("assignment", "")).startswith("/")
        found[role.lower()] = Kind.AZURE_ROLE if is_azure else Kind.DIRECTORY_ROLE
    if GUID.fullmatch(name_of(group)):
        found[name_of(group).lower()] = Kind.GROUP
    return found
