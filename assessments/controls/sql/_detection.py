"""Whether threat detection is on for a server or managed instance: what the threat controls share."""

from __future__ import annotations

from dataclasses import dataclass

from assessments.controls.context import CollectionUnavailable, Context
from assessments.estate.collections.defender import PRICINGS
from assessments.estate.collections.sql import (
    MANAGED_INSTANCE_ATP,
    MANAGED_INSTANCES,
    SQL_ALERT_POLICIES,
    SQL_ATP_SETTINGS,
)
from assessments.estate.ids import subscription_of
from assessments.estate.view import View

NEEDS = (SQL_ALERT_POLICIES, SQL_ATP_SETTINGS, PRICINGS)
INSTANCE_NEEDS = (MANAGED_INSTANCES, MANAGED_INSTANCE_ATP, PRICINGS)
# The older resource is gone where it answers so; the newer one holds the same state.
_SUPERSEDED = {404, 405}


@dataclass(frozen=True, slots=True)
class Detection:
    """`policy` is None where only the newer resource was asked or answered, which holds just the state."""

    state: str
    by_plan: bool
    policy: View | None

    @property
    def on(self) -> bool:
        """Enabled for the server, or left alone under the subscription's plan."""
        return self.state == "enabled" or self.by_plan


def detection(server: View, ctx: Context) -> Detection:
    """Read a server's threat detection; raises CollectionUnavailable or Unreadable where it cannot be decided."""
    policy, gap = _policy(server, ctx)
    source = policy
    if gap:
        source = ctx.single(SQL_ATP_SETTINGS, server.id)
    if source is None:
        raise server.unreadable("securityAlertPolicies/Default", "absent")
    state = _state(source)
    return Detection(state, state == "new" and plan_is_on(server, ctx), policy)


def instance_detection(instance: View, ctx: Context) -> Detection:
    """The same of a managed instance, from its `advancedThreatProtectionSettings/Default`."""
    setting = ctx.single(MANAGED_INSTANCE_ATP, instance.id)
    if setting is None:
        raise instance.unreadable("advancedThreatProtectionSettings/Default", "absent")
    state = _state(setting)
    return Detection(state, state == "new" and plan_is_on(instance, ctx), None)


def _state(setting: View) -> str:
    state = setting.text("properties.state").casefold()
    if state not in {"enabled", "disabled", "new"}:
        raise setting.unreadable("properties.state", f"{state!r}, which is not known")
    return state


def policy_of(server: View, found: Detection, ctx: Context) -> View:
    """The policy with the server's settings; CollectionUnavailable where only the newer resource is there."""
    if found.policy is None:
        gap = ctx.gap_at(SQL_ALERT_POLICIES, server.id)
        if gap:
            raise CollectionUnavailable(gap)
        raise server.unreadable("securityAlertPolicies/Default", "absent")
    return found.policy


def plan_is_on(server: View, ctx: Context) -> bool:
    """Whether the subscription's Defender plan for SQL servers is Standard."""
    for plan in ctx.documents_at(PRICINGS, f"/subscriptions/{subscription_of(server.id)}"):
        if plan.name.casefold() == "sqlservers":
            return plan.text("properties.pricingTier").casefold() == "standard"
    return False


def _policy(server: View, ctx: Context) -> tuple[View | None, bool]:
    """The older resource, and whether the newer one has to be asked instead."""
    gap = ctx.gap_at(SQL_ALERT_POLICIES, server.id)
    if gap is None:
        return ctx.single(SQL_ALERT_POLICIES, server.id), False
    if gap.status not in _SUPERSEDED:
        raise CollectionUnavailable(gap)
    return None, True
