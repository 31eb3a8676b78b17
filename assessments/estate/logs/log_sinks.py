"""Destinations of diagnostic settings, the logs that they receive, and the rules that delete stored logs.

Sources: https://learn.microsoft.com/rest/api/monitor/diagnostic-settings (2021-05-01-preview),
https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from assessments.estate.view import Unreadable, View

ALL_CATEGORIES = frozenset({"alllogs"})
"""Category groups that contain every category of the activity log.

The group `audit` is not listed: it is a subset of `allLogs`, and Microsoft does not document which categories of the
activity log it contains. https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
"""

# https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
_GROUPS = frozenset({"alllogs", "audit"})
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
    """A place to which a diagnostic setting sends logs. `kind` is storage, workspace, event hub or partner. `id` is
    spelled as in the setting.
    """

    kind: str
    id: str

    @property
    def label(self) -> str:
        """The kind in words: `storage account`, `workspace`, `event hub` or `partner`."""
        return "storage account" if self.kind == "storage" else self.kind


def destinations(setting: View) -> list[Destination]:
    """Return the destinations of a diagnostic setting, ordered by kind.

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
    """Return the enabled categories and category groups of a setting, in lower case. The categories that a group
    contains are not included, because Azure does not return them.
    """
    found = set()
    for log in setting.items("properties.logs"):
        if not log.flag("enabled"):
            continue
        if log.has("categoryGroup"):
            found.add(log.text("categoryGroup").casefold())
        else:
            found.add(log.text("category").casefold())
    return found


def unknown_group(setting: View) -> Unreadable | None:
    """Return an error for the first enabled category group that Surety does not know, or None. Raise Unreadable if the
    logs of the setting cannot be read.
    """
    for log in setting.items("properties.logs"):
        if log.flag("enabled") and log.has("categoryGroup"):
            try:
                log.choice("categoryGroup", _GROUPS)
            except Unreadable as error:
                return error
    return None


@dataclass(frozen=True, slots=True)
class Exported:
    """The logs that several diagnostic settings export together. Only settings with a destination count.

    `categories` are categories and groups in lower case. `settings` is {name of a setting: kinds of its destinations},
    sorted. `problem` is the first error, or None. If there was an error, categories that are missing in `categories`
    may be exported nevertheless.
    """

    categories: frozenset[str]
    settings: Mapping[str, list[str]]
    problem: Unreadable | None


def exported(settings: Iterable[View], kinds: frozenset[str] | None = None) -> Exported:
    """Return the logs that the settings export together. If `kinds` is given, only settings with a destination of one
    of these kinds count.
    """
    categories: set[str] = set()
    used: dict[str, list[str]] = {}
    problem: Unreadable | None = None
    for setting in settings:
        try:
            found = [destination.kind for destination in destinations(setting)]
            if not (found if kinds is None else kinds.intersection(found)):
                continue
            used[setting.name] = found
            categories |= enabled_categories(setting)
            problem = problem or unknown_group(setting)
        except Unreadable as error:
            problem = problem or error
    return Exported(frozenset(categories), dict(sorted(used.items())), problem)


def missing_categories(taken: AbstractSet[str], wanted: Iterable[str]) -> list[str]:
    """Return the categories in `wanted` that are not in `taken`. If `taken` has a category group of ALL_CATEGORIES,
    return no categories.
    """
    if taken & ALL_CATEGORIES:
        return []
    return [category for category in wanted if category.casefold() not in taken]


def account_name(endpoint: str) -> str:
    """Return the name of a storage account from its endpoint, in lower case. No two storage accounts in the same Azure
    cloud have the same name.
    """
    return endpoint.split("://", 1)[-1].split("/", 1)[0].split(".", 1)[0].casefold()


@dataclass(frozen=True, slots=True)
class Deletion:
    """When the lifecycle rules of a storage account delete a log.

    `days` is the lowest age at which a rule deletes the log, or None. `by_tag` has (name of the rule, age in days) for
    each rule that deletes only blobs with certain index tags. Azure writes logs without index tags, but people can add
    index tags.
    """

    days: float | None = None
    by_tag: tuple[tuple[str, float], ...] = ()


def log_folder(container: str, resource_id: str) -> str:
    """Return the folder, with a slash at its end, in which Azure Monitor writes the log of a resource or subscription.

    https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings (naming of blobs)
    """
    return f"{container}/resourceId={resource_id.strip().rstrip('/')}/"


def deletion(policy: View, folder: str, blob_type: str) -> Deletion:
    """Return when a lifecycle policy deletes blobs in a folder. `folder` is the name of a container or a result of
    `log_folder`.

    A rule counts even if its prefix covers only a part of the folder. These rules do not count: disabled rules, rules
    for other blob types or folders, and rules that delete only snapshots or previous versions. Raise Unreadable for an
    unreadable rule that may count.
    """
    ages: list[float] = []
    by_tag: list[tuple[str, float]] = []
    for rule in policy.items("properties.policy.rules"):
        if not rule.flag("enabled", default=True):
            continue
        definition = rule.object("definition")
        delete = definition.object("actions").object("baseBlob", default={}).object("delete", default={})
        stated = [delete.number(age) for age in _AGES if delete.has(age)]
        filters = definition.object("filters", default={})
        if not stated or not _applies(filters, folder, blob_type):
            continue
        if filters.items("blobIndexMatch", default=[]):
            by_tag.append((rule.text("name", default=""), min(stated)))
        else:
            ages.append(min(stated))
    return Deletion(min(ages, default=None), tuple(by_tag))


def _applies(filters: View, folder: str, blob_type: str) -> bool:
    """Return whether the filters of a rule select blobs in the folder. The filter by index tags is ignored."""
    types = filters.choices("blobTypes", _BLOB_TYPES, default=[])
    if types and blob_type.casefold() not in types:
        return False
    prefixes = filters.texts("prefixMatch", default=[])
    return not prefixes or any(_overlap(prefix, folder) for prefix in prefixes)


def _overlap(prefix: str, folder: str) -> bool:
    """Return whether names of blobs in the folder can start with the prefix.

    Below the container, case is ignored. Azure distinguishes upper and lower case in prefixes, but Microsoft's pages
    spell the ids in folders in several ways.
    """
    container, _, inner = folder.partition("/")
    in_container, slash, rest = prefix.partition("/")
    if not slash:
        return container.startswith(in_container)
    inner, rest = inner.casefold(), rest.casefold()
    return container == in_container and (rest.startswith(inner) or inner.startswith(rest))
