"""Cancelling an assessment that is queued, waiting or running, or whose worker has died."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from assessments.actions.cancel import cancel
from assessments.actions.prepare import prepare
from assessments.actions.recover import recover
from assessments.actions.units.heartbeat import Heartbeat
from assessments.actions.units.run import run_unit
from assessments.controls.registry import catalogue
from assessments.errors import NotActive
from assessments.estate.estate import UnitKind
from assessments.evaluate import controls_for
from assessments.models import Assessment
from assessments.presentation.extent import extent_label
from assessments.selectors import current_units, ledger
from tenants.scope import tenant_scope
from tests.assessments.actions.unit_leases import FIRST, SCOPE, expire, take
from tests.assessments.collect.azure import directory, guid, subscription
from tests.assessments.sandboxed_customer import BY, Customer, ids, sent, work
from tests.waiting import until

SECOND = guid(2)


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


@pytest.mark.slow(seconds=1)
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


@pytest.mark.slow(seconds=1)
def test_cancelling_ends_a_running_unit_at_its_next_heartbeat(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting units end immediately, and running units at their next heartbeat; written results are kept."""
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


@pytest.mark.slow(seconds=1)
def test_cancelling_ends_the_unit_of_a_dead_worker(customer: Customer, prepared: Assessment) -> None:
    take(customer, prepared)
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=prepared, by=BY)
    expire(customer)
    with tenant_scope(customer.tenant.pk):
        assert recover(tenant=customer.tenant) == 1
    work()
    assert customer.read(prepared).state == "cancelled"


def cut_short(customer: Customer) -> Assessment:
    """Start an assessment, run the units of the directory and the first subscription, and cancel before the second."""
    assessment = customer.start()
    prepare(**ids(assessment))
    sent()
    for scope, unit in customer.units(assessment).items():
        if scope != f"/subscriptions/{SECOND}":
            run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="w")
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=customer.read(assessment), by=BY)
    return customer.read(assessment)


@pytest.fixture
def two_subscriptions(customer: Customer) -> Customer:
    customer.azure_is([directory(), *subscription(FIRST), *subscription(SECOND)])
    return customer


@pytest.mark.slow(seconds=2)
def test_subscription_that_was_never_read_stays_in_the_coverage(two_subscriptions: Customer) -> None:
    """Two of three units were read before the cancellation. The third unit stays in the coverage, with a gap, and its
    findings are unknown.
    """
    customer = two_subscriptions
    assessment = cut_short(customer)
    assert (assessment.state, extent_label(assessment)) == (
        "cancelled",
        "partial: 2 of 3 units read, cancelled",
    )
    unread = customer.findings(unit=f"/subscriptions/{SECOND}")
    expected = {control.slug for control in controls_for(UnitKind.SUBSCRIPTION, catalogue().values())}
    assert {row.control for row in unread.values()} == expected
    assert {(row.outcome, row.unknown_because) for row in unread.values()} == {("unknown", "not_collected")}
    known = sum(row.outcome not in ("unknown", "not_applicable") for row in customer.findings().values())
    judged = sum(row.outcome != "not_applicable" for row in customer.findings().values())
    assert assessment.summary["coverage"] == round(100 * known / judged, 1) < 100
    unit = customer.units(assessment)[f"/subscriptions/{SECOND}"]
    assert [gap["scope"] for gap in unit.gaps] == [unit.scope_id]
    assert ledger([unit])["controls"].keys() == expected
    # The next assessment reads the subscription. So no unknown finding has the reason `not_collected` any more.
    later = customer.assess()
    assert extent_label(later) == ""
    left = customer.findings(unit=f"/subscriptions/{SECOND}", gone_at__isnull=True)
    assert "not_collected" not in {row.unknown_because for row in left.values()}


@pytest.mark.slow(seconds=1)
def test_subscription_that_was_read_before_keeps_its_verdicts(two_subscriptions: Customer) -> None:
    """The subscription that was not read keeps the verdicts of the first assessment. Its current unit is still the unit
    of the first assessment.
    """
    customer = two_subscriptions
    first = customer.assess()
    before = customer.outcomes(unit=f"/subscriptions/{SECOND}")
    assessment = cut_short(customer)
    assert customer.outcomes(unit=f"/subscriptions/{SECOND}") == before
    unit = customer.units(assessment)[f"/subscriptions/{SECOND}"]
    subjects = sum(row["subjects"] for row in unit.coverage["controls"].values())
    assert subjects == len(before) > 0
    with tenant_scope(customer.tenant.pk):
        current = {row.azure_id: row.assessment_id for row in current_units(assessment)}
    assert current[SECOND] == first.pk
    assert current[FIRST] == assessment.pk
