"""The values that fixes need to create alert rules."""

from __future__ import annotations

from typing import Final

from assessments.fixes.variables import EXAMPLE_GUID, Variable

ALERT_GROUP: Final = Variable("alert_group", "Resource group for the rule", "rg-monitoring")
ACTION_GROUP_ID: Final = Variable(
    "action_group_id",
    "Full id of the action group that is notified",
    f"/subscriptions/{EXAMPLE_GUID}/resourceGroups/rg-monitoring/providers/Microsoft.Insights/actionGroups/ag-security",
)
