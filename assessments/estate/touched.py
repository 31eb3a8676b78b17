"""Decide which stored answers of Azure can be out of date because of operations in the activity log. Pure functions."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from assessments.estate.collection import Collection
from assessments.estate.collections.resources import RESOURCES
from assessments.estate.ids import fold, type_of
from assessments.estate.logs.activity import ActivityEvent

# If the name of an action begins with one of these words, as in `listKeys/action`, the action only reads.
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
# Other actions that only read: https://learn.microsoft.com/azure/role-based-access-control/permissions/
_READING_ACTIONS: Final = frozenset(
    {
        "microsoft.operationalinsights/workspaces/sharedkeys/action",
        "microsoft.web/sites/publishxml/action",
        "microsoft.web/sites/slots/publishxml/action",
        "microsoft.network/networkinterfaces/effectivenetworksecuritygroups/action",
        "microsoft.network/networkinterfaces/effectiveroutetable/action",
        "microsoft.resources/deployments/whatif/action",
    }
)
# Pausing or resuming a SQL database changes no property that controls read, so these actions are ignored. If they
# counted as changes, Surety would read the paused database again, and this would resume the database:
# https://learn.microsoft.com/azure/azure-sql/database/serverless-tier-monitor
_DATABASE_ACTION: Final = "microsoft.sql/servers/databases/"
_PAUSING: Final = ("pause/action", "resume/action")
# After one of these operations, every stored answer about the subscription may be out of date.
_SWEEPING: Final = (
    "microsoft.resources/subscriptions/resourcegroups/delete",
    "microsoft.resources/subscriptions/resourcegroups/moveresources/action",
    "microsoft.resources/moveresources/action",
)
# {provider of a changed resource: providers whose resources Azure may update at the same time}. Resources of these
# providers name each other: for example, a network interface names its virtual machine.
_LINKED: Final = {
    "microsoft.network": ("microsoft.network",),
    "microsoft.compute": ("microsoft.compute", "microsoft.network"),
}
# {type of a request of Privileged Identity Management: type of the resource that the request creates, changes or ends}.
# The activity log names the request, and not the resource.
# https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-requests
_REQUESTED: Final = {
    "microsoft.authorization/roleassignmentschedulerequests": "microsoft.authorization/roleassignments",
    "microsoft.authorization/roleeligibilityschedulerequests": (
        "microsoft.authorization/roleeligibilityscheduleinstances"
    ),
}
# Each resource in a network security perimeter has child resources with the perimeter's access rules. So a change of
# the perimeter also changes these child resources.
# https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts
_PERIMETER: Final = "microsoft.network/networksecurityperimeters"
_IN_PERIMETER: Final = "/networksecurityperimeterconfigurations"
# If the type of a resource begins with one of these texts, the resource is not in the list of all resources of a
# subscription.
_NOT_LISTED: Final = (
    "microsoft.authorization/",
    "microsoft.security/",
    "microsoft.advisor/",
    "microsoft.policyinsights/",
    "microsoft.insights/diagnosticsettings",
    "microsoft.guestconfiguration/",
    "microsoft.resources/",
)
_TAGS: Final = "/providers/microsoft.resources/tags/"
_ALL_RESOURCES: Final = fold(RESOURCES.resource_type)


def changes_something(event: ActivityEvent) -> bool:
    """Return whether the operation of an event can have changed a configuration. Actions such as `listKeys` only
    read, and a database that pauses or resumes keeps its configuration."""
    operation = fold(event.operation)
    is_pause = operation.startswith(_DATABASE_ACTION) and operation.endswith(_PAUSING)
    return not is_pause and is_writing(operation)


def is_writing(operation: str) -> bool:
    """Return whether an ARM action can change a configuration."""
    *_, name, verb = ("", *fold(operation).split("/"))
    return verb != "action" or not (name.startswith(_READING) or fold(operation) in _READING_ACTIONS)


def is_sweeping(event: ActivityEvent) -> bool:
    """Return whether the event's operation can have changed resources that the event does not name."""
    return fold(event.operation) in _SWEEPING


@dataclass(frozen=True, slots=True)
class Touched:
    """The resources that the events of one subscription name as changed.

    `ids` are the ids of the resources, `types` their types and the types of their parents, all in lower case.
    `list_differs` is true if the stored list of all resources may be out of date: a resource may have been created or
    deleted, or tags may have changed.
    """

    ids: frozenset[str]
    types: frozenset[str]
    list_differs: bool

    @classmethod
    def by(cls, events: Iterable[ActivityEvent], listed: Container[str]) -> Touched:
        """Return the resources that the events name. `listed` has the lower-case ids in the stored list of all
        resources.
        """
        ids: set[str] = set()
        types: set[str] = set()
        list_differs = False
        for event in events:
            # If somebody changes tags in the Azure portal, the id in the event is the id of the tagged resource, with
            # `_TAGS` and more text at the end. The tags are in the documents of the tagged resource, so use only the
            # id of the tagged resource.
            identifier, tags, _ = fold(event.resource_id).partition(_TAGS)
            list_differs = list_differs or bool(tags)
            ids.add(identifier)
            kind = _kind(identifier)
            types.update(_with_parents(kind))
            types.update(_with_parents(_REQUESTED.get(kind, kind)))
            if kind.count("/") == 1 and not f"{kind}/".startswith(_NOT_LISTED):
                is_deleted = fold(event.operation).endswith("/delete")
                list_differs = list_differs or is_deleted or identifier not in listed
        return cls(frozenset(ids), frozenset(types), list_differs)

    def concerns(self, collection: Collection, scope: str) -> bool:
        """Return whether the stored answer of a collection at a scope can be out of date because these resources
        changed.
        """
        folded, kind = fold(scope), fold(collection.resource_type)
        if kind.endswith(_IN_PERIMETER) and _PERIMETER in self.types:
            return True
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
        # A change of a resource group itself changes no other resources. The same is true for role assignments and all
        # other resources of Microsoft.Authorization.
        return False
    return touched == scope or scope.startswith(f"{touched}/") or touched.startswith(f"{scope}/")


def _kind(identifier: str) -> str:
    if found := type_of(identifier):
        return found
    below = identifier.split("/")[3:]
    return "microsoft.resources/subscriptions" + (f"/{below[0]}" if below else "")


def _with_parents(kind: str) -> set[str]:
    parts = kind.split("/")
    return {"/".join(parts[:count]) for count in range(2, len(parts) + 1)}
