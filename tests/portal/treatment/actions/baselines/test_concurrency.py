"""Baselines that two people change at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from portal.treatment.actions.baselines import save_baseline, set_baseline_rule
from portal.treatment.locks import lock_treatments
from portal.treatment.models import Baseline, OwnerRule
from tenants import journal
from tenants.models import Organization, Person, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.concurrency import run_concurrently, run_in_the_middle
from tests.factories import BY

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def tenant() -> Tenant:
    return factories.tenant()


@pytest.fixture
def by(tenant: Tenant) -> Person:
    return factories.member(Role.ORGANIZATION_ADMINISTRATOR, tenant.organization)


@pytest.fixture
def baseline(tenant: Tenant, by: Person) -> Baseline:
    with organization_scope(tenant.organization):
        return save_baseline(
            organization=tenant.organization,
            by=by,
            tenants=[tenant],
            name="All",
            label="",
            due_days={},
            exception_cap_days=None,
        )


def add_rule(organization: Organization, baseline: Baseline, tenant: Tenant, by: Person, name: str) -> None:
    with organization_scope(organization):
        set_baseline_rule(baseline=baseline, by=by, tenants=[tenant], name=name, owner=by)


def names(tenant: Tenant, baseline: Baseline) -> tuple[list[str], list[str]]:
    with organization_scope(tenant.organization):
        stored = [rule["name"] for rule in Baseline.objects.get(pk=baseline.pk).owner_rules]
        return sorted(stored), sorted(OwnerRule.objects.filter(tenant=tenant).values_list("name", flat=True))


def test_of_two_rules_at_the_same_moment_both_are_stored(
    tenant: Tenant, by: Person, baseline: Baseline
) -> None:
    add = partial(add_rule, tenant.organization, baseline, tenant, by)
    run_concurrently(partial(add, "A"), partial(add, "B"))
    assert names(tenant, baseline) == (["A", "B"], ["A", "B"])


def test_a_rule_meets_an_action_that_holds_the_treatments_of_a_customer(
    tenant: Tenant, by: Person, baseline: Baseline
) -> None:
    def other_action(pause: Callable[[], None]) -> None:
        with organization_scope(tenant.organization):
            lock_treatments(tenant.pk)
            pause()
            for owner in ({"tenant": tenant}, {"organization": tenant.organization}):
                journal.record(actor=BY, action="tenant.changed", target=tenant, **owner)

    run_in_the_middle(other_action, partial(add_rule, tenant.organization, baseline, tenant, by, "A"))
    assert names(tenant, baseline) == (["A"], ["A"])
