"""Who may run a unit, what a dead worker leaves behind, and who finishes an assessment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from assessments.actions.cancel import cancel
from assessments.actions.heartbeat import Heartbeat
from assessments.actions.lease import MOST_ATTEMPTS, Busy, Lease, claim
from assessments.actions.prepare import prepare
from assessments.actions.recover import LOST_AFTER, recover, start_due
from assessments.actions.run_unit import run_unit
from assessments.actions.write import Gathered, write_unit
from assessments.controls.registry import catalogue
from assessments.errors import LeaseLost, NotActive
from assessments.estate.estate import Estate, UnitKind
from assessments.evaluate import controls_for
from assessments.models import Assessment, Finding, Schedule, Unit
from tenants.scope import tenant_scope
from tests.assessments.kit import BY, Azure, Customer, ids, sent, work
from tests.collect.azure import directory, guid, subscription

FIRST = guid(1)
SCOPE = f"/subscriptions/{FIRST}"
PREPARE, RUN = "assessments.tasks.prepare", "assessments.tasks.run_unit"


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run at the same moment, each on a connection of its own; what each returned or raised."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def customer(azure: Azure, customer: Customer) -> Customer:
    """With a directory, served with one subscription."""
    azure.serve([directory(), *subscription(FIRST)])
    customer.add()
    return customer


@pytest.fixture
def prepared(customer: Customer) -> Assessment:
    """An assessment whose units wait, their messages taken from the queue."""
    assessment = customer.start()
    prepare(**ids(assessment))
    sent()
    return assessment


def take(customer: Customer, assessment: Assessment, scope: str = SCOPE, worker: str = "w1") -> Lease | None:
    unit = customer.units(assessment)[scope]
    return claim(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker=worker)


def expire(customer: Customer, **where: Any) -> None:
    with tenant_scope(customer.tenant.pk):
        Unit.objects.filter(state=Unit.State.RUNNING, **where).update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )


def empty(scope_guid: str = FIRST) -> Gathered:
    estate = Estate(
        kind=UnitKind.SUBSCRIPTION, unit_id=scope_guid, subscriptions=[scope_guid], now=timezone.now()
    )
    return Gathered(estate)


CONTROLS = controls_for(UnitKind.SUBSCRIPTION, catalogue().values())


def test_a_unit_is_held_by_one(customer: Customer, prepared: Assessment) -> None:
    held = take(customer, prepared)
    assert (held.attempt, held.worn_out) == (1, False)
    with pytest.raises(Busy) as busy:
        take(customer, prepared, worker="w2")
    assert 0 < busy.value.seconds <= 8
    unit = customer.units(prepared)[SCOPE]
    assert (unit.worker, unit.attempt, unit.state) == ("w1", 1, "running")
    assert unit.lease_until is not None
    assert unit.lease_until > timezone.now()


def test_of_many_at_once_one_gets_it(customer: Customer, prepared: Assessment) -> None:
    unit = customer.units(prepared)[SCOPE]
    results = together(
        *(lambda n=n: claim(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker=f"w{n}") for n in range(5))
    )
    assert sorted(type(result).__name__ for result in results) == ["Busy"] * 4 + ["Lease"]
    assert customer.units(prepared)[SCOPE].attempt == 1


def test_an_expired_lease_is_taken_over_and_the_stale_writer_writes_nothing(
    customer: Customer, prepared: Assessment
) -> None:
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


def test_a_heartbeat_keeps_the_lease_and_notes_progress(customer: Customer, prepared: Assessment) -> None:
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
        expire(customer)
        take(customer, prepared, worker="w2")
        assert heartbeat.lost.wait(5)
        assert heartbeat.stopped()
    assert customer.units(prepared)[SCOPE].worker == "w2"


def test_a_heartbeat_hears_of_a_cancel(customer: Customer, prepared: Assessment) -> None:
    held = take(customer, prepared)
    with Heartbeat(held, seconds=0.05) as heartbeat:
        with tenant_scope(customer.tenant.pk):
            cancel(assessment=prepared, by=BY)
        assert heartbeat.cancelled.wait(5)
        assert not heartbeat.lost.is_set()


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = timezone.now() + timedelta(seconds=seconds)
    while not true():
        assert timezone.now() < deadline, "it did not happen in time"
        threading.Event().wait(0.02)


def test_a_unit_whose_workers_all_died_fails_with_unknowns(customer: Customer, prepared: Assessment) -> None:
    unit = customer.units(prepared)[SCOPE]
    for attempt in range(1, MOST_ATTEMPTS + 1):
        held = take(customer, prepared)
        assert (held.attempt, held.worn_out) == (attempt, False)
        expire(customer)
    run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="w9")
    unit = customer.units(prepared)[SCOPE]
    assert (unit.state, unit.error_code, unit.attempt) == ("failed", "worker_died", MOST_ATTEMPTS + 1)
    assert "died" in unit.error
    rows = [row for row in customer.findings(unit=SCOPE).values() if row.outcome != "manual"]
    assert {(row.outcome, row.unknown_because) for row in rows} == {("unknown", "not_collected")}
    assert customer.read(prepared).units_ended == 1


def test_prepare_twice_makes_units_once(customer: Customer) -> None:
    assessment = customer.start()
    sent()
    prepare(**ids(assessment))
    first = [task for task, _ in sent()]
    prepare(**ids(assessment))
    assert (first, sent()) == ([RUN, RUN], [])
    assert customer.read(assessment).units_total == len(customer.units(assessment)) == 2


def test_prepare_at_once_makes_units_once(customer: Customer) -> None:
    assessment = customer.start()
    sent()
    assert together(*[lambda: prepare(**ids(assessment))] * 3) == [None] * 3
    assert [task for task, _ in sent()] == [RUN, RUN]
    assert customer.read(assessment).units_total == len(customer.units(assessment)) == 2


def test_the_last_of_units_that_end_at_once_finishes_once(customer: Customer) -> None:
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
    results = together(
        *(lambda g=g, h=h: write_unit(lease=h, controls=CONTROLS, gathered=empty(g)) for g, h in held.items())
    )
    assert results == [None] * 6
    assessment = customer.read(assessment)
    assert (assessment.state, assessment.units_ended, assessment.units_total) == ("finished", 7, 7)
    assert assessment.summary["units"]["done"] == 7
    from tenants.models import JournalEntry

    with tenant_scope(customer.tenant.pk):
        assert JournalEntry.objects.filter(action="assessment.end").count() == 1


def test_a_tenant_has_its_share_of_the_workers(
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
    expire(customer)  # a dead worker's share is free again
    assert take(customer, prepared, two) is not None


def test_cancel_while_queued(customer: Customer) -> None:
    assessment = customer.start()
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=assessment, by=BY)
    assert work() == 1
    assessment = customer.read(assessment)
    assert (assessment.state, assessment.units_total) == ("cancelled", 0)
    assert assessment.ended_at is not None
    with tenant_scope(customer.tenant.pk), pytest.raises(NotActive, match="ended already"):
        cancel(assessment=assessment, by=BY)


def test_cancel_while_waiting(customer: Customer) -> None:
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


def test_cancel_while_one_runs(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ran ends at its next heartbeat; what was waiting ends at once; what is written stays."""
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


