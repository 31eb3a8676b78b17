"""Read whether threat detection is on for a SQL server or managed instance. The controls of threat detection share
this module.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessments.controls.context import CollectionUnavailable, Context
from assessments.controls.shared.defender_plans import is_paid
from assessments.estate.collections.defender import PRICINGS
from assessments.estate.collections.sql import (
    MANAGED_INSTANCE_ATP,
    MANAGED_INSTANCES,
    SQL_ALERT_POLICIES,
    SQL_ATP_SETTINGS,
)
from assessments.estate.ids import subscription_of
from assessments.estate.view import View

SERVER_NEEDS = (SQL_ALERT_POLICIES, SQL_ATP_SETTINGS, PRICINGS)
INSTANCE_NEEDS = (MANAGED_INSTANCES, MANAGED_INSTANCE_ATP, PRICINGS)
# Each of these status codes means that Azure no longer offers the security alert policy of the server. The newer
# advanced threat protection setting then says whether threat detection is on.
_SUPERSEDED_STATUSES = {404, 405}


@dataclass(frozen=True, slots=True)
class Detection:
    """The threat detection of one SQL server or managed instance. `state` is enabled, disabled or new.

    `by_plan` is true if the state is new (never changed), and the subscription's Defender plan for SQL servers enables
    threat detection. `policy` is the security alert policy, or None if only the advanced threat protection setting was
    read.
    """

    state: str
    by_plan: bool
    policy: View | None

    @property
    def on(self) -> bool:
        """Whether threat detection is on: the state is enabled, or the Defender plan enables it (`by_plan`)."""
        return self.state == "enabled" or self.by_plan


def server_detection(server: View, ctx: Context) -> Detection:
    """Read the threat detection of a server. Raise CollectionUnavailable or Unreadable if needed data could not be
    read.
    """
    policy, is_superseded = _policy(server, ctx)
    source = policy
    if is_superseded:
        source = ctx.single(SQL_ATP_SETTINGS, server.id)
    if source is None:
        raise server.unreadable("securityAlertPolicies/Default", "absent")
    state = _state(source)
    return Detection(state, state == "new" and plan_is_on(server, ctx), policy)


def instance_detection(instance: View, ctx: Context) -> Detection:
    """Read the threat detection of a managed instance from its `advancedThreatProtectionSettings/Default`."""
    setting = ctx.single(MANAGED_INSTANCE_ATP, instance.id)
    if setting is None:
        raise instance.unreadable("advancedThreatProtectionSettings/Default", "absent")
    state = _state(setting)
    return Detection(state, state == "new" and plan_is_on(instance, ctx), None)


def _state(setting: View) -> str:
    return setting.choice("properties.state", {"enabled", "disabled", "new"})


def policy_of(server: View, found: Detection, ctx: Context) -> View:
    """Return the security alert policy of a server.

    Raise CollectionUnavailable or Unreadable if only the advanced threat protection setting was read.
    """
    if found.policy is None:
        gap = ctx.gap_at(SQL_ALERT_POLICIES, server.id)
        if gap:
            raise CollectionUnavailable(gap)
        raise server.unreadable("securityAlertPolicies/Default", "absent")
    return found.policy


def plan_is_on(server: View, ctx: Context) -> bool:
    """Return whether the subscription's Defender plan for SQL servers is Standard."""
    for plan in ctx.documents_at(PRICINGS, f"/subscriptions/{subscription_of(server.id)}"):
        if plan.name.casefold() == "sqlservers":
            return is_paid(plan)
    return False


def _policy(server: View, ctx: Context) -> tuple[View | None, bool]:
    """Return (the security alert policy, whether the advanced threat protection setting must be read instead)."""
    gap = ctx.gap_at(SQL_ALERT_POLICIES, server.id)
    if gap is None:
        return ctx.single(SQL_ALERT_POLICIES, server.id), False
    if gap.status not in _SUPERSEDED_STATUSES:
        raise CollectionUnavailable(gap)
    return None, True
