"""The shape of ARM ids and paths, all on case-folded text without slash at the end.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules and the
paths of the resource providers' REST references. A path's part after its last `/providers/` is
`namespace/type/name/type/name...`: an even number of parts means a collection, an odd one a single object.
"""

import re
from typing import NamedTuple

# Listed at a scope together with what lies below it (role assignments "for subscription" include child
# scopes, and so on).
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
        "microsoft.advisor/recommendations",
        "microsoft.guestconfiguration/guestconfigurationassignments",
    }
)
# Listed at a scope together with what it inherits: management groups' and tenant-level documents, and those
# of scopes above.
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
# Child types that have a list of their own at any scope above.
LISTED_AS = {"microsoft.security/assessments/subassessments": "microsoft.security/subassessments"}
# Types that hang on other resources or on a group without being resources of their own: not in
# `{S}/resources`.
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
    """The path without double slashes and without a slash at its end."""
    return _SLASHES.sub("/", path).rstrip("/") or "/"


class Parts(NamedTuple):
    """A path taken apart.

    `scope` is all before the last /providers/ ("" for tenant level), `names` what follows the namespace.
    Without any /providers/ `namespace` is "" and `scope` the whole path.
    """

    scope: str
    namespace: str
    names: list[str]

    @property
    def type(self) -> str:
        """`namespace/type/childtype`, from the ids' own words."""
        return "/".join([self.namespace, *self.names[0::2]])


def split_path(path: str) -> Parts:
    """Split at the last `/providers/`. `/subscriptions/s/providers` alone counts as a path without one."""
    before, found, after = path.rpartition("/providers/")
    if not found:
        return Parts(path, "", [])
    namespace, *names = after.split("/")
    return Parts(before, namespace, names)


def subscription_of(path: str) -> str | None:
    """The subscription's id segment, None for a path of the tenant's level."""
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "subscriptions" else None


def group_of(path: str) -> str | None:
    """`/subscriptions/s/resourcegroups/g` of a path inside a resource group, else None."""
    parts = path.split("/", 5)
    return "/".join(parts[:5]) if len(parts) > 4 and parts[3] == "resourcegroups" else None


def root_resource(path: str) -> str | None:
    """`.../providers/namespace/type/name` of the outermost resource that a path lies at or under; None if
    there is none.
    """
    scope, found, after = path.partition("/providers/")
    parts = after.split("/", 3)
    return f"{scope}/providers/{'/'.join(parts[:3])}" if found and len(parts) > 2 else None


def is_region(path: str) -> bool:
    """Whether a root resource is really a region: `{S}/providers/Microsoft.Security/locations/westeurope`."""
    return path.rpartition("/")[0].endswith("/locations")
