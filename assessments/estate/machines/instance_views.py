"""Read the instance views of virtual machines, which contain the power state, the agent and patches. Pure functions.

The instance views in the list of virtual machines (`statusOnly=true`) may lack the reports of the agent. So Surety also
reads the instance view of each running machine with a request of its own. Source:
https://learn.microsoft.com/rest/api/compute/virtual-machines/instance-view
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assessments.estate.view import View

OFF = frozenset({"deallocated", "deallocating", "stopped", "stopping"})
"""The power states of a machine that is stopped or being stopped."""


def only_instance_view(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return only the id, name, type and instance view of a machine's document.

    The instance view is returned without `extensions`. No control reads this part, and its messages contain what
    scripts have printed, which can be passwords:
    https://learn.microsoft.com/azure/virtual-machines/extensions/troubleshoot
    """
    slim = {key: body[key] for key in ("id", "name", "type") if key in body}
    properties = body.get("properties")
    if isinstance(properties, Mapping):
        slim["properties"] = {}
        if "instanceView" in properties:
            slim["properties"]["instanceView"] = _without_extensions(properties["instanceView"])
    return slim


def _without_extensions(instance_view: Any) -> Any:
    if not isinstance(instance_view, Mapping):
        return instance_view
    return {key: value for key, value in instance_view.items() if key != "extensions"}


def power_state(view: View) -> str:
    """Return the power state of an instance view in lower case, such as `running`. Raise Unreadable if a
    property is missing or invalid.
    """
    for status in view.items("statuses"):
        kind, _, state = status.text("code").partition("/")
        if kind.casefold() == "powerstate":
            return state.casefold()
    raise view.unreadable("statuses", "without a power state")


def provisioned_at(view: View) -> tuple[bool, datetime | None]:
    """Return (whether Azure is creating or changing the machine, time of the last creation or change).

    Starting a machine counts as a change. The time is None if the last creation or change has failed or is still in
    progress, or if Azure does not state the time.
    https://learn.microsoft.com/azure/virtual-machines/states-billing
    """
    for status in view.items("statuses"):
        kind, _, state = status.text("code").casefold().partition("/")
        if kind == "provisioningstate":
            is_done = state == "succeeded"
            return state in ("creating", "updating"), status.time("time", default=None) if is_done else None
    return False, None
