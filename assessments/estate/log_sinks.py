"""Destinations of diagnostic settings, the logs that they receive, and the rules that delete stored logs.

Sources: https://learn.microsoft.com/rest/api/monitor/diagnostic-settings (2021-05-01-preview),
https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessments.estate.view import View

ALL_CATEGORIES = frozenset({"alllogs", "audit"})
"""Category groups that contain every category of the activity log."""

REQUIRED_CATEGORIES = ("Administrative", "Alert", "Policy", "Security")
"""Categories of the activity log that must be exported."""

_DESTINATIONS = (
    ("storageAccountId", "storage"),
    ("workspaceId", "workspace"),
    ("eventHubAuthorizationRuleId", "event hub"),
    ("marketplacePartnerId", "partner"),
)
_BLOB_TYPES = frozenset({"blockblob", "appendblob"})
_AGES = (
    "daysAfterModificationGreaterThan",
    "daysAfterCreationGreaterThan",
    "daysAfterLastAccessTimeGreaterThan",
)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a setting sends logs. `kind` is storage, workspace, event hub or partner; `id` has its original
    spelling."""

    kind: str
    id: str

    @property
    def label(self) -> str:
        """The kind for people: `storage account`, `workspace`, `event hub` or `partner`."""
        return "storage account" if self.kind == "storage" else self.kind


def destinations(setting: View) -> list[Destination]:
    """Return the destinations of a diagnostic setting in a fixed order.

    Raise Unreadable if the id of a destination is not text.
    """
    found = []
    properties = setting.object("properties")
    for key, kind in _DESTINATIONS:
        identifier = properties.text(key, default="").strip()
        if identifier:
            found.append(Destination(kind, identifier.rstrip("/")))
    return found


def enabled_categories(setting: View) -> set[str]:
    """Return the enabled categories and category groups of a setting, in lower case."""
    found = set()
    for log in setting.items("properties.logs"):
        if not log.flag("enabled"):
            continue
        if log.has("categoryGroup"):
            found.add(log.text("categoryGroup").casefold())
        else:
            found.add(log.text("category").casefold())
    return found


def missing_categories(taken: set[str], wanted: Iterable[str]) -> list[str]:
    """Return the categories in `wanted` that `taken` contains neither by name nor by a group of all categories."""
    if taken & ALL_CATEGORIES:
        return []
    return [category for category in wanted if category.casefold() not in taken]


def account_name(endpoint: str) -> str:
    """Return the storage account's name from its endpoint; the name is unique in its cloud."""
    return endpoint.split("://", 1)[-1].split("/", 1)[0].split(".", 1)[0].casefold()


def deletion_days(policy: View, containers: Iterable[str], blob_type: str) -> float | None:
    """Return after how many days a lifecycle policy deletes blobs in the containers; None means never.

    Rules that are disabled, or for other blob types or containers, do not count. A rule counts even if its prefix is
    only a part of a container. Raise Unreadable if a rule that may delete cannot be read.
    """
    ages: list[float] = []
    wanted = [name.casefold() for name in containers]
    for rule in policy.items("properties.policy.rules"):
        if not rule.flag("enabled", default=True):
            continue
        definition = rule.object("definition")
        delete = definition.object("actions").object("baseBlob", default={}).object("delete", default={})
        stated = [delete.number(age) for age in _AGES if delete.has(age)]
        if stated and _applies(definition.object("filters", default={}), wanted, blob_type):
            ages.append(min(stated))
    return min(ages) if ages else None


def _applies(filters: View, containers: list[str], blob_type: str) -> bool:
    types = [kind.casefold() for kind in filters.texts("blobTypes", default=[])]
    if not _BLOB_TYPES.issuperset(types):
        raise filters.unreadable("blobTypes", "not a list of known types")
    if types and blob_type.casefold() not in types:
        return False
    prefixes = [prefix.casefold() for prefix in filters.texts("prefixMatch", default=[])]
    if not prefixes:
        return True
    return any(
        name.startswith(prefix) or prefix.startswith(f"{name}/") for name in containers for prefix in prefixes
    )
