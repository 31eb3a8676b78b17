"""Parse ARM ids and paths. All functions except `normalize` take lower-case paths without a trailing slash.

After its last `/providers/`, a path has the segments `namespace/type/name/type/name...`. If the number of these
segments is even, the path leads to a collection. If it is odd, the path leads to an object. Source: the paths in the
resource providers' REST references and
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.
"""

import re
from typing import NamedTuple

# The list of the events in a subscription's activity log.
ACTIVITY_LOG = "/providers/microsoft.insights/eventtypes/management/values"
_CHANGE = "/providers/microsoft.resources/changes/"
_EVENT = re.compile(r"/events/[^/]+/ticks/\d+")
# For these types, the list at a scope also contains the documents of child scopes.
SUBTREE_TYPES = frozenset(
    {
        "microsoft.authorization/roleassignments",
        "microsoft.authorization/denyassignments",
        "microsoft.authorization/policyassignments",
        "microsoft.authorization/policyexemptions",
        "microsoft.authorization/locks",
        "microsoft.authorization/roleeligibilityscheduleinstances",
        "microsoft.authorization/roleeligibilityschedules",
        "microsoft.authorization/roleassignmentscheduleinstances",
        "microsoft.authorization/roleassignmentschedules",
        "microsoft.security/assessments",
        "microsoft.security/subassessments",
        "microsoft.policyinsights/policystates",
        "microsoft.advisor/recommendations",
        "microsoft.guestconfiguration/guestconfigurationassignments",
        "microsoft.resources/changes",
    }
)
# For these types, the list at a scope also contains the documents of parent scopes, management groups and the tenant
# level.
INHERITED_TYPES = frozenset(
    {
        "microsoft.authorization/roleassignments",
        "microsoft.authorization/roledefinitions",
        "microsoft.authorization/denyassignments",
        "microsoft.authorization/policyassignments",
        "microsoft.authorization/policyexemptions",
        "microsoft.authorization/policydefinitions",
        "microsoft.authorization/policysetdefinitions",
        "microsoft.authorization/roleeligibilityscheduleinstances",
        "microsoft.authorization/roleeligibilityschedules",
        "microsoft.authorization/roleassignmentscheduleinstances",
        "microsoft.authorization/roleassignmentschedules",
        "microsoft.security/assessmentmetadata",
    }
)
# {child type: another type}. At a subscription or another scope above the parent resource, ARM lists the documents of
# the child type under the other type, for example `/subscriptions/<id>/providers/Microsoft.Security/subAssessments`.
LISTED_AS = {"microsoft.security/assessments/subassessments": "microsoft.security/subassessments"}
# {child type: last segment of the path of a list}. Azure lists documents of these types directly below the outermost
# resource, for example at `<id of the vault>/backupProtectedItems`. Some ids in Microsoft's examples omit the level
# `backupFabrics`, so two types belong to the same list.
LISTED_AT_ROOT = {
    "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems": "backupprotecteditems",
    "microsoft.recoveryservices/vaults/protectioncontainers/protecteditems": "backupprotecteditems",
}
# The list of all resources of a subscription also contains documents of these child types. In this list, their names
# contain the name of the parent, for example `machine/extension`.
LISTED_CHILDREN = frozenset(
    {
        "microsoft.compute/virtualmachines/extensions",
        "microsoft.hybridcompute/machines/extensions",
        "microsoft.web/sites/slots",
    }
)
# Types whose documents are not resources of their own. The list of all resources of a subscription does not contain
# documents of these types.
NOT_RESOURCES = (
    "microsoft.authorization/",
    "microsoft.security/",
    "microsoft.advisor/",
    "microsoft.policyinsights/",
    "microsoft.insights/diagnosticsettings",
    "microsoft.guestconfiguration/",
    "microsoft.resources/",
    "microsoft.costmanagement/",
    "microsoft.consumption/",
    "microsoft.maintenance/configurationassignments",
)


_SLASHES = re.compile(r"/{2,}")


def normalize(path: str) -> str:
    """Return the path with single slashes and without a slash at its end."""
    return _SLASHES.sub("/", path).rstrip("/") or "/"


class Parts(NamedTuple):
    """The parts of a path.

    `scope` is the part before the last `/providers/`, or "" at the tenant level. `names` are the parts after the
    namespace. In a path without `/providers/`, `namespace` is "" and `scope` is the whole path.
    """

    scope: str
    namespace: str
    names: list[str]

    @property
    def type(self) -> str:
        """The resource type with its namespace and parent types: `namespace/type/childtype`."""
        return "/".join([self.namespace, *self.names[0::2]])


def split_path(path: str) -> Parts:
    """Return the parts of a path, which is split at its last `/providers/`.

    A path that does not contain `/providers/`, such as `/subscriptions/s/providers`, is not split.
    """
    before, found, after = path.rpartition("/providers/")
    if not found:
        return Parts(path, "", [])
    namespace, *names = after.split("/")
    return Parts(before, namespace, names)


def subscription_of(path: str) -> str | None:
    """Return the id of the subscription in a path. Return None for a path at the tenant level."""
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else None


def group_of(path: str) -> str | None:
    """Return `/subscriptions/s/resourcegroups/g` for a path in a resource group. Return None for any other path."""
    parts = path.split("/", 5)
    return "/".join(parts[:5]) if len(parts) > 4 and parts[3] == "resourcegroups" else None


def root_resource(path: str) -> str | None:
    """Return the path of the outermost resource, `.../providers/namespace/type/name`. Return None if the path has no
    such resource.
    """
    scope, found, after = path.partition("/providers/")
    parts = after.split("/", 3)
    return f"{scope}/providers/{'/'.join(parts[:3])}" if found and len(parts) > 2 else None


def is_region(path: str) -> bool:
    """Return whether `path`, a result of `root_resource`, is a region.

    An example is `/subscriptions/s/providers/microsoft.security/locations/westeurope`.
    """
    return path.rpartition("/")[0].endswith("/locations")


def is_change(key: str) -> bool:
    """Return whether a lower-case id is the id of a change of a resource."""
    return _CHANGE in key


def is_event(key: str) -> bool:
    """Return whether a lower-case id is the id of an event in the activity log of a subscription."""
    return key.startswith("/subscriptions/") and _EVENT.search(key) is not None
