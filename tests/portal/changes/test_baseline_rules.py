"""Watch rules of baselines: which customers get them, which customers deviate, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from portal.changes.actions.baseline_rules import (
    MAX_BASELINE_RULES,
    remove_baseline_watch_rule,
    set_baseline_shipped_rule,
    set_baseline_watch_rule,
)
from portal.changes.actions.rules import MAX_RULES, delete_rule, save_rule, set_shipped
from portal.changes.models import WatchRule
from portal.changes.shipped import rules_of
from portal.treatment.models import Baseline
from portal.treatment.selectors.baseline_parts import watch_rule_part
from tenants.actions.organizations import register_tenant
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry, OrganizationJournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.portal.treatment.actions.baselines.baseline_customers import LabelledCustomers

pytestmark = pytest.mark.django_db
NIGHTS: dict[str, Any] = {
    "name": "Nights",
    "severity": "high",
    "enabled": True,
    "types": ["microsoft.compute/*"],
    "hours": "20:00-06:00",
    "days": [6, 7],
}


@dataclass
class BaselineCustomers(LabelledCustomers):
    """A baseline and its customers."""

    baseline: Baseline

    def add(self, baseline: Baseline | None = None, **given: Any) -> Baseline:
        """Add the rule Nights to a baseline (default: `self.baseline`). With `present="Nights"`, change the rule."""
        return set_baseline_watch_rule(
            baseline=baseline or self.baseline, by=self.by, tenants=self.tenants(), **{**NIGHTS, **given}
        )

    def set_shipped(self, key: str, enabled: bool | None, severity: str = "low", **given: Any) -> Baseline:
        return set_baseline_shipped_rule(
            baseline=self.baseline,
            by=self.by,
            tenants=self.tenants(),
            key=key,
            enabled=enabled,
            severity=severity,
            **given,
        )


@pytest.fixture
def case() -> Any:
    organization = factories.organization()
    plain = factories.tenant(organization, "plain")
    gold = factories.tenant(organization, "gold", labels=["Gold"])
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with organization_scope(organization):
        found = BaselineCustomers(organization, by, plain, gold, Baseline())
        found.baseline = found.save()
        yield found


def rule(tenant: Tenant, name: str = "Nights") -> WatchRule:
    return WatchRule.objects.get(tenant=tenant, name=name)


def test_customers_get_the_rule_and_may_switch_it_off_change_or_delete_it(case: BaselineCustomers) -> None:
    case.add()
    for tenant in (case.plain, case.gold):
        row = rule(tenant)
        assert (row.types, row.hours, row.days, row.enabled) == (
            ["microsoft.compute/*"],
            "20:00-06:00",
            [6, 7],
            True,
        )
        assert JournalEntry.objects.filter(tenant=tenant, action="watch_rule.created").count() == 1
    assert case.deviating() == set()
    own = {**NIGHTS, "enabled": False}
    save_rule(tenant=case.gold, by=case.by, rule=rule(case.gold), **own)
    assert case.deviating() == {("gold", "watch_rule:Nights")}
    case.add(present="Nights", severity="critical")
    assert (rule(case.plain).severity, rule(case.gold).severity) == ("critical", "high")
    delete_rule(rule=rule(case.plain), by=case.by)
    assert case.deviating() == {("gold", "watch_rule:Nights"), ("plain", "watch_rule:Nights")}
    assert case.bring_back() == 2
    assert {(row.severity, row.enabled) for row in WatchRule.objects.all()} == {("critical", True)}
    assert case.bring_back() == 0
    remove_baseline_watch_rule(baseline=case.baseline, by=case.by, tenants=case.tenants(), name="Nights")
    assert WatchRule.objects.count() == 2
    assert case.deviating() == set()
    entry = OrganizationJournalEntry.objects.filter(action="baseline.changed").order_by("sequence")
    assert [len(one.details["watch_rules"]) for one in entry] == [1, 1, 0]


def test_a_customer_with_a_rule_of_this_name_keeps_it(case: BaselineCustomers) -> None:
    save_rule(tenant=case.gold, by=case.by, rule=None, name="nights", severity="low", enabled=True)
    case.add()
    assert rule(case.gold, "nights").severity == "low"
    assert case.deviating() == {("gold", "watch_rule:Nights")}
    assert case.bring_back() == 1
    assert WatchRule.objects.filter(tenant=case.gold).values_list("name", "severity").get() == (
        "Nights",
        "high",
    )


def test_the_rule_for_a_label_has_priority(case: BaselineCustomers) -> None:
    case.add()
    case.add(case.save(name="Gold", label="gold"), severity="low")
    assert (rule(case.plain).severity, rule(case.gold).severity) == ("high", "low")
    assert case.deviating() == set()


def test_shipped_rules_are_set_for_all_and_overridden_by_one(case: BaselineCustomers) -> None:
    set_shipped(tenant=case.gold, by=case.by, key="locks", enabled=True, severity="critical")
    case.set_shipped("locks", enabled=False)

    def locks(tenant: Tenant) -> tuple[bool, str]:
        found = next(one for one in rules_of(tenant) if one.shipped == "locks")
        return found.enabled, found.severity

    assert (locks(case.plain), locks(case.gold)) == ((False, "low"), (True, "critical"))
    assert case.deviating() == {("gold", "shipped_watch_rule:locks")}
    assert case.bring_back() == 1
    case.set_shipped("locks", enabled=True, severity="medium")
    assert (locks(case.plain), locks(case.gold)) == ((True, "medium"), (True, "medium"))
    assert case.deviating() == set(), "a rule that is set to how it is shipped is met without a row"
    case.set_shipped("locks", enabled=None)
    assert Baseline.objects.get(pk=case.baseline.pk).watch_rules == []
    assert locks(case.plain) == (True, "medium")


def test_new_customers_get_the_rules(case: BaselineCustomers) -> None:
    case.add()
    case.set_shipped("locks", enabled=False)
    new = register_tenant(
        by=case.by, organization=case.organization, name="New", slug="newcomer", timezone="Europe/Berlin"
    )
    assert {(one.name, one.enabled) for one in WatchRule.objects.filter(tenant=new)} == {
        ("Nights", True),
        ("Locks removed", False),
    }


@pytest.mark.slow(seconds=1)
def test_what_a_baseline_refuses(case: BaselineCustomers) -> None:
    for given, message in (
        ({"units": ["/subscriptions/x"]}, "Leave the subscriptions empty"),
        ({"types": ["?" * 41]}, "Use . at most 40 times"),
        ({"hours": "8-9"}, "Enter two different times"),
        ({"name": "network EXPOSURE"}, "Choose another name"),
        ({"severity": "grave"}, "There is no severity"),
        ({"name": " "}, "Enter a name"),
    ):
        with pytest.raises(InvalidInput, match=message):
            case.add(**given)
    case.add()
    with pytest.raises(InvalidInput, match="Choose another name"):
        case.add(name="NIGHTS")
    with pytest.raises(Conflict, match=r"the name of this .* cannot be changed"):
        case.add(present="Nights", name="Days")
    with pytest.raises(Conflict, match="Somebody else has removed this rule"):
        case.add(present="Days", name="Days")
    seen = watch_rule_part(Baseline.objects.get(pk=case.baseline.pk), "Nights")
    case.add(present="Nights", severity="low")
    with pytest.raises(Conflict, match="in the meantime"):
        case.add(present="Nights", severity="medium", expected=seen)
    with pytest.raises(InvalidInput, match="There is no shipped rule"):
        case.set_shipped("nothing", enabled=True)
    with pytest.raises(Conflict, match="in the meantime"):
        case.set_shipped("locks", enabled=True, expected={"shipped": "locks"})
    many = [{**NIGHTS, "name": f"Rule {number}"} for number in range(MAX_BASELINE_RULES)]
    Baseline.objects.filter(pk=case.baseline.pk).update(watch_rules=many)
    with pytest.raises(Conflict, match="at most 50 watch rules"):
        case.add(name="One more")


def test_a_full_customer_is_named_and_nothing_changes(case: BaselineCustomers) -> None:
    WatchRule.objects.bulk_create(
        WatchRule(tenant=case.gold, name=f"Rule {number}", severity="low") for number in range(MAX_RULES)
    )
    with pytest.raises(Conflict, match="gold: This customer has 100 watch rules"):
        case.add()
    assert not WatchRule.objects.filter(name="Nights").exists()
    assert Baseline.objects.get(pk=case.baseline.pk).watch_rules == []
