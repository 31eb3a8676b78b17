"""Shared rules for public network access and local accounts, tested with forms of settings that few services have."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.controls.context import Context
from assessments.controls.shared.rules import (
    ACCEPT_FIREWALL,
    ACCEPT_PERIMETER,
    Firewall,
    firewall_in,
    identity_verdicts,
    local_accounts_off,
    public_access_limited,
    public_access_off,
)
from assessments.controls.verdict import Verdict, failed, passed
from assessments.estate.estate import UnitKind
from assessments.estate.view import Unreadable, View
from tests.assessments.controls.judging import estate_of

PARAMETERS = {ACCEPT_PERIMETER.name: True, ACCEPT_FIREWALL.name: True}
ABSENT = failed("on", publicNetworkAccess=None)


def context() -> Context:
    return Context(estate_of(UnitKind.SUBSCRIPTION, {}), PARAMETERS)


def resource(**properties: Any) -> View:
    return View({"id": "/r", "properties": properties})


def limited(firewall: Firewall, **properties: Any) -> Verdict:
    return public_access_limited(ABSENT, firewall)(resource(**properties), context())


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [(["203.0.113.7"], "pass"), ([], "fail"), (["0.0.0.0/1", "128.0.0.0/1"], "fail")],
)
def test_a_firewall_without_default_action_is_on_as_soon_as_it_has_a_rule(
    rules: list[str], outcome: str
) -> None:
    firewall = Firewall(firewall_in("networkRuleSet"), has_default_action=False)
    verdict = limited(
        firewall,
        publicNetworkAccess="enabled",
        networkRuleSet={"ipRules": [{"value": rule} for rule in rules]},
    )
    assert verdict.outcome == outcome
    assert "defaultAction" not in verdict.observed


@pytest.mark.parametrize(("needs_rules", "outcome"), [(True, "fail"), (False, "pass")])
def test_some_services_ignore_a_default_action_without_rules(needs_rules: bool, outcome: str) -> None:
    firewall = Firewall(firewall_in("networkAcls"), needs_rules=needs_rules)
    verdict = limited(firewall, networkAcls={"defaultAction": "Deny", "ipRules": []})
    assert verdict.outcome == outcome


def test_without_a_firewall_every_network_gets_in() -> None:
    verdict = limited(Firewall(lambda _, ctx: None), publicNetworkAccess="Enabled")
    assert (verdict.outcome, verdict.observed["defaultAction"]) == ("fail", None)


def test_a_rule_can_judge_a_resource_that_does_not_say_whether_access_is_on() -> None:
    off = passed("off", publicNetworkAccess=None)
    rule = public_access_off(lambda _, ctx: off)
    assert rule(resource(), context()) == off
    assert rule(resource(publicNetworkAccess="Enabled"), context()).outcome == "fail"


def test_without_a_verdict_for_absence_the_property_is_required() -> None:
    with pytest.raises(Unreadable):
        public_access_off(None)(resource(), context())


@pytest.mark.parametrize(("value", "outcome"), [(True, "pass"), (False, "fail"), (None, "fail")])
def test_the_setting_of_local_accounts_has_another_name_in_some_services(value: Any, outcome: str) -> None:
    verdict = local_accounts_off("azureADOnlyAuthentication")(
        resource(azureADOnlyAuthentication=value), context()
    )
    assert (verdict.outcome, verdict.observed) == (outcome, {"azureADOnlyAuthentication": value})


def test_all_kinds_of_identities_are_known() -> None:
    has, lacks = passed("has"), failed("lacks")
    verdicts = identity_verdicts(has, lacks)
    assert verdicts["SystemAssigned, UserAssigned"] == verdicts["UserAssigned"] == has
    assert verdicts["None"] == lacks