def test_cancel_when_the_runner_is_dead(customer: Customer, prepared: Assessment) -> None:
    take(customer, prepared)
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=prepared, by=BY)
    expire(customer)
    with tenant_scope(customer.tenant.pk):
        assert recover(tenant=customer.tenant) == 1
    work()
    assert customer.read(prepared).state == "cancelled"


def age(customer: Customer) -> None:
    """Make every assessment older than a message may be under way."""
    with tenant_scope(customer.tenant.pk):
        for row in Assessment.objects.all():
            row.created_at -= LOST_AFTER + timedelta(seconds=1)
            row.started_at = row.started_at and row.started_at - LOST_AFTER - timedelta(seconds=1)
            row.save()


def recovered(customer: Customer) -> list[str]:
    with tenant_scope(customer.tenant.pk):
        count = recover(tenant=customer.tenant)
    messages = [task for task, _ in sent()]
    assert len(messages) == count
    return messages


def test_recover_sends_lost_messages_again(customer: Customer) -> None:
    assessment = customer.start()
    sent()  # lost with the broker
    assert recovered(customer) == []  # it may still be under way
    age(customer)
    assert recovered(customer) == [PREPARE]
    prepare(**ids(assessment))
    sent()
    assert recovered(customer) == []
    age(customer)
    assert recovered(customer) == [RUN, RUN]
    take(customer, assessment)
    assert recovered(customer) == [RUN]  # the other one
    expire(customer)
    assert recovered(customer) == [RUN, RUN]
    with tenant_scope(customer.tenant.pk):
        recover(tenant=customer.tenant)
    work()
    assert customer.read(assessment).state == "finished"
    assert recovered(customer) == []


