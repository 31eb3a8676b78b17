"""The structure of ARM ids and paths. All functions take lower-case paths without a trailing slash.

A path's part after its last `/providers/` is `namespace/type/name/type/name...`: with an even number of parts it is
a collection, with an odd number a single object. Source: the paths in the resource providers' REST references and
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules.
"""

import re
from typing import NamedTuple

# The list of the events in a subscription's activity log.
ACTIVITY_LOG = "/providers/microsoft.insights/eventtypes/management/values"
_CHANGE = "/providers/microsoft.resources/changes/"
_EVENT = re.compile(r"/events/[^/]+/ticks/\d+")
# The list of one of these types at a scope also contains the documents of child scopes.
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
# The list of one of these types at a scope also contains the documents of parent scopes, management groups and the
# tenant level.
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
# {child type: the type that lists its documents at scopes above their parent, such as
# `/subscriptions/<id>/providers/Microsoft.Security/subAssessments`}
LISTED_AS = {"microsoft.security/assessments/subassessments": "microsoft.security/subassessments"}
# {child type: last segment of the path at which its outermost resource lists its documents}, such as
# `<id of the vault>/backupProtectedItems`. The levels between the outermost resource and the child do not matter: in
# Microsoft's examples of the list of backup items, the ids lack `backupFabrics`.
LISTED_AT_ROOT = {
    "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems": "backupprotecteditems",
    "microsoft.recoveryservices/vaults/protectioncontainers/protecteditems": "backupprotecteditems",
}
# Child types that are also in the list of a subscription's resources, with names such as `machine/extension`.
LISTED_CHILDREN = frozenset(
    {
        "microsoft.compute/virtualmachines/extensions",
        "microsoft.hybridcompute/machines/extensions",
        "microsoft.web/sites/slots",
    }
)
# Types whose documents are not resources of their own, so the list of a subscription's resources omits them.
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

    `scope`: the part before the last /providers/, "" at the tenant level. `names`: the parts after the namespace.
    In a path without /providers/, `namespace` is "" and `scope` is the whole path.
    """

    scope: str
    namespace: str
    names: list[str]

    @property
    def type(self) -> str:
        """`namespace/type/childtype`."""
        return "/".join([self.namespace, *self.names[0::2]])


def split_path(path: str) -> Parts:
    """Split a path at its last `/providers/`. A path such as `/subscriptions/s/providers`, which contains none, is not
    split.
    """
    before, found, after = path.rpartition("/providers/")
    if not found:
        return Parts(path, "", [])
    namespace, *names = after.split("/")
    return Parts(before, namespace, names)


def subscription_of(path: str) -> str | None:
    """Return the subscription's id; None for a path at the tenant level."""
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else None


def group_of(path: str) -> str | None:
    """Return `/subscriptions/s/resourcegroups/g` for a path in a resource group, else None."""
    parts = path.split("/", 5)
    return "/".join(parts[:5]) if len(parts) > 4 and parts[3] == "resourcegroups" else None


def root_resource(path: str) -> str | None:
    """Return `.../providers/namespace/type/name` of the outermost resource in the path; None if there is none."""
    scope, found, after = path.partition("/providers/")
    parts = after.split("/", 3)
    return f"{scope}/providers/{'/'.join(parts[:3])}" if found and len(parts) > 2 else None


def is_region(path: str) -> bool:
    """Return whether a root resource is a region, as in
    `/subscriptions/s/providers/Microsoft.Security/locations/westeurope`.
    """
    return path.rpartition("/")[0].endswith("/locations")


def is_change(key: str) -> bool:
    """Return whether a lower-case id is that of a change of a resource."""
    return _CHANGE in key


def is_event(key: str) -> bool:
    """Return whether a lower-case id is that of an event in the activity log of a subscription."""
    return key.startswith("/subscriptions/") and _EVENT.search(key) is not None
