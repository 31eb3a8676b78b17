"""Units of an assessment are sent to the workers a few at a time, so that customers take turns."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

import pytest

from assessments.actions.cancel import cancel
from assessments.actions.prepare import prepare
from assessments.actions.recover import recover
from assessments.actions.units.dispatch import MESSAGES
from assessments.actions.units.lease import claim
from assessments.models import Unit
from tenants.scope import tenant_scope
from tests.assessments.actions.unit_leases import RUN
from tests.assessments.collect.azure import directory, guid, subscription
from tests.assessments.sandboxed_customer import BY, Azure, Customer, ids, sent, work

SUBSCRIPTIONS = 5


@pytest.fixture
def customer(azure: Azure, committed: None) -> Customer:
    """A customer with a directory that has five subscriptions."""
    azure.serve(
        [directory(), *(line for number in range(SUBSCRIPTIONS) for line in subscription(guid(number + 1)))]
    )
    found = Customer(azure)
    found.add()
    sent()
    return found


def test_a_worker_that_takes_a_unit_lets_the_next_one_be_sent(customer: Customer) -> None:
    assessment = customer.start()
    sent()
    prepare(**ids(assessment))
    waiting = [arguments[1] for task, arguments in sent() if task == RUN]
    assert len(waiting) == MESSAGES
    order = list(waiting)
    while waiting:
        unit = waiting.pop(0)
        assert claim(tenant_id=customer.tenant.pk, unit_id=unit, worker="w") is not None
        new = [arguments[1] for _, arguments in sent()]
        assert len(new) <= 1
        waiting, order = [*waiting, *new], [*order, *new]
        assert len(waiting) == min(MESSAGES, SUBSCRIPTIONS + 1 - (len(order) - len(waiting)))
    with tenant_scope(customer.tenant.pk):
        kinds = [str(Unit.objects.get(pk=unit).kind) for unit in order]
    assert kinds == ["directory", *["subscription"] * SUBSCRIPTIONS]
    assert len(set(order)) == len(order)


@pytest.mark.slow(seconds=1)
def test_a_customer_that_starts_later_does_not_wait_for_all_units_of_the_first(customer: Customer) -> None:
    """Two customers share one queue and one worker. After the second customer has started, the customers take turns."""
    other = Customer(customer.azure)
    other.add()
    sent()
    order: list[UUID] = []
    waiting: list[tuple[str, str]] = []

    def begin(one: Customer) -> None:
        assessment = one.start()
        sent()
        prepare(**ids(assessment))
        waiting.extend((arguments[0], arguments[1]) for task, arguments in sent() if task == RUN)

    def take() -> None:
        tenant, unit = waiting.pop(0)
        assert claim(tenant_id=tenant, unit_id=unit, worker="w") is not None
        order.append(UUID(tenant))
        with tenant_scope(tenant):  # Let the unit end, so that it no longer counts for the limit.
            Unit.objects.filter(pk=unit).update(state=Unit.State.DONE, lease_until=None)
        waiting.extend((arguments[0], arguments[1]) for task, arguments in sent() if task == RUN)

    begin(customer)
    take()
    begin(other)
    while waiting:
        take()
    assert order.count(customer.tenant.pk) == order.count(other.tenant.pk) == SUBSCRIPTIONS + 1
    # The first unit of the second customer waits only for messages that were already in the queue.
    assert order.index(other.tenant.pk) <= 1 + MESSAGES
    runs = [len(list(group)) for _, group in groupby(order)]
    assert max(runs) <= 1 + MESSAGES


@pytest.mark.slow(seconds=2)
def test_all_units_run_without_the_periodic_task(customer: Customer) -> None:
    assessment = customer.assess()
    assert (assessment.state, assessment.units_ended) == ("finished", SUBSCRIPTIONS + 1)


@pytest.mark.slow(seconds=2)
def test_units_that_a_previous_version_had_sent_are_sent_again(customer: Customer) -> None:
    """An assessment that was running during an upgrade has waiting units without `lease_until`."""
    assessment = customer.start()
    sent()
    prepare(**ids(assessment))
    sent()
    with tenant_scope(customer.tenant.pk):
        Unit.objects.update(lease_until=None)
        assert recover(tenant=customer.tenant) == MESSAGES
    work()
    assert customer.read(assessment).state == "finished"


def test_no_unit_of_a_cancelled_assessment_is_sent(customer: Customer) -> None:
    assessment = customer.start()
    sent()
    prepare(**ids(assessment))
    sent()
    with tenant_scope(customer.tenant.pk):
        cancel(assessment=assessment, by=BY)
        assert recover(tenant=customer.tenant) == 0
    assert [task for task, _ in sent() if task == RUN] == []
    assert customer.read(assessment).state == "cancelled"
