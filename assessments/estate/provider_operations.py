"""The operations that resource providers offer, and what roles come to when wildcards are written out. Pure.

Source: https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata/get (one document a
namespace; an operation's `isDataAction` says which of a role's two lists it belongs to). All providers
together are many megabytes, so only those that custom roles name are asked for, and their display texts are
left out (`trimmed`). What a role allows in any other namespace is compared by pattern, which can miss that
two roles are alike and never invents it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.estate.roles import Permissions, covered
from assessments.estate.view import View

type Role = frozenset[Permissions]

# Where actions and notActions stand in Permissions, and dataActions and notDataActions.
_CONTROL, _DATA = (0, 1), (2, 3)


@dataclass(frozen=True, slots=True)
class Operations:
    """One namespace's operations in lower case."""

    control: frozenset[str]
    data: frozenset[str]


def operations_of(document: View) -> Operations:
    """What a provider's document lists; raises Unreadable."""
    held = [document, *document.items("resourceTypes", default=[])]
    found = [
        (operation.text("name").strip().casefold(), operation.flag("isDataAction", default=False))
        for holder in held
        for operation in holder.items("operations", default=[])
    ]
    return Operations(
        frozenset(name for name, is_data in found if not is_data),
        frozenset(name for name, is_data in found if is_data),
    )


def trimmed(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A provider's document without what no control reads: display texts, origins, properties."""
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
    """`microsoft.compute` for an action or pattern of that provider, `` where a wildcard stands for it."""
    first, slash, _ = pattern.strip().casefold().partition("/")
    return first if slash and first and "*" not in first else ""


def namespaces(role: Role) -> list[str]:
    """The providers that a role's patterns name, sorted."""
    patterns = (pattern for permission in role for part in permission for pattern in part)
    return sorted({namespace_of(pattern) for pattern in patterns} - {""})


def is_boundless(role: Role) -> bool:
    """Whether the role allows something of every provider."""
    return any(not namespace_of(p) for permission in role for part in (0, 2) for p in permission[part])


def is_within(inner: Role, outer: Role, known: Mapping[str, Operations]) -> bool:
    """Whether all that `inner` allows is clearly allowed by `outer`; `known` are operations by namespace."""
    if not any(permission[0] or permission[2] for permission in inner):
        return False  # a role that allows nothing is no part of another
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
    """Operations that a role names itself: the providers' lists do not hold every one."""
    return {
        pattern
        for permission in role
        for index in part
        for pattern in permission[index]
        if "*" not in pattern and namespace_of(pattern) in known
    }


def _covers_beyond(one: Permissions, other: Permissions, known: Mapping[str, Operations]) -> bool:
    """The same by pattern, for the providers whose operations are not known."""
    return all(
        all(covered(pattern, other[allowed]) for pattern in _beyond(one[allowed], known))
        and all(covered(pattern, one[taken]) for pattern in _beyond(other[taken], known))
        for allowed, taken in (_CONTROL, _DATA)
        if _beyond(one[allowed], known)
    )


def _beyond(patterns: Iterable[str], known: Mapping[str, Operations]) -> list[str]:
    return [pattern for pattern in patterns if namespace_of(pattern) not in known]
