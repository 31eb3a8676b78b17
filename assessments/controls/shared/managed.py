"""Find resources in managed resource groups. Another resource, such as an Azure Databricks workspace, manages such a
group.
"""

from __future__ import annotations

from typing import Final

from assessments.controls.context import Context
from assessments.controls.declare import Parameter
from assessments.controls.references import Partly, Setting
from assessments.controls.verdict import Verdict, not_applicable
from assessments.estate.collections.resources import MANAGED_RESOURCE_GROUPS
from assessments.estate.view import View

MANAGED_GROUPS: Final = Parameter(
    "managed_groups",
    "remark",
    "Verdict on resources in a resource group that another resource manages: remark (judged, with a remark if Azure"
    " refuses changes), or na (not applicable)",
    label="Resources that another resource manages",
    choices=("remark", "na"),
)


MANAGED_CAN_BE_LEFT_OUT: Final = (
    "With `managed_groups` set to `na`, resources in a resource group that another resource manages, such as Azure"
    " Databricks, are not applicable."
)


def managed_group(resource: View, ctx: Context) -> View | None:
    """Return the managed resource group that contains the resource, or None.

    The control must name MANAGED_RESOURCE_GROUPS in `needs`. Raise CollectionUnavailable or Unreadable if needed data
    could not be read.
    """
    group = ctx.find(MANAGED_RESOURCE_GROUPS, "/".join(resource.id.split("/")[:5]))
    if group is None:
        ctx.require_complete(MANAGED_RESOURCE_GROUPS)
        for unnamed in (one for one in ctx.estate.documents(MANAGED_RESOURCE_GROUPS.name) if not one.id):
            raise unnamed.unreadable("id", "absent")
    return group


def unless_managed(resource: View, ctx: Context) -> Verdict | None:
    """Return a not-applicable verdict if the parameter MANAGED_GROUPS excludes managed resource groups and the resource
    is in such a group.

    The control must name MANAGED_RESOURCE_GROUPS in `needs`. Raise CollectionUnavailable or Unreadable if needed data
    could not be read.
    """
    if ctx.params[MANAGED_GROUPS.name] != "na":
        return None
    group = managed_group(resource, ctx)
    if group is None:
        return None
    return not_applicable(
        "Another resource manages the resource group, so Azure may refuse or undo changes",
        managedBy=group.text("managedBy"),
    )


def judges_managed(numbers: str) -> Partly:
    """Return the statement that a control checks the requirements `numbers` only partly: the control can leave out
    managed resource groups. The statement does not apply if the parameter MANAGED_GROUPS is `remark`.
    """
    return Partly(
        numbers,
        "The control’s parameters can leave out resources in managed resource groups",
        unless=(Setting(MANAGED_GROUPS.name, equal="remark"),),
    )
