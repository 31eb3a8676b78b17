"""Fixes that send a body with another structure than Azure's answer about the same object."""

from __future__ import annotations

from assessments.fixes.declare import Cli
from tests.assessments.fixes.rendered import fix_of


def test_the_policy_on_moving_subscriptions_has_its_settings_at_the_top() -> None:
    """Source: subscription/…/Microsoft.Subscription/stable/2021-10-01/examples/changeTenantPolicy.json"""
    steps = fix_of("identity-subscription-transfer").steps
    [step] = [step for step in steps if isinstance(step, Cli) and step.bodies]
    assert set(step.bodies["body"]) == {
        "blockSubscriptionsLeavingTenant",
        "blockSubscriptionsIntoTenant",
        "exemptedPrincipals",
    }
