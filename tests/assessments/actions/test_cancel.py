"""Cancelling an assessment that is queued, waiting or running, or whose worker has died."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from assessments.actions.cancel import cancel
from assessments.actions.heartbeat import Heartbeat
from assessments.actions.prepare import prepare
from assessments.actions.recover import recover
from assessments.actions.run_unit import run_unit
from assessments.errors import NotActive
from assessments.models import Assessment
from tenants.scope import tenant_scope
from tests.assessments.actions.unit_leases import FIRST, SCOPE, expire, take
from tests.assessments.collect.azure import directory, subscription
from tests.assessments.sandboxed_customer import BY, Customer, ids, sent, work
from tests.waiting import until


def test_heartbeat_notices_a_cancellation(customer: Customer, prepared: Assessment) -> None:
    held = take(customer, prepared)
    with Heartbeat(held, seconds=0.05) as heartbeat:
        with tenant_scope(customer.tenant.pk):
            cancel(assessment=prepared, by=BY)
        assert heartbeat.cancelled.wait(5)
        assert not heartbeat.lost.is_set()


def test_cancelling_a_queued_assessment_ends_it(customer: Customer) -> None:
    assessment = customer.start()
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=assessment, by=BY)
    assert work() == 1
    assessment = customer.read(assessment)
    assert (assessment.state, assessment.units_total) == ("cancelled", 0)
    assert assessment.ended_at is not None
    with (
        tenant_scope(customer.tenant.pk),
        pytest.raises(NotActive, match="has already ended, so it cannot be cancelled"),
    ):
        cancel(assessment=assessment, by=BY)


def test_cancelling_ends_waiting_units(customer: Customer) -> None:
    assessment = customer.start()
    prepare(**ids(assessment))
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=assessment, by=BY)
    work()
    assessment = customer.read(assessment)
    assert (assessment.state, assessment.units_ended) == ("cancelled", 2)
    assert {unit.state for unit in customer.units(assessment).values()} == {"cancelled"}
    assert customer.findings() == {}
    assert customer.assess().state == "finished"


def test_cancelling_ends_a_running_unit_at_its_next_heartbeat(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting units end immediately, running ones at their next heartbeat; written results are kept."""
    customer.assess()
    customer.azure_is([directory(), *subscription(FIRST)], "--latency-ms", "400")
    monkeypatch.setattr(Heartbeat.__init__, "__defaults__", (0.1,))
    before = customer.outcomes()
    assessment = customer.start()
    prepare(**ids(assessment))
    sent()
    unit = customer.units(assessment)[SCOPE]

    def run() -> None:
        run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="w")
        connection.close()

    runner = threading.Thread(target=run)
    runner.start()
    until(lambda: customer.units(assessment)[SCOPE].steps_done > 0)
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=assessment, by=BY)
    states = {key: unit.state for key, unit in customer.units(assessment).items()}
    assert states.pop(SCOPE) == "running"
    assert set(states.values()) == {"cancelled"}
    runner.join(10)
    assert not runner.is_alive()
    assessment = customer.read(assessment)
    assert assessment.state == "cancelled"
    assert customer.units(assessment)[SCOPE].state == "cancelled"
    assert customer.outcomes() == before
    assert customer.changes(assessment) == []


def test_cancelling_ends_the_unit_of_a_dead_worker(customer: Customer, prepared: Assessment) -> None:
    take(customer, prepared)
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=prepared, by=BY)
    expire(customer)
    with tenant_scope(customer.tenant.pk):
        assert recover(tenant=customer.tenant) == 1
    work()
    assert customer.read(prepared).state == "cancelled"
