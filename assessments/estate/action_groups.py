"""Action groups: whether one reaches anybody. Pure.

Source: https://learn.microsoft.com/rest/api/monitor/action-groups/get
"""

from __future__ import annotations

from assessments.estate.view import Unreadable, View

# An e-mail receiver counts only when it is subscribed; of the others only a text message can be refused.
_SUBSCRIBED = {
    "emailReceivers": frozenset({"enabled"}),
    "smsReceivers": frozenset({"enabled", "notspecified"}),
}
_STATUSES = frozenset({"enabled", "disabled", "notspecified"})
RECEIVERS = (
    "emailReceivers", "smsReceivers", "webhookReceivers", "itsmReceivers", "azureAppPushReceivers",
    "automationRunbookReceivers", "voiceReceivers", "logicAppReceivers", "azureFunctionReceivers",
    "armRoleReceivers", "eventHubReceivers", "incidentReceivers",
)  # fmt: skip


def is_enabled(group: View) -> bool:
    """Whether the group is enabled."""
    return group.object("properties").flag("enabled")


def reached(group: View) -> dict[str, int]:
    """{kind of receiver: how many count}, kinds without any left out.

    Unreadable where none counts and some could not be read.
    """
    properties = group.object("properties")
    found: dict[str, int] = {}
    problem: Unreadable | None = None
    for kind in RECEIVERS:
        try:
            receivers = properties.items(kind, default=[])
        except Unreadable as error:
            problem = problem or error
            continue
        for receiver in receivers:
            try:
                counts = _counts(receiver, kind)
            except Unreadable as error:
                problem = problem or error
                continue
            if counts:
                found[kind] = found.get(kind, 0) + 1
    if problem and not found:
        raise problem
    return found


def _counts(receiver: View, kind: str) -> bool:
    if not receiver.body:
        raise receiver.unreadable("name", "absent")
    if kind not in _SUBSCRIBED:
        return True
    status = (
        receiver.text("status") if kind == "emailReceivers" else receiver.text("status", default="Enabled")
    )
    if status.casefold() not in _STATUSES:
        raise receiver.unreadable("status", f"{status!r}, which is not known")
    return status.casefold() in _SUBSCRIBED[kind]
