"""Read and compare ids of Azure Resource Manager. Case and a trailing slash do not matter.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

from __future__ import annotations


def fold(identifier: str) -> str:
    """Return an id, type or operation in lower case and without a trailing slash, so that all spellings
    become equal.
    """
    return identifier.strip().rstrip("/").casefold()


def subscription_of(identifier: str) -> str:
    """Return the subscription's GUID in lower case, or an empty string for a tenant-level id."""
    parts = fold(identifier).split("/")
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else ""


def resource_group_of(identifier: str) -> str:
    """Return the resource group's name in its original spelling, or an empty string."""
    parts = identifier.strip("/").split("/")
    return parts[3] if len(parts) > 3 and parts[2].casefold() == "resourcegroups" else ""


def name_of(identifier: str) -> str:
    """Return the last segment of an id in its original spelling."""
    return identifier.rstrip("/").rsplit("/", 1)[-1]


def type_of(identifier: str) -> str:
    """Return the resource type in its original spelling, such as `Microsoft.Sql/servers/databases`, or an empty string
    if the id has no provider.
    """
    _, found, tail = identifier.rpartition("/providers/")
    if not found:
        return ""
    parts = tail.strip("/").split("/")
    return "/".join([parts[0], *parts[1::2]])


def parent_of(identifier: str, levels: int = 1) -> str:
    """Return the id of the enclosing resource, `levels` levels up."""
    return "/".join(identifier.rstrip("/").split("/")[: -2 * levels])


def is_within(identifier: str, scope: str) -> bool:
    """Return whether an id is the scope or lies below it."""
    inner, outer = fold(identifier), fold(scope)
    return inner == outer or inner.startswith(outer + "/")
