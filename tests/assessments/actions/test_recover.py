"""Resending lost work, and starting scheduled assessments exactly once."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from assessments.actions.prepare import prepare
from assessments.actions.recover import LOST_AFTER, recover, start_due
from assessments.errors import AlreadyRunning
from assessments.models import Assessment, Schedule
from tenants.scope import tenant_scope
from tests.assessments.actions.unit_leases import PREPARE, RUN, expire, take
from tests.assessments.sandboxed_customer import Customer, ids, sent, work
from tests.concurrency import run_concurrently


def age(customer: Customer) -> None:
    """Make every assessment old enough that its messages count as lost."""
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


def test_recover_resends_lost_messages(customer: Customer) -> None:
    assessment = customer.start()
    sent()  # Discard the messages, as if the broker had lost them.
    assert recovered(customer) == []  # Too early: the message may still arrive.
    age(customer)
    assert recovered(customer) == [PREPARE]
    prepare(**ids(assessment))
    sent()
    assert recovered(customer) == []
    age(customer)
    assert recovered(customer) == [RUN, RUN]
    take(customer, assessment)
    assert recovered(customer) == [RUN]  # Only the unit that is still waiting is sent again.
    expire(customer)
    assert recovered(customer) == [RUN, RUN]
    with tenant_scope(customer.tenant.pk):
        recover(tenant=customer.tenant)
    work()
    assert customer.read(assessment).state == "finished"
    assert recovered(customer) == []


def test_due_schedule_starts_an_assessment(customer: Customer) -> None:
    now = timezone.now()
    with tenant_scope(customer.tenant.pk):
        Schedule.objects.create(tenant=customer.tenant, every_hours=6, next_at=now + timedelta(minutes=1))
        assert start_due(tenant=customer.tenant) is None
        Schedule.objects.update(next_at=now - timedelta(minutes=1))
        started = start_due(tenant=customer.tenant)
        assert (started.trigger, started.number) == ("schedule", 1)
        assert Schedule.objects.get().next_at >= now + timedelta(hours=6)
        assert start_due(tenant=customer.tenant) is None
        # While an assessment is running, a scheduled assessment is skipped, so that assessments do not pile up.
        Schedule.objects.update(next_at=now - timedelta(minutes=1))
        assert start_due(tenant=customer.tenant) is None
        assert Assessment.objects.count() == 1
        assert Schedule.objects.get().next_at >= now + timedelta(hours=6)
        Schedule.objects.update(next_at=now - timedelta(minutes=1), enabled=False)
        assert start_due(tenant=customer.tenant) is None
    work()
    assert customer.read(started).state == "finished"


def test_due_schedule_without_a_principal_does_nothing(customer: Customer) -> None:
    lonely = Customer(customer.azure)
    with tenant_scope(lonely.tenant.pk):
        Schedule.objects.create(tenant=lonely.tenant, next_at=timezone.now())
        assert start_due(tenant=lonely.tenant) is None
        assert not Assessment.objects.exists()


def test_concurrent_ticks_start_one_assessment(customer: Customer) -> None:
    with tenant_scope(customer.tenant.pk):
        Schedule.objects.create(tenant=customer.tenant, next_at=timezone.now())

    def tick() -> Assessment | None:
        with tenant_scope(customer.tenant.pk):
            return start_due(tenant=customer.tenant)

    results = run_concurrently(*[tick] * 4)
    assert sum(isinstance(result, Assessment) for result in results) == 1, results
    assert sum(result is None for result in results) == 3, results
    assert [task for task, _ in sent()] == [PREPARE]


def test_concurrent_starts_start_one_assessment(customer: Customer) -> None:
    results = run_concurrently(*[customer.start] * 4, caught=(AlreadyRunning,))
    assert sorted(type(result).__name__ for result in results) == ["AlreadyRunning"] * 3 + ["Assessment"]
    assert [task for task, _ in sent()] == [PREPARE]
