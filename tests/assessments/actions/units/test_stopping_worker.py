"""A worker that is asked to stop while a unit waits for Azure releases the unit instead of waiting for Azure."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery import signals
from django.db import connection

from assessments import shutdown
from assessments.actions.prepare import prepare
from assessments.actions.units.lease import Busy
from assessments.actions.units.run import run_unit
from assessments.collect.http.waiting import WaitBudget
from assessments.models import Unit
from portal.celery import app
from tests.assessments.actions.unit_leases import FIRST, SCOPE
from tests.assessments.collect.azure import answer, directory, subscription
from tests.assessments.sandboxed_customer import Customer, ids, sent

ACCOUNTS = f"/subscriptions/{FIRST}/providers/Microsoft.Storage/storageAccounts"


@pytest.fixture(autouse=True)
def _running() -> Iterator[None]:
    yield
    shutdown.forget_stop()


def stop_worker() -> None:
    """Send the signal that Celery sends in its main process after SIGTERM."""
    assert app is not None
    signals.worker_shutting_down.send(sender="worker", sig="SIGTERM", how="Warm", exitcode=0)


@pytest.mark.slow(seconds=1)
def test_waiting_unit_is_released_and_runs_again(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = threading.Event()
    sleep = WaitBudget.sleep

    def noticed(budget: WaitBudget, seconds: float) -> None:
        if seconds > 60:
            waiting.set()
        sleep(budget, seconds)

    monkeypatch.setattr(WaitBudget, "sleep", noticed)
    estate = [directory(), *subscription(FIRST)]
    throttled = answer(ACCOUNTS, 429, {"error": {"code": "TooManyRequests"}}, headers={"Retry-After": "90"})
    customer.azure_is([*estate, throttled])
    assessment = customer.start()
    prepare(**ids(assessment))
    sent()
    unit = customer.units(assessment)[SCOPE]

    def run() -> None:
        try:
            run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="w")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        assert waiting.wait(60)
        began = time.monotonic()
        stop_worker()
        with pytest.raises(Busy):
            running.result(60)
        assert time.monotonic() - began < 15
    given = customer.units(assessment)[SCOPE]
    assert (given.state, given.step, given.attempt, given.released) == (Unit.State.RUNNING, "", 1, 1)
    # Another worker takes the unit at once, without waiting until a lease expires.
    shutdown.forget_stop()
    customer.azure_is(estate)
    run_unit(tenant_id=customer.tenant.pk, unit_id=unit.pk, worker="another")
    done = customer.units(assessment)[SCOPE]
    assert (done.state in Unit.ENDED, done.attempt, done.error) == (True, 2, "")
    assert customer.findings()


def test_processes_of_the_worker_know_that_it_stops() -> None:
    context = multiprocessing.get_context("fork")
    with context.Pool(1) as pool:
        assert not pool.apply(shutdown.stop_requested)
        stop_worker()
        assert pool.apply(shutdown.stop_requested)
