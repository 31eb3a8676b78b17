"""Azure Resource Manager ids: compared without regard to case, a trailing slash ignored.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations


def fold(identifier: str) -> str:
    """The form in which two spellings of one id, type or operation are equal."""
    return identifier.strip().rstrip("/").casefold()


def subscription_of(identifier: str) -> str:
    """The subscription's GUID in lower case, or `` for a tenant-level id."""
    parts = fold(identifier).split("/")
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""


def resource_group_of(identifier: str) -> str:
    """The resource group's name as spelt, or ``."""
    parts = identifier.strip("/").split("/")
    return parts[3] if len(parts) > 3 and parts[2].casefold() == "resourcegroups" else ""


def name_of(identifier: str) -> str:
    """The last segment, as spelt."""
    return identifier.rstrip("/").rsplit("/", 1)[-1]


def type_of(identifier: str) -> str:
    """`Microsoft.Sql/servers/databases` from an id (as spelt); `` where the id names no provider."""
    _, found, tail = identifier.rpartition("/providers/")
    if not found:
        return ""
    parts = tail.strip("/").split("/")
    return "/".join([parts[0], *parts[1::2]])


def parent_of(identifier: str, levels: int = 1) -> str:
    """The id of the enclosing resource: `levels` times type and name are taken off."""
    return "/".join(identifier.rstrip("/").split("/")[: -2 * levels])


def is_within(identifier: str, scope: str) -> bool:
    """Whether an id is the scope or lies under it."""
    inner, outer = fold(identifier), fold(scope)
    return inner == outer or inner.startswith(outer + "/")
