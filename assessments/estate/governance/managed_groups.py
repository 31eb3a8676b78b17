"""Find resource groups that a resource manages, such as the resource groups of managed applications and Azure
Databricks. Pure functions.

Source: https://learn.microsoft.com/rest/api/resources/resource-groups/list (`managedBy`)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assessments.estate.estate import Estate


def is_managed(_estate: Estate, group: Mapping[str, Any]) -> bool:
    """Return whether a resource group is managed by a resource."""
    manager = group.get("managedBy")
    return isinstance(manager, str) and bool(manager.strip())


def subscriptions_with_managed_groups(estate: Estate) -> Iterable[str]:
    """Return the subscriptions of the unit that have a managed resource group."""
    return sorted({"/".join(view.id.split("/")[:3]) for view in estate.documents("managed_resource_groups")})
