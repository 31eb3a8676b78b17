"""Restarts of the broker and the database during an assessment."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.assessments.collect.azure import directory, guid, subscription, write
from tests.faults.installation import Installation, celery_process, installed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    lines = [directory(), *(line for n in range(1, 4) for line in subscription(guid(n)))]
    with installed(write(tmp_path_factory.mktemp("servers") / "estate.jsonl", lines)) as site:
        site.start_worker()
        yield site


@pytest.fixture(scope="module")
def undisturbed(site: Installation) -> dict[str, Any]:
    tenant = site.tenant()
    site.ask("start", tenant)
    assert site.ended(tenant)["units_ended"] == 4
    return site.ask("verdicts", tenant)


def finished(site: Installation, tenant: str, undisturbed: dict[str, Any], seconds: float = 60) -> None:
    state = site.ended(tenant, seconds)
    assert (state["state"], state["units_ended"], state["ends"]) == ("finished", 4, 1)
    assert {unit["state"] for unit in state["units"].values()} == {"done"}
    assert site.ask("verdicts", tenant) == undisturbed
    assert site.workers[0].poll() is None


def test_a_broker_restart_loses_no_result(site: Installation, undisturbed: dict[str, Any]) -> None:
    tenant = site.tenant()
    site.ask("start", tenant)
    site.in_the_middle(tenant)
    assert site.valkey.stop() is True
    time.sleep(1.5)
    site.valkey.ensure()
    finished(site, tenant, undisturbed)


def test_a_database_restart_loses_no_result(site: Installation, undisturbed: dict[str, Any]) -> None:
    tenant = site.tenant()
    site.ask("start", tenant)
    site.in_the_middle(tenant)
    site.forget_site()
    assert site.postgres.stop() is True
    time.sleep(1)
    site.postgres.ensure()
    finished(site, tenant, undisturbed)


def test_a_task_that_starts_without_a_database_is_retried(
    site: Installation, undisturbed: dict[str, Any]
) -> None:
    """A worker that receives a message without a database must not lose the work with the failed task."""
    tenant = site.tenant()
    worker = celery_process(site.workers[0].pid)
    os.killpg(worker, signal.SIGSTOP)
    site.ask("start", tenant)
    site.forget_site()
    assert site.postgres.stop() is True
    os.killpg(worker, signal.SIGCONT)
    time.sleep(2)
    site.postgres.ensure()
    # The time limit is shorter than the delay after which the tick resends lost work.
    finished(site, tenant, undisturbed, seconds=30)
