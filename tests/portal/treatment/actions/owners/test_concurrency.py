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
def place(committed: None) -> CustomerWithOwners:
    return customer_with_owners()


def entries(place: CustomerWithOwners, action: str) -> int:
    assert journal.verify(place.tenant) == []
    return JournalEntry.objects.filter(tenant=place.tenant, action=action).count()


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_concurrent_claims_one_succeeds(place: CustomerWithOwners, _round: int) -> None:
    with factories.in_tenant(place.tenant):
        row = place.failing()
    results = run_in_tenant(
        place.tenant, partial(claim, finding=row, by=place.owner), partial(claim, finding=row, by=place.other)
    )
    (won,) = (result for result in results if isinstance(result, Batch))
    assert sum(isinstance(result, WrongState) for result in results) == 1
    with factories.in_tenant(place.tenant):
        assert Treatment.objects.get(tenant=place.tenant).owner_id == won.by_id
        assert entries(place, "finding.claimed") == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_batch_is_undone_once(place: CustomerWithOwners, _round: int) -> None:
    with factories.in_tenant(place.tenant):
        for number in range(20):
            place.failing(number=number)
        rows = Finding.objects.filter(tenant=place.tenant)
        batch = assign(tenant=place.tenant, findings=rows, owner=place.owner, by=place.engineer)
        copies = [Batch.objects.get(pk=batch.pk) for _ in range(2)]
    results = run_in_tenant(place.tenant, *(partial(undo, batch=copy, by=place.engineer) for copy in copies))
    assert sorted(map(str, results)) == ["20", "This change was already undone. Reload the page."]
    with factories.in_tenant(place.tenant):
        assert entries(place, "finding.undone") == 1
        assert TreatmentEvent.objects.filter(tenant=place.tenant).count() == 40


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_concurrent_assignment_and_acknowledgement_are_both_stored(
    place: CustomerWithOwners, _round: int
) -> None:
    with factories.in_tenant(place.tenant):
        for number in range(20):
            place.failing(number=number)

    def everything() -> Any:
        return Finding.objects.filter(tenant=place.tenant)

    results = run_in_tenant(
        place.tenant,
        lambda: assign(tenant=place.tenant, findings=everything(), owner=place.owner, by=place.engineer),
        lambda: acknowledge(tenant=place.tenant, findings=everything(), by=place.engineer),
    )
    assert [result.count for result in results] == [20, 20]
    with factories.in_tenant(place.tenant):
        held = Treatment.objects.filter(tenant=place.tenant)
        assert held.filter(owner=place.owner, acknowledged_by=place.engineer).count() == 20


def test_concurrent_rule_runs_notify_once(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        for number in range(5):
            place.failing(number=number)
        create_rule(tenant=place.tenant, by=place.engineer, name="All", owner=place.owner)
    results = run_in_tenant(
        place.tenant, *[partial(apply_rules, tenant=place.tenant, by=System("tests"))] * 3
    )
    assert sorted(results) == [0, 0, 5]
    with factories.in_tenant(place.tenant):
        assert Notice.objects.filter(tenant=place.tenant, kind="assigned").count() == 1
        assert entries(place, "owner_rules.applied") == 1


def test_concurrent_moves_leave_a_consistent_order(place: CustomerWithOwners) -> None:
    with factories.in_tenant(place.tenant):
        made = [
            create_rule(tenant=place.tenant, by=place.engineer, name=name, owner=place.owner)
            for name in "abcd"
        ]
    run_in_tenant(
        place.tenant,
        partial(move_rule, rule=made[0], by=place.engineer, position=4),
        partial(move_rule, rule=made[3], by=place.engineer, position=1),
        partial(move_rule, rule=made[2], by=place.engineer, position=1),
    )
    with factories.in_tenant(place.tenant):
        positions = OwnerRule.objects.filter(tenant=place.tenant).values_list("position", flat=True)
        assert list(positions) == [1, 2, 3, 4]
