"""Compare roles by the operations that their wildcards match. Pure functions.

Source: https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata/get (one document per namespace;
`isDataAction` tells `actions` from `dataActions`). All documents together are many megabytes. So only the documents of
namespaces that custom roles name are read, without display texts (`trimmed`). For other namespaces, only the patterns
of the roles are compared. Then equal roles can seem different, but different roles never seem equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.estate.identity.roles import Permissions, covered
from assessments.estate.view import View

type Role = frozenset[Permissions]

# `_CONTROL` has the indexes of actions and notActions in the tuple Permissions. `_DATA` has the indexes of dataActions
# and notDataActions.
_CONTROL, _DATA = (0, 1), (2, 3)


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of one resource provider, in lower case: `control` for `actions` of roles, `data` for
    `dataActions`.
    """

    control: frozenset[str]
    data: frozenset[str]


def operations_of(document: View) -> Operations:
    """Return the operations that a provider's document lists. Raise Unreadable if a property is missing or
    invalid.
    """
    sources = [document, *document.items("resourceTypes", default=[])]
    found = [
        (operation.text("name").strip().casefold(), operation.flag("isDataAction", default=False))
        for source in sources
        for operation in source.items("operations", default=[])
    ]
    return Operations(
        frozenset(name for name, is_data in found if not is_data),
        frozenset(name for name, is_data in found if is_data),
    )


def trimmed(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a provider's document with only the name and `isDataAction` of each operation. No control reads other
    properties.
    """
    slim = {key: body[key] for key in ("id", "name", "type") if key in body}
    if "operations" in body:
        slim["operations"] = _slim(body["operations"])
    if "resourceTypes" in body:
        types = body["resourceTypes"]
        slim["resourceTypes"] = (
            [
                {"name": kind.get("name"), "operations": _slim(kind.get("operations"))}
                if isinstance(kind, Mapping)
                else kind
                for kind in types
            ]
            if isinstance(types, list)
            else types
        )
    return slim


def _slim(operations: Any) -> Any:
    if not isinstance(operations, list):
        return operations
    return [
        {key: row[key] for key in ("name", "isDataAction") if key in row} if isinstance(row, Mapping) else row
        for row in operations
    ]


def namespace_of(pattern: str) -> str:
    """Return the provider that an action or pattern names, such as `microsoft.compute`. Return an empty string for a
    pattern that names no single provider, such as `*`.
    """
    first, slash, _ = pattern.strip().casefold().partition("/")
    return first if slash and first and "*" not in first else ""


def namespaces(role: Role) -> list[str]:
    """Return the providers that a role's patterns name, sorted."""
    patterns = (pattern for permission in role for part in permission for pattern in part)
    return sorted({namespace_of(pattern) for pattern in patterns} - {""})


def allows_every_provider(role: Role) -> bool:
    """Return whether the role allows operations of every provider."""
    return any(not namespace_of(p) for permission in role for part in (0, 2) for p in permission[part])


def is_within(inner: Role, outer: Role, known: Mapping[str, Operations]) -> bool:
    """Return whether the role `outer` certainly allows every operation that `inner` allows. `known` is {provider: its
    operations}, for the providers whose documents were read.
    """
    if not any(permission[0] or permission[2] for permission in inner):
        return False  # A role that allows nothing would be within every other role, which is not worth reporting.
    for listed, part in (("control", _CONTROL), ("data", _DATA)):
        offered: set[str] = set()
        for operations in known.values():
            offered |= getattr(operations, listed)
        offered |= _literals(inner, part, known) | _literals(outer, part, known)
        if any(_allows(inner, part, name) and not _allows(outer, part, name) for name in offered):
            return False
    return all(any(_covers_beyond(one, other, known) for other in outer) for one in inner)


def _allows(role: Role, part: tuple[int, int], operation: str) -> bool:
    allowed, taken = part
    return any(
        covered(operation, permission[allowed]) and not covered(operation, permission[taken])
        for permission in role
    )


def _literals(role: Role, part: tuple[int, int], known: Mapping[str, Operations]) -> set[str]:
    """Return the operations that a role names without a wildcard, if their provider is in `known`. The provider's
    operations in `known` can lack them.
    """
    return {
        pattern
        for permission in role
        for index in part
        for pattern in permission[index]
        if "*" not in pattern and namespace_of(pattern) in known
    }


def _covers_beyond(one: Permissions, other: Permissions, known: Mapping[str, Operations]) -> bool:
    """Return whether the permission `other` allows everything that the permission `one` allows at providers that are
    not in `known`. The operations of these providers are not known, so only the patterns are compared.
    """
    return all(
        all(covered(pattern, other[allowed]) for pattern in _beyond(one[allowed], known))
        and all(covered(pattern, one[taken]) for pattern in _beyond(other[taken], known))
        for allowed, taken in (_CONTROL, _DATA)
        if _beyond(one[allowed], known)
    )


def _beyond(patterns: Iterable[str], known: Mapping[str, Operations]) -> list[str]:
    return [pattern for pattern in patterns if namespace_of(pattern) not in known]
