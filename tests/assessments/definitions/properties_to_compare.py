"""Compare the properties that are read with those that assessments/estate/definitions lists."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assessments.estate.compared_definitions import compared
from tests.assessments.definitions.read_properties import read_properties

# Dictionaries in assignments of policies and in initiatives. The author of the initiative chooses their keys.
_FREE_KEYS = re.compile(r"^(properties\.parameters\.)[^.]+|(?<=\.metadata\.)[^.]+$")
# The names of AKS addons, which Azure spells in several ways.
_ADDONS = re.compile(r"^(properties\.addonProfiles\.)[^.]+")
# The ids of the identities that are assigned to a resource.
_IDENTITY = re.compile(r"^(identity\.userAssignedIdentities\.)/.*?(?=$|\.principalId$)")

# Dictionaries whose keys Azure spells in several ways: settings of API Management, and HTTP headers.
_CUSTOM = re.compile(r"^(properties\.(?:customProperties|ipSecurityRestrictions\[\]\.headers)\.).+$")
# The author of a logic app chooses the names of its policies.
_POLICY = re.compile(r"^(properties\.accessControl\.triggers\.openAuthenticationPolicies\.policies\.)[^.]+$")


def with_parents(paths: Iterable[str]) -> set[str]:
    """The paths, and the paths of the objects and lists around them."""
    found = set()
    for path in paths:
        steps = path.split(".")
        for end in range(1, len(steps) + 1):
            found |= {".".join(steps[:end]), ".".join(steps[:end]).removesuffix("[]")}
    return found


def comparable(name: str, path: str) -> str:
    if path.startswith("tags."):  # The customer chooses the names of tags.
        return "tags.{}"
    path = _POLICY.sub(r"\1{}", _IDENTITY.sub(r"\1{}", path))
    path = _CUSTOM.sub(r"\1{}", _ADDONS.sub(r"\1{}", path))
    if name not in ("policy_assignments", "policy_set_definitions"):
        return path
    return _FREE_KEYS.sub(lambda found: f"{found[1] or ''}{{}}", path)


def read_of(name: str) -> frozenset[str]:
    """Return the properties of a collection that controls read, as definitions spell them."""
    return _read(name) - annotations_of(name)


def annotations_of(name: str) -> frozenset[str]:
    """Return the annotations of OData that controls read, such as `@odata.type`. Definitions need not name them."""
    return frozenset(path for path in _read(name) if "@odata." in path)


def _read(name: str) -> frozenset[str]:
    return frozenset(comparable(name, path) for path in read_properties()[name])


def uncompared(name: str) -> list[str]:
    """Return the properties of a collection that controls read, but that its definition file does not list."""
    one = compared()[name]
    return sorted(read_of(name) - with_parents([*one.properties, *one.undefined]))


def unread(name: str) -> list[str]:
    """Return the properties of a collection that its definition file lists, but that no control reads."""
    one = compared()[name]
    return sorted({*one.properties, *one.undefined} - _read(name))
