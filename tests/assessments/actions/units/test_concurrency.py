"""The maximum number of an organization's units (subscriptions or directories) that run at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import connection

from assessments.actions.prepare import prepare
from assessments.actions.units.concurrency import organization_slot
from assessments.actions.units.lease import Busy
from assessments.actions.units.run import run_unit
from assessments.models import Assessment
from tenants.models import Tenant
from tests import factories
from tests.assessments.collect.azure import directory, guid, subscription
from tests.assessments.sandboxed_customer import Azure, Customer, ids, sent

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def slot_of_another_worker(tenant: Tenant, *, is_lost: bool = False) -> Iterator[None]:
    """Hold a slot in another connection. If `is_lost`, close this connection at the end without releasing the slot."""
    holding, end = Event(), Event()

    def hold() -> None:
        try:
            with organization_slot(tenant.pk):
                holding.set()
                assert end.wait(60)
                if is_lost:
                    connection.close()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        assert holding.wait(60)
        try:
            yield
        finally:
            end.set()
            held.result()


def prepared(customer: Customer) -> Assessment:
    assessment = customer.start()
    prepare(**ids(assessment))
    sent()
    return assessment


def run(customer: Customer, assessment: Assessment) -> list[str]:
    """Run the units in this process, and return their states."""
    for unit in customer.units(assessment).values():
        run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="w")
    return [unit.state for unit in customer.units(assessment).values()]


@pytest.mark.slow(seconds=1)
def test_running_units_of_an_organization_are_limited(azure: Azure, settings: Any) -> None:
    """Two units may run at the same time, and one customer holds both slots.

    A unit of another customer of the same organization waits until a slot is free. A customer of another organization
    does not wait.
    """
    settings.SURETY_UNITS_PER_ORGANIZATION = 2
    azure.serve([directory(), *subscription(guid(1))])
    first, foreign = Customer(azure), Customer(azure)
    neighbour = Customer(azure, factories.tenant(first.tenant.organization))
    for customer in (neighbour, foreign):
        customer.add()
    waiting, other = prepared(neighbour), prepared(foreign)
    with ExitStack() as workers:
        workers.enter_context(slot_of_another_worker(first.tenant))
        with slot_of_another_worker(first.tenant):
            with pytest.raises(Busy):
                run(neighbour, waiting)
            assert {unit.state for unit in neighbour.units(waiting).values()} == {"waiting"}
            assert set(run(foreign, other)) == {"done"}
        assert set(run(neighbour, waiting)) == {"done"}
    assert neighbour.read(waiting).state == "finished"


def test_the_slot_of_a_worker_that_lost_its_connection_is_free(settings: Any) -> None:
    settings.SURETY_UNITS_PER_ORGANIZATION = 1
    tenant = factories.tenant()
    with slot_of_another_worker(tenant, is_lost=True), pytest.raises(Busy), organization_slot(tenant.pk):
        pass
    with organization_slot(tenant.pk):
        pass