def test_due_schedules_start(customer: Customer) -> None:
    now = timezone.now()
    with tenant_scope(customer.tenant.pk):
        Schedule.objects.create(tenant=customer.tenant, every_hours=6, next_at=now + timedelta(minutes=1))
        assert start_due(tenant=customer.tenant) is None
        Schedule.objects.update(next_at=now - timedelta(minutes=1))
        started = start_due(tenant=customer.tenant)
        assert (started.trigger, started.number) == ("schedule", 1)
        assert Schedule.objects.get().next_at >= now + timedelta(hours=6)
        assert start_due(tenant=customer.tenant) is None
        # One that still runs serves as this one, and nothing is piled up.
        Schedule.objects.update(next_at=now - timedelta(minutes=1))
        assert start_due(tenant=customer.tenant) is None
        assert Assessment.objects.count() == 1
        assert Schedule.objects.get().next_at >= now + timedelta(hours=6)
        Schedule.objects.update(next_at=now - timedelta(minutes=1), enabled=False)
        assert start_due(tenant=customer.tenant) is None
    work()
    assert customer.read(started).state == "finished"


def test_due_without_a_principal_does_nothing(customer: Customer) -> None:
    lonely = Customer(customer.azure)
    with tenant_scope(lonely.tenant.pk):
        Schedule.objects.create(tenant=lonely.tenant, next_at=timezone.now())
        assert start_due(tenant=lonely.tenant) is None
        assert not Assessment.objects.exists()


def test_ticks_at_once_start_one(customer: Customer) -> None:
    with tenant_scope(customer.tenant.pk):
        Schedule.objects.create(tenant=customer.tenant, next_at=timezone.now())

    def tick() -> Assessment | None:
        with tenant_scope(customer.tenant.pk):
            return start_due(tenant=customer.tenant)

    results = together(*[tick] * 4)
    assert sum(isinstance(result, Assessment) for result in results) == 1, results
    assert sum(result is None for result in results) == 3, results
    assert [task for task, _ in sent()] == [PREPARE]


def test_starts_at_once_start_one(customer: Customer) -> None:
    results = together(*[customer.start] * 4)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyRunning"] * 3 + ["Assessment"]
    assert [task for task, _ in sent()] == [PREPARE]


def test_a_unit_that_is_no_more(customer: Customer) -> None:
    assert claim(tenant_id=customer.tenant.pk, unit_id=uuid4(), worker="w") is None
    run_unit(tenant_id=customer.tenant.pk, unit_id=uuid4(), worker="w")
    prepare(tenant_id=customer.tenant.pk, assessment_id=uuid4())
    with tenant_scope(customer.tenant.pk):
        assert not Finding.objects.exists()


def test_another_tenants_unit_cannot_be_claimed(customer: Customer, prepared: Assessment) -> None:
    unit = customer.units(prepared)[SCOPE]
    other = Customer(customer.azure)
    assert claim(tenant_id=other.tenant.pk, unit_id=unit.pk, worker="w") is None
    assert customer.units(prepared)[SCOPE].state == "waiting"
