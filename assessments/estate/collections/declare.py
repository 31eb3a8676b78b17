"""Functions that declare a collection. A collection is read once for each subscription, for each directory, or for each
document of another collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assessments.estate import targets as t
from assessments.estate.collection import Collection, Definition, Shape, Source
from assessments.estate.estate import UnitKind

IN_SCOPE = "{scope}/providers/"
SINGLE = {"shape": Shape.SINGLE}
OPTIONAL = {"shape": Shape.SINGLE, "absent_is_none": True}
DIAGNOSTIC_SETTING = Definition(
    "azure.mgmt.monitor.v2021_05_01_preview.models:DiagnosticSettingsResource",
    library="azure-mgmt-monitor 6.0.2",
)
"""The definition of a diagnostic setting of a resource."""


def since(version: str, specification: str, later: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Declare the oldest acceptable api-version: the first with the properties that controls read.

    `specification` names the place where the properties were looked up in November 2026: a file below `specification/`
    of https://github.com/Azure/azure-rest-api-specs or, if this repository has no file for the version, one of
    Microsoft's Python libraries. `later` is {newer property that controls read: its first version}.
    """
    return {"oldest_version": version, "specification": specification, "later_properties": later or {}}


def arm(name: str, resource_type: str, title: str, **more: object) -> Collection:
    """Declare a collection that is read for a subscription, from Azure Resource Manager.

    `resource_type` is written as in Bicep: `Microsoft.Sql/servers@2025-01-01`. If `path` or `permission` is not given,
    it is derived from `resource_type`.
    """
    kind, _, version = resource_type.partition("@")
    more.setdefault("resource_type", kind)
    more.setdefault("path", IN_SCOPE + kind)
    more.setdefault("permission", f"{kind}/read")
    return Collection(name=name, api_version=version, title=title, **more)  # type: ignore[arg-type]


def listed(name: str, resource_type: str, title: str, **more: object) -> Collection:
    """Declare a collection that is read for a subscription, but only if the inventory has a resource of the type.

    The inventory is read anyway, so kinds of resources that a customer does not have cost no request.
    """
    more.setdefault("targets", t.subscriptions_with(resource_type.partition("@")[0]))
    return arm(name, resource_type, title, after=("resources",), only_if_listed=True, **more)


def child(parent: str, name: str, resource_type: str, title: str, **more: object) -> Collection:
    """Declare a collection that is read for each document of `parent`, or for each id that `targets` yields.

    The path is the path of the parent followed by the last part of the type, unless `path` is given.
    """
    more.setdefault("path", "{scope}/" + resource_type.partition("@")[0].rpartition("/")[2])
    more.setdefault("targets", t.each(parent))
    more.setdefault("after", (parent,))
    return arm(name, resource_type, title, **more)


def of_tenant(name: str, path: str, version: str, title: str, **more: object) -> Collection:
    """Declare a collection that is read once for a directory, from Azure Resource Manager, outside of subscriptions.

    `path` starts with `/providers/` and the resource type. The permission derives from this type.
    """
    kind = "/".join(path.split("/")[2:4])
    return arm(name, f"{kind}@{version}", title, path=path, unit=UnitKind.DIRECTORY, **more)


def graph(name: str, path: str, permission: str, title: str, **more: object) -> Collection:
    """Declare a collection that is read for a directory, from Microsoft Graph.

    `reference` names the page of https://learn.microsoft.com/graph/api that documents the request.
    """
    more["specification"] = f"https://learn.microsoft.com/graph/api/{more.pop('reference', '')}"
    return Collection(
        name=name,
        path=path,
        permission=permission,
        title=title,
        source=Source.GRAPH,
        unit=UnitKind.DIRECTORY,
        **more,  # type: ignore[arg-type]
    )
