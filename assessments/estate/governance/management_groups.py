"""Find the management groups above a subscription, and read which logs they export. Pure functions.

A diagnostic setting of a management group can export the categories Administrative and Policy. The setting exports the
events of the groups below this management group, and "many of the events" of their subscriptions. The setting exports
no events of resource providers outside of Azure Resource Manager.

Sources: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log ("Export management group activity logs")
and https://github.com/Azure/ALZ-Bicep (module mgDiagSettings)
"""

from __future__ import annotations

from collections.abc import Iterable

from assessments.estate.estate import Estate
from assessments.estate.logs.log_sinks import (
    ALL_CATEGORIES,
    REQUIRED_CATEGORIES,
    destinations,
    enabled_categories,
    missing_categories,
)
from assessments.estate.view import Unreadable, View

# This query of Resource Graph returns the readable management groups above a subscription. Azure Resource Manager has
# two requests that return management groups. Surety uses neither: the list needs a permission at each group, and
# `getEntities` is a POST.
# https://learn.microsoft.com/azure/governance/management-groups/resource-graph-samples
ANCESTORS = """\
resourcecontainers
| where type =~ 'microsoft.resources/subscriptions'
| mv-expand group = properties.managementGroupAncestorsChain
| where isnotempty(group.name)
| project id = strcat(id, '/providers/Microsoft.Management/managementGroups/', group.name), \
name = tostring(group.name), type = 'Microsoft.Management/managementGroups', \
properties = bag_pack('displayName', group.displayName)
| order by id asc"""

_OF_GROUPS = frozenset({"administrative", "policy"})


def subscription_without_export(estate: Estate) -> Iterable[str]:
    """Yield the unit's subscription unless its own settings certainly export every required category."""
    exported: set[str] = set()
    for setting in estate.documents("activity_log_settings"):
        try:
            if destinations(setting):
                exported |= enabled_categories(setting)
        except Unreadable:
            continue  # the unreadable setting may export nothing
    if missing_categories(exported, REQUIRED_CATEGORIES):
        yield estate.scope_id


def names(estate: Estate) -> Iterable[str]:
    """Return the names of the management groups above the subscription."""
    return sorted({view.name for view in estate.documents("management_groups") if view.name})


def exported_by_group(setting: View) -> set[str]:
    """Return the categories, in lower case, of subscription events that a diagnostic setting of a management group
    exports. The category group `allLogs` stands for Administrative and Policy here.
    """
    found = enabled_categories(setting)
    return (found - ALL_CATEGORIES) | (_OF_GROUPS if found & ALL_CATEGORIES else frozenset())
