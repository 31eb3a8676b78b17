"""Which answers of Azure can differ after operations in the activity log. Pure functions."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from assessments.estate.collection import Collection
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold, type_of
from assessments.estate.logs.activity import ActivityEvent

# Actions whose names begin with these words only read, such as `listKeys/action`.
_READING: Final = (
    "list",
    "get",
    "read",
    "check",
    "validate",
    "query",
    "search",
    "export",
    "download",
    "preview",
)
# After these operations, anything that was read of the subscription may have changed.
_SWEEPING: Final = (
    "microsoft.resources/subscriptions/resourcegroups/delete",
    "microsoft.resources/subscriptions/resourcegroups/moveresources/action",
    "microsoft.resources/moveresources/action",
)
# Resources of these providers refer to each other, and Azure updates both resources if one of them changes. For
# example, a network interface names its virtual machine, and a security group names its subnets.
_LINKED: Final = {
    "microsoft.network": ("microsoft.network",),
    "microsoft.compute": ("microsoft.compute", "microsoft.network"),
}
# Documents of these types are not in the list of all resources.
_NOT_LISTED: Final = (
    "microsoft.authorization/",
    "microsoft.security/",
    "microsoft.advisor/",
    "microsoft.policyinsights/",
    "microsoft.insights/diagnosticsettings",
    "microsoft.guestconfiguration/",
    "microsoft.resources/",
)
_ALL_RESOURCES: Final = fold(RESOURCES.resource_type)


def changes_something(event: ActivityEvent) -> bool:
    """Return whether the operation can have changed a configuration; actions such as `listKeys` only read."""
    return is_writing(event.operation)


def is_writing(operation: str) -> bool:
    """Return whether an ARM action can change a configuration."""
    *_, name, verb = ("", *fold(operation).split("/"))
    return verb != "action" or not name.startswith(_READING)


def is_sweeping(event: ActivityEvent) -> bool:
    """Return whether the operation can have changed more resources than it names."""
    return fold(event.operation) in _SWEEPING


@dataclass(frozen=True, slots=True)
class Touched:
    """The resources that operations named, in one subscription.

    `ids` and `types` are in lower case. `types` also has the types of the resources that contain a named resource.
    `list_differs`: a resource may have been created or deleted, so the stored list of all resources may be out of date.
    """

    ids: frozenset[str]
    types: frozenset[str]
    list_differs: bool

    @classmethod
    def by(cls, events: Iterable[ActivityEvent], listed: Container[str]) -> Touched:
        """Return what the operations touched. `listed` are the lower-case ids in the stored list of all
        resources.
        """
        ids: set[str] = set()
        types: set[str] = set()
        list_differs = False
        for event in events:
            identifier = fold(event.resource_id)
            ids.add(identifier)
            kind = _kind(identifier)
            types.update(_with_parents(kind))
            if kind.count("/") == 1 and not f"{kind}/".startswith(_NOT_LISTED):
                is_deleted = fold(event.operation).endswith("/delete")
                list_differs = list_differs or is_deleted or identifier not in listed
        return cls(frozenset(ids), frozenset(types), list_differs)

    def concerns(self, collection: Collection, scope: str) -> bool:
        """Return whether the answer of the collection at the scope can differ because of the operations."""
        folded, kind = fold(scope), fold(collection.resource_type)
        if not folded.startswith("/subscriptions/"):
            return kind in self.types
        if folded.count("/") == 2:
            if kind == _ALL_RESOURCES:
                return self.list_differs
            return kind in self.types or kind.partition("/")[0] in self._linked
        return any(_is_related(one, folded) for one in self.ids)

    @property
    def _linked(self) -> frozenset[str]:
        providers = {kind.partition("/")[0] for kind in self.types}
        return frozenset(linked for provider in providers for linked in _LINKED.get(provider, ()))


def _is_related(touched: str, scope: str) -> bool:
    if "/providers/" not in touched or _kind(touched).startswith("microsoft.authorization/"):
        return False  # A role assignment or tag of a resource group does not change the group's resources.
    return touched == scope or scope.startswith(f"{touched}/") or touched.startswith(f"{scope}/")


def _kind(identifier: str) -> str:
    if found := type_of(identifier):
        return found
    below = identifier.split("/")[3:]
    return "microsoft.resources/subscriptions" + (f"/{below[0]}" if below else "")


def _with_parents(kind: str) -> set[str]:
    parts = kind.split("/")
    return {"/".join(parts[:count]) for count in range(2, len(parts) + 1)}
