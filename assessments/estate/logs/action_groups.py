"""Determine whether an action group has working receivers. Pure functions.

Source: https://learn.microsoft.com/rest/api/monitor/action-groups/get
"""

from __future__ import annotations

import re

from assessments.estate.view import Unreadable, View

# The statuses of receivers that get messages. A receiver of text messages with the status NotSpecified gets messages
# until somebody unsubscribes it.
_SUBSCRIBED = {
    "emailReceivers": frozenset({"enabled"}),
    "smsReceivers": frozenset({"enabled", "notspecified"}),
}
_STATUSES = frozenset({"enabled", "disabled", "notspecified"})
# RECEIVERS does not have `incidentReceivers`. Only preview api-versions return such receivers, which notify only
# Microsoft's internal incident management.
RECEIVERS = (
    "emailReceivers",
    "smsReceivers",
    "webhookReceivers",
    "itsmReceivers",
    "azureAppPushReceivers",
    "automationRunbookReceivers",
    "voiceReceivers",
    "logicAppReceivers",
    "azureFunctionReceivers",
    "armRoleReceivers",
    "eventHubReceivers",
)


def is_enabled(group: View) -> bool:
    """Return whether the group is enabled."""
    return group.object("properties").flag("enabled")


def reached(group: View) -> dict[str, int]:
    """Return {kind of receivers: number of working receivers}. Kinds that have no working receiver are left out.

    Raise Unreadable if no receiver works and some receivers could not be read.
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
        raise receiver.unknown_value("status", status)
    return status.casefold() in _SUBSCRIBED[kind]


def receiver_label(kind: str) -> str:
    """Return a kind of receivers in words: `emailReceivers` → `email`, `azureAppPushReceivers` → `azure app push`."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", kind.removesuffix("Receivers"))
    return " ".join(words).lower()
