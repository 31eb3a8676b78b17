"""Leases on units: claiming, limits, and recovery from dead workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from assessments.actions.prepare import prepare
from assessments.actions.units.heartbeat import Heartbeat
from assessments.actions.units.lease import MAX_ATTEMPTS, Busy, claim
from assessments.actions.units.run import run_unit
from assessments.actions.units.write import Gathered, write_unit
from assessments.controls.registry import catalogue
from assessments.errors import LeaseLost
from assessments.estate.estate import Estate, UnitKind
from assessments.evaluate import controls_for
from assessments.models import Assessment, Finding, Unit
from tenants.scope import tenant_scope
from tests.assessments.actions.unit_leases import FIRST, RUN, SCOPE, expire, take
from tests.assessments.collect.azure import directory, guid, subscription
from tests.assessments.sandboxed_customer import Customer, ids, sent
from tests.concurrency import run_concurrently
from tests.waiting import until


def empty(scope_guid: str = FIRST) -> Gathered:
    estate = Estate(
        kind=UnitKind.SUBSCRIPTION, unit_id=scope_guid, subscriptions=[scope_guid], now=timezone.now()
    )
    return Gathered(estate)


CONTROLS = controls_for(UnitKind.SUBSCRIPTION, catalogue().values())


def test_only_one_worker_holds_a_unit(customer: Customer, prepared: Assessment) -> None:
    held = take(customer, prepared)
    assert (held.attempt, held.worn_out) == (1, False)
    with pytest.raises(Busy) as busy:
        take(customer, prepared, worker="w2")
    assert 0 < busy.value.seconds <= 8
    unit = customer.units(prepared)[SCOPE]
    assert (unit.worker, unit.attempt, unit.state) == ("w1", 1, "running")
    assert unit.lease_until is not None
    assert unit.lease_until > timezone.now()


def test_only_one_of_several_concurrent_claims_succeeds(customer: Customer, prepared: Assessment) -> None:
    unit = customer.units(prepared)[SCOPE]
    results = run_concurrently(
        *(lambda n=n: claim(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker=f"w{n}") for n in range(5)),
        caught=(Busy,),
    )
    assert sorted(type(result).__name__ for result in results) == ["Busy"] * 4 + ["Lease"]
    assert customer.units(prepared)[SCOPE].attempt == 1


@pytest.mark.slow(seconds=1)
def test_worker_with_an_expired_lease_writes_nothing(customer: Customer, prepared: Assessment) -> None:
    stale = take(customer, prepared)
    expire(customer)
    fresh = take(customer, prepared, worker="w2")
    assert (stale.attempt, fresh.attempt) == (1, 2)
    with pytest.raises(LeaseLost):
        write_unit(lease=stale, controls=CONTROLS, gathered=empty())
    assert customer.findings() == {}
    assert customer.units(prepared)[SCOPE].state == "running"
    write_unit(lease=fresh, controls=CONTROLS, gathered=empty())
    before = customer.written()
    for late in (stale, fresh):
        with pytest.raises(LeaseLost):
            write_unit(lease=late, controls=CONTROLS, gathered=empty())
    assert customer.written() == before
    assert customer.read(prepared).units_ended == 1


def taken_over(customer: Customer, prepared: Assessment) -> bool:
    """Let the lease expire. Return whether another worker claims the unit before a heartbeat renews the lease."""
    expire(customer)
    try:
        return take(customer, prepared, worker="w2") is not None
    except Busy:
        return False


def test_heartbeat_renews_the_lease_and_stores_progress(customer: Customer, prepared: Assessment) -> None:
    held = take(customer, prepared)
    with tenant_scope(customer.tenant.pk):
        Unit.objects.update(lease_until=timezone.now() + timedelta(seconds=1))
    with Heartbeat(held, seconds=0.05) as heartbeat:
        heartbeat.progress(3, 10, "Storage accounts")
        until(lambda: customer.units(prepared)[SCOPE].steps_done == 3)
        unit = customer.units(prepared)[SCOPE]
        assert unit.lease_until is not None
        assert unit.lease_until > timezone.now() + timedelta(seconds=8)
        assert (unit.steps_planned, unit.step, unit.percent) == (10, "Storage accounts", 30)
        assert not heartbeat.stopped()
        until(lambda: taken_over(customer, prepared))
        assert heartbeat.lost.wait(5)
        assert heartbeat.stopped()
    assert customer.units(prepared)[SCOPE].worker == "w2"


def test_attempts_of_workers_that_shut_down_do_not_wear_a_unit_out(
    customer: Customer, prepared: Assessment
) -> None:
    with tenant_scope(customer.tenant.pk):
        Unit.objects.filter(pk=customer.units(prepared)[SCOPE].pk).update(
            attempt=MAX_ATTEMPTS + 1, released=2
        )
    held = take(customer, prepared)
    assert (held.attempt, held.worn_out) == (MAX_ATTEMPTS + 2, False)
    expire(customer)
    held = take(customer, prepared)
    assert (held.attempt, held.worn_out) == (MAX_ATTEMPTS + 3, True)


@pytest.mark.slow(seconds=1)
def test_unit_fails_with_unknown_findings_after_too_many_dead_workers(
    customer: Customer, prepared: Assessment
) -> None:
    unit = customer.units(prepared)[SCOPE]
    for attempt in range(1, MAX_ATTEMPTS + 1):
        held = take(customer, prepared)
        assert (held.attempt, held.worn_out) == (attempt, False)
        expire(customer)
    run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="w9")
    unit = customer.units(prepared)[SCOPE]
    assert (unit.state, unit.error_code, unit.attempt) == ("failed", "worker_died", MAX_ATTEMPTS + 1)
    assert "stopped unexpectedly 5 times" in unit.error
    rows = [row for row in customer.findings(unit=SCOPE).values() if row.outcome != "manual"]
    assert {(row.outcome, row.unknown_because) for row in rows} == {("unknown", "not_collected")}
    assert customer.read(prepared).units_ended == 1


def test_preparing_twice_creates_units_once(customer: Customer) -> None:
    assessment = customer.start()
    sent()
    prepare(**ids(assessment))
    first = [task for task, _ in sent()]
    prepare(**ids(assessment))
    assert (first, sent()) == ([RUN, RUN], [])
    assert customer.read(assessment).units_total == len(customer.units(assessment)) == 2


def test_preparing_concurrently_creates_units_once(customer: Customer) -> None:
    assessment = customer.start()
    sent()
    assert run_concurrently(*[lambda: prepare(**ids(assessment))] * 3) == [None] * 3
    assert [task for task, _ in sent()] == [RUN, RUN]
    assert customer.read(assessment).units_total == len(customer.units(assessment)) == 2


@pytest.mark.slow(seconds=1)
def test_units_that_end_concurrently_finish_the_assessment_once(customer: Customer) -> None:
    customer.azure_is([directory(), *(line for n in range(1, 7) for line in subscription(guid(n)))])
    assessment = customer.start()
    prepare(**ids(assessment))
    sent()
    units = customer.units(assessment)
    run_unit(
        tenant_id=customer.tenant.pk,
        unit_id=next(u.pk for u in units.values() if u.kind == "directory"),
        worker="d",
    )
    held = {guid(n): take(customer, assessment, f"/subscriptions/{guid(n)}") for n in range(1, 7)}
    results = run_concurrently(
        *(lambda g=g, h=h: write_unit(lease=h, controls=CONTROLS, gathered=empty(g)) for g, h in held.items())
    )
    assert results == [None] * 6
    assessment = customer.read(assessment)
    assert (assessment.state, assessment.units_ended, assessment.units_total) == ("finished", 7, 7)
    assert assessment.summary["units"]["done"] == 7
    from tenants.models import JournalEntry

    with tenant_scope(customer.tenant.pk):
        assert JournalEntry.objects.filter(action="assessment.end").count() == 1


def test_running_units_of_a_tenant_are_limited(
    customer: Customer, prepared: Assessment, settings: Any
) -> None:
    settings.SURETY_UNITS_PER_TENANT = 1
    one, two = customer.units(prepared)
    assert take(customer, prepared, one) is not None
    with pytest.raises(Busy):
        take(customer, prepared, two)
    assert customer.units(prepared)[two].state == "waiting"
    other = Customer(customer.azure)
    other.add()
    theirs = other.start()
    prepare(**ids(theirs))
    assert take(other, theirs) is not None
    expire(customer)  # The slot of a dead worker becomes free again.
    assert take(customer, prepared, two) is not None


def test_claiming_a_deleted_unit_returns_none(customer: Customer) -> None:
    assert claim(tenant_id=customer.tenant.pk, unit_id=uuid4(), worker="w") is None
    run_unit(tenant_id=customer.tenant.pk, unit_id=uuid4(), worker="w")
    prepare(tenant_id=customer.tenant.pk, assessment_id=uuid4())
    with tenant_scope(customer.tenant.pk):
        assert not Finding.objects.exists()


def test_unit_of_another_tenant_cannot_be_claimed(customer: Customer, prepared: Assessment) -> None:
    unit = customer.units(prepared)[SCOPE]
    other = Customer(customer.azure)
    assert claim(tenant_id=other.tenant.pk, unit_id=unit.pk, worker="w") is None
    assert customer.units(prepared)[SCOPE].state == "waiting"
