"""What reports state about an organization's own controls, and about units with the same name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assessments.actions.own_controls import set_state
from assessments.models import OwnControl
from portal.reports.parts import coverage, identity, results, scope
from portal.reports.parts.by_subscription import unit_results
from portal.reports.parts.part import ReportFacts
from tenants.models import Organization, Person, Subscription
from tenants.scope import organization_scope
from tests import factories
from tests.assessments.own.published import example, publish_control
from tests.portal.reports.unusual_customers.assessed import Read, assess, customer, facts_of, words_of
from tests.portal.reports.unusual_customers.histories import held_to, number, printed

CONTROLS = ("storage-secure-transfer", "storage-sas-expiry", "identity-guests-limited")


def publish(owner: Organization, severity: str) -> OwnControl:
    return publish_control(owner, example(owner).replace("severity: low", f"severity: {severity}"))


def switch(owner: Organization, row: OwnControl, state: str) -> None:
    with organization_scope(owner):
        row.refresh_from_db()
        set_state(control=row, by=factories.person(), state=state, reason="A policy of Azure does this.")


def in_german(facts: ReportFacts) -> str:
    found = facts.of(identity.PART)
    german = replace(found.identity, language="de")
    return words_of(facts.replace(identity.PART, replace(found, identity=german)))


def title(facts: ReportFacts) -> str:
    (found,) = [row.title for row in facts.of(results.PART).controls if row.slug.startswith("own-")]
    return found.removeprefix("Storage accounts name their owner ")


@pytest.mark.slow(seconds=6)
def test_reports_name_the_versions_and_count_own_controls_apart_from_the_catalogue(
    provider: Organization, engineer: Person
) -> None:
    """The last assessment judges only one subscription, with a newer version of the own control. The other units keep
    the verdicts of the older version.
    """
    one = held_to(customer(provider, engineer, subscriptions=2), *CONTROLS)
    units = [Read(one.directory, [True]), *(Read(row, [True, False]) for row in one.subscriptions)]
    row = publish(provider, "high")
    assess(one, units)
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full")
        full, german = printed(facts, "full"), in_german(facts)
    assert title(facts) == "(own control, version 1)"
    assert "(eigene Kontrolle, Version 1)" in german
    assert "Die Kontrolle databricks-vnet wird bei diesem Kunden nicht bewertet" in german
    assert not [words for words in ("own control", "not held to") if words in german]
    assert "with 4 controls, in" in full
    assert "1 judged control is an own control of Northlight, not of the catalogue." in full
    publish(provider, "critical")
    last = assess(one, units[1:2], only=True)
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full", assessment=last)
        german = in_german(facts)
    assert title(facts) == "(own control, versions 1 and 2)"
    assert "(eigene Kontrolle, Versionen 1 und 2)" in german
    switch(provider, row, "off")
    last = assess(one, units[1:2], only=True)
    with factories.in_tenant(one.tenant):
        assert title(facts_of(one.tenant, kind="full", assessment=last)) == "(own control, version 1)"
    switch(provider, row, "retired")
    assess(one, units)
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full")
        full = printed(facts, "full")
    assert title(facts) == "(own control, version 2)"
    found = facts.of(scope.PART)
    assert (found.judged_controls, len(found.switched_off)) == (3, 1)
    assert number(r"(N) controls were not judged, because", full) == found.not_judged
    assert number(r"(N) controls of the catalogue do not belong", full) == found.not_judged - 1
    assert "own control of" not in full


@pytest.mark.slow(seconds=2)
def test_subscriptions_with_the_same_name_are_told_apart(provider: Organization, engineer: Person) -> None:
    one = held_to(customer(provider, engineer, subscriptions=3), "storage-secure-transfer", "vm-jit")
    first, second, third = one.subscriptions
    with factories.in_tenant(one.tenant):
        Subscription.objects.filter(pk=second.pk).update(display_name="SUB 1")
        second.refresh_from_db()
    safe = [Read(first, [True], gap=True), Read(second, None), Read(third, [False])]
    assess(one, [Read(one.directory, [True]), *safe])
    with factories.in_tenant(one.tenant):
        facts = facts_of(one.tenant, kind="full")
    names = {f"Sub 1 ({first.subscription_id[:8]})", f"SUB 1 ({second.subscription_id[:8]})"}
    assert names | {"Sub 3", "UnusualCustomer directory"} == {row.name for row in unit_results(facts)}
    assert {row.unit for row in facts.of(coverage.PART).gaps} == names
    failing = {fact.unit_name for fact in facts.of(results.PART).of_outcome("fail")}
    assert failing == {"Sub 3"}
