"""Baselines: who follows a change, who deviates, and which baseline applies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from assessments.actions.control_settings import set_control_values
from assessments.controls.registry import control
from assessments.models import ControlSetting
from portal.treatment.actions.baselines import (
    apply_baselines,
    delete_baseline,
    save_baseline,
    set_baseline_parameters,
)
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import baselines, deviations
from tenants.actions.organizations import change_tenant, register_tenant
from tenants.errors import InvalidInput
from tenants.models import JournalEntry, Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.factories import BY

pytestmark = pytest.mark.django_db
CONTROL = "storage-key-rotation"


@dataclass
class Case:
    """`plain` has the default policy, `gold` the label gold, `own` a policy of its own."""

    organization: Organization
    by: Person
    plain: Tenant
    gold: Tenant
    own: Tenant

    def tenants(self) -> list[Tenant]:
        return list(Tenant.objects.filter(organization=self.organization).order_by("name"))

    def save(self, baseline: Baseline | None = None, **given: Any) -> Baseline:
        values = {"name": "All", "label": "", "due_days": {}, "exception_cap_days": None, **given}
        return save_baseline(
            organization=self.organization, by=self.by, tenants=self.tenants(), baseline=baseline, **values
        )

    def caps(self) -> list[int]:
        pks = (self.plain.pk, self.gold.pk, self.own.pk)
        found = dict(Tenant.objects.values_list("pk", "exception_cap_days"))
        return [found[pk] for pk in pks]

    def deviating(self) -> set[tuple[str, str]]:
        found = deviations(self.tenants(), baselines(self.organization))
        return {(one.tenant.name, one.setting) for one in found}


@pytest.fixture
def case() -> Any:
    organization = factories.organization()
    plain = factories.tenant(organization, "plain")
    gold = factories.tenant(organization, "gold", labels=["Gold"])
    own = factories.tenant(organization, "own")
    by = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with organization_scope(organization):
        change_tenant(by=BY, tenant=own, exception_cap_days=10)
        yield Case(organization, by, plain, gold, own)


def test_customers_with_the_default_follow_and_others_deviate(case: Case) -> None:
    case.save(exception_cap_days=90)
    assert case.caps() == [90, 90, 10]
    assert case.deviating() == {("own", "exception_cap_days")}


def test_a_changed_baseline_takes_along_who_followed_it(case: Case) -> None:
    baseline = case.save(exception_cap_days=90)
    change_tenant(by=BY, tenant=case.gold, exception_cap_days=45)
    case.save(baseline, exception_cap_days=60)
    assert case.caps() == [60, 45, 10]
    assert case.deviating() == {("gold", "exception_cap_days"), ("own", "exception_cap_days")}


def test_a_label_comes_before_all_customers(case: Case) -> None:
    case.save(exception_cap_days=90, due_days={"critical": 3})
    case.save(name="Gold", label="gold", exception_cap_days=30)
    assert case.caps() == [90, 30, 10]
    due = dict(Tenant.objects.values_list("name", "due_days"))
    assert [due[name]["critical"] for name in ("plain", "gold", "own")] == [3, 3, 3]
    assert {days["high"] for days in due.values()} == {30}


def test_parameters_follow_and_deviate_like_the_policy(case: Case) -> None:
    set_control_values(tenant=case.own, by=BY, slug=CONTROL, values={"max_age": 30})
    baseline = case.save()
    set_baseline_parameters(
        baseline=baseline, by=case.by, tenants=case.tenants(), slug=CONTROL, values={"max_age": 60}
    )
    stored = dict(ControlSetting.objects.filter(control=CONTROL).values_list("tenant__name", "values"))
    assert stored == {"plain": {"max_age": 60}, "gold": {"max_age": 60}, "own": {"max_age": 30}}
    assert case.deviating() == {("own", f"parameters:{CONTROL}")}
    set_baseline_parameters(baseline=baseline, by=case.by, tenants=case.tenants(), slug=CONTROL, values=None)
    assert case.deviating() == set()


def test_a_customer_can_be_brought_back(case: Case) -> None:
    case.save(exception_cap_days=90)
    found = deviations(case.tenants(), baselines(case.organization))
    assert apply_baselines(by=case.by, found=found) == 1
    assert case.caps() == [90, 90, 90]
    entry = JournalEntry.objects.filter(tenant=case.own, action="tenant.changed").latest("sequence")
    assert entry.details["exception_cap_days"] == {"from": 10, "to": 90}


def test_deleting_a_baseline_changes_no_customer(case: Case) -> None:
    baseline = case.save(exception_cap_days=90)
    delete_baseline(baseline=baseline, by=case.by)
    assert case.caps() == [90, 90, 10]
    assert case.deviating() == set()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"label": "GOLD"}, "label"),
        ({"exception_cap_days": 0}, "exception_cap_days"),
        ({"due_days": {"high": 99999}}, "due_days"),
    ],
)
def test_invalid_input_names_its_field_and_changes_nothing(
    case: Case, given: dict[str, Any], field: str
) -> None:
    case.save(name="Gold", label="gold")
    with pytest.raises(InvalidInput) as refused:
        case.save(**given)
    assert list(refused.value.fields) == [field]
    assert Baseline.objects.count() == 1


def test_invalid_parameters_are_refused(case: Case) -> None:
    baseline = case.save()
    for slug, values in (("no-such-control", {}), (CONTROL, {"max_age": 0}), (CONTROL, {"other": 1})):
        with pytest.raises(InvalidInput):
            set_baseline_parameters(
                baseline=baseline, by=case.by, tenants=case.tenants(), slug=slug, values=values
            )


def test_a_new_customer_takes_the_values_of_its_baselines(case: Case) -> None:
    everyone = case.save(due_days={"critical": 3}, exception_cap_days=100)
    values = {parameter.name: parameter.default for parameter in control(CONTROL).parameters}
    name, default = next((name, value) for name, value in values.items() if type(value) is int)
    set_baseline_parameters(
        baseline=everyone, by=case.by, tenants=case.tenants(), slug=CONTROL, values={name: default + 1}
    )
    case.save(name="Gold", label="gold", exception_cap_days=50)
    new = register_tenant(by=BY, organization=case.organization, name="New", labels=["Gold"])
    plain = register_tenant(by=BY, organization=case.organization, name="Plain and new")
    assert (new.due_days["critical"], new.exception_cap_days) == (3, 50)
    assert (plain.due_days["critical"], plain.exception_cap_days) == (3, 100)
    assert {one for one in case.deviating() if one[0] in (new.name, plain.name)} == set()
    assert ControlSetting.objects.get(tenant=new, control=CONTROL).values == {name: default + 1}
    changed = JournalEntry.objects.filter(tenant=new, action="tenant.changed")
    assert changed.exists()
