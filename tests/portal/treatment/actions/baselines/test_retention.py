"""Baselines set how long the data of customers is kept. Only people who may set these periods can change them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.retention.actions.policy import set_periods
from portal.retention.models import RetentionRule
from portal.retention.selectors import chosen_of
from portal.treatment.actions.baselines import apply_baselines, follow_baselines, save_baseline
from portal.treatment.models import Baseline
from portal.treatment.selectors.baselines import baselines, deviations
from tenants.actions.organizations import register_tenant
from tenants.errors import InvalidInput, PermissionDenied
from tenants.models import Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.factories import BY

pytestmark = pytest.mark.django_db
YEARS = {"evidence": "800", "reports": "keep"}


@pytest.fixture
def organization() -> Organization:
    organization = factories.organization()
    factories.tenant(organization, "plain")
    own = factories.tenant(organization, "own")
    with factories.in_tenant(own):
        set_periods(tenant=own, by=BY, wanted={"evidence": 100})
    return organization


@pytest.fixture
def administrator(organization: Organization) -> Iterator[Person]:
    person = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    with person_scope(person):
        yield person


def customers(organization: Organization) -> list[Tenant]:
    return list(Tenant.objects.filter(organization=organization).order_by("name"))


def save(organization: Organization, by: Person, baseline: Baseline | None = None, **given: Any) -> Baseline:
    values = {"name": "All", "label": "", "due_days": {}, "exception_cap_days": None, **given}
    return save_baseline(
        organization=organization, by=by, tenants=customers(organization), baseline=baseline, **values
    )


def chosen(organization: Organization) -> dict[str, dict[str, str]]:
    names = {tenant.pk: tenant.name for tenant in customers(organization)}
    return {names[pk]: periods for pk, periods in chosen_of(list(names)).items()}


def deviating(organization: Organization) -> set[tuple[str, str]]:
    found = deviations(customers(organization), baselines(organization))
    return {(one.tenant.name, one.setting) for one in found}


def test_customers_with_the_default_follow_and_others_deviate(
    organization: Organization, administrator: Person
) -> None:
    baseline = save(organization, administrator, retention=YEARS)
    assert chosen(organization) == {"own": {"evidence": "100", "reports": "keep"}, "plain": YEARS}
    assert deviating(organization) == {("own", "retention:evidence")}
    save(organization, administrator, baseline, retention={"evidence": "default", "reports": "keep"})
    assert chosen(organization)["plain"] == {"reports": "keep"}
    # A customer that deviates can be given the value of the baseline. A shorter period takes effect later.
    save(organization, administrator, baseline, retention={"evidence": "95"})
    applied = apply_baselines(
        organization=organization,
        by=administrator,
        tenants=customers(organization),
        chosen={(tenant.pk, "retention:evidence") for tenant in customers(organization)},
    )
    assert (applied.changed, applied.refused) == (1, [])
    assert chosen(organization)["own"]["evidence"] == "95"
    newest = RetentionRule.objects.order_by("decided_at").last()
    assert newest is not None
    assert (newest.effective_at - newest.decided_at).days == 7


def test_new_customer_gets_the_periods(organization: Organization, administrator: Person) -> None:
    save(organization, administrator, retention=YEARS)
    new = register_tenant(by=administrator, organization=organization, name="new")
    follow_baselines(tenant=new, by=administrator)
    assert chosen(organization)["new"] == YEARS


@pytest.mark.parametrize("text", ["89", "36501", "seldom", "-400", "4e2"])
def test_period_that_is_not_allowed_stands_at_its_field(
    organization: Organization, administrator: Person, text: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(organization, administrator, retention={"evidence": text})
    assert set(refused.value.fields) == {"retention_evidence"}
    assert not Baseline.objects.exists()


def test_engineer_changes_no_retention_through_a_baseline(organization: Organization) -> None:
    administrator = factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization)
    engineer = factories.member(Role.ORGANIZATION_ENGINEER, organization)
    with person_scope(administrator):
        baseline = save(organization, administrator, label="gold", retention={"evidence": "90"})
    before = {"own": {"evidence": "100"}}
    with person_scope(engineer):
        for change in (
            {"label": "gold", "retention": {"evidence": "95"}},
            {"label": "gold", "retention": {}},
            # Without the label, the baseline would apply to all customers.
            {"label": "", "retention": {"evidence": "90"}},
        ):
            with pytest.raises(PermissionDenied):
                save(organization, engineer, baseline, **change)
            assert chosen(organization) == before
        # The engineer may still change everything else in the baseline.
        save(
            organization,
            engineer,
            baseline,
            label="gold",
            retention={"evidence": "90"},
            exception_cap_days=30,
        )
        Tenant.objects.filter(name="own").update(labels=["gold"])
        pairs = {(tenant.pk, "retention:evidence") for tenant in customers(organization)}
        applied = apply_baselines(
            organization=organization, by=engineer, tenants=customers(organization), chosen=pairs
        )
        assert applied.changed == 0
        ((_, reason),) = applied.refused
        assert "Only administrators of the organization" in reason
        assert chosen(organization) == before
