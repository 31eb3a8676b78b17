"""Sending lost work again, and starting an assessment exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.actions.prepare import prepare
from assessments.actions.recover import recover
from assessments.actions.units.dispatch import LOST_AFTER
from assessments.errors import AlreadyRunning
from assessments.models import Unit
from tenants.scope import tenant_scope
from tests.as_owner import change_as_owner
from tests.assessments.actions.unit_leases import PREPARE, RUN, expire, take
from tests.assessments.sandboxed_customer import Customer, ids, sent, work
from tests.concurrency import run_concurrently


def age(customer: Customer) -> None:
    """Make every assessment old enough that its messages count as lost."""
    seconds = LOST_AFTER.total_seconds() + 1
    change_as_owner(
        "assessments_assessment",
        customer.tenant,
        f"UPDATE assessments_assessment SET created_at = created_at - interval '{seconds} s',"
        f" started_at = started_at - interval '{seconds} s'",
    )
    with tenant_scope(customer.tenant.pk):
        waiting = Unit.objects.filter(state=Unit.State.WAITING, lease_until__isnull=False)
        waiting.update(lease_until=timezone.now() - timedelta(seconds=1))


def recovered(customer: Customer) -> list[str]:
    with tenant_scope(customer.tenant.pk):
        count = recover(tenant=customer.tenant)
    messages = [task for task, _ in sent()]
    assert len(messages) == count
    return messages


@pytest.mark.slow(seconds=1)
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
    assert recovered(customer) == []
    take(customer, assessment)
    age(customer)
    assert recovered(customer) == [RUN]  # Only the unit that is still waiting is sent again.
    expire(customer)
    age(customer)
    assert recovered(customer) == [RUN, RUN]
    age(customer)
    with tenant_scope(customer.tenant.pk):
        recover(tenant=customer.tenant)
    work()
    assert customer.read(assessment).state == "finished"
    assert recovered(customer) == []


def test_concurrent_starts_start_one_assessment(customer: Customer) -> None:
    results = run_concurrently(*[customer.start] * 4, caught=(AlreadyRunning,))
    assert sorted(type(result).__name__ for result in results) == ["AlreadyRunning"] * 3 + ["Assessment"]
    assert [task for task, _ in sent()] == [PREPARE]
