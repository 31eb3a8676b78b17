"""Concurrent assignments and undos: nothing is lost, and nothing happens twice."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from assessments.models import Finding
from portal.notify.models import Notice
from portal.treatment.actions.acknowledge import acknowledge
from portal.treatment.actions.owners.assign import assign, claim
from portal.treatment.actions.owners.rules import apply_rules, create_rule, move_rule
from portal.treatment.errors import WrongState
from portal.treatment.models import Batch, OwnerRule, Treatment, TreatmentEvent
from tenants import journal
from tenants.actors import System
from tenants.models import JournalEntry
from tests import factories
from tests.portal.treatment.exception_cases import run_in_tenant
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners
from tests.portal.treatment.undo import undo

ROUNDS = 3


@pytest.fixture
def customer(committed: None) -> CustomerWithOwners:
    return customer_with_owners()


def entries(customer: CustomerWithOwners, action: str) -> int:
    assert journal.verify(customer.tenant) == []
    return JournalEntry.objects.filter(tenant=customer.tenant, action=action).count()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_concurrent_claims_one_succeeds(customer: CustomerWithOwners, _round: int) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
    results = run_in_tenant(
        customer.tenant,
        partial(claim, finding=row, by=customer.owner),
        partial(claim, finding=row, by=customer.other),
    )
    (won,) = (result for result in results if isinstance(result, Batch))
    assert sum(isinstance(result, WrongState) for result in results) == 1
    with factories.in_tenant(customer.tenant):
        assert Treatment.objects.get(tenant=customer.tenant).owner_id == won.by_id
        assert entries(customer, "finding.claimed") == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_batch_is_undone_once(customer: CustomerWithOwners, _round: int) -> None:
    with factories.in_tenant(customer.tenant):
        for number in range(20):
            customer.failing(number=number)
        rows = Finding.objects.filter(tenant=customer.tenant)
        batch = assign(tenant=customer.tenant, findings=rows, owner=customer.owner, by=customer.engineer)
        copies = [Batch.objects.get(pk=batch.pk) for _ in range(2)]
    results = run_in_tenant(
        customer.tenant, *(partial(undo, batch=copy, by=customer.engineer) for copy in copies)
    )
    assert sorted(map(str, results)) == ["20", "This change was already undone. Reload the page."]
    with factories.in_tenant(customer.tenant):
        assert entries(customer, "finding.undone") == 1
        assert TreatmentEvent.objects.filter(tenant=customer.tenant).count() == 40


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_concurrent_assignment_and_acknowledgement_are_both_stored(
    customer: CustomerWithOwners, _round: int
) -> None:
    with factories.in_tenant(customer.tenant):
        for number in range(20):
            customer.failing(number=number)

    def everything() -> Any:
        return Finding.objects.filter(tenant=customer.tenant)

    results = run_in_tenant(
        customer.tenant,
        lambda: assign(
            tenant=customer.tenant, findings=everything(), owner=customer.owner, by=customer.engineer
        ),
        lambda: acknowledge(tenant=customer.tenant, findings=everything(), by=customer.engineer),
    )
    assert [result.count for result in results] == [20, 20]
    with factories.in_tenant(customer.tenant):
        held = Treatment.objects.filter(tenant=customer.tenant)
        assert held.filter(owner=customer.owner, acknowledged_by=customer.engineer).count() == 20


def test_concurrent_rule_runs_notify_once(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        for number in range(5):
            customer.failing(number=number)
        create_rule(tenant=customer.tenant, by=customer.engineer, name="All", owner=customer.owner)
    results = run_in_tenant(
        customer.tenant, *[partial(apply_rules, tenant=customer.tenant, by=System("tests"))] * 3
    )
    assert sorted(results) == [0, 0, 5]
    with factories.in_tenant(customer.tenant):
        assert Notice.objects.filter(tenant=customer.tenant, kind="assigned").count() == 1
        assert entries(customer, "owner_rules.applied") == 1


def test_concurrent_moves_leave_a_consistent_order(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        made = [
            create_rule(tenant=customer.tenant, by=customer.engineer, name=name, owner=customer.owner)
            for name in "abcd"
        ]
    run_in_tenant(
        customer.tenant,
        partial(move_rule, rule=made[0], by=customer.engineer, position=4),
        partial(move_rule, rule=made[3], by=customer.engineer, position=1),
        partial(move_rule, rule=made[2], by=customer.engineer, position=1),
    )
    with factories.in_tenant(customer.tenant):
        positions = OwnerRule.objects.filter(tenant=customer.tenant).values_list("position", flat=True)
        assert list(positions) == [1, 2, 3, 4]
