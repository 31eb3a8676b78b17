"""Workers are killed, and the broker and the database are restarted or cut off, during an assessment. No result is
lost or duplicated.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.assessments.collect.azure import DIRECTORY, directory, guid, subscription, write
from tests.faults.broker_proxy import broker_proxy
from tests.faults.installation import Installation, celery_process, children_of, installed, running_units
from tests.prepared_home import PreparedHome

pytestmark = pytest.mark.slow(seconds=120)

BACK_SECONDS = 30
UNITS = {f"directory:{DIRECTORY}", *(f"/subscriptions/{guid(n)}" for n in range(1, 4))}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, prepared_home: PreparedHome) -> Iterator[Installation]:
    lines = [directory(), *(line for n in range(1, 4) for line in subscription(guid(n)))]
    estate = write(tmp_path_factory.mktemp("workers") / "estate.jsonl", lines)
    with installed(estate, prepared_home) as site:
        yield site


@pytest.fixture(scope="module")
def undisturbed(site: Installation) -> dict[str, Any]:
    """Return the results of an assessment during which nothing is killed."""
    tenant = site.tenant()
    site.start_worker()
    site.ask("start", tenant)
    state = site.ended(tenant)
    assert {unit["attempt"] for unit in state["units"].values()} == {1}
    return site.ask("verdicts", tenant)


def complete(state: dict[str, Any]) -> None:
    assert state["state"] == "finished"
    assert set(state["units"]) == UNITS
    assert state["units_total"] == state["units_ended"] == len(UNITS)
    assert {unit["state"] for unit in state["units"].values()} == {"done"}
    assert state["ends"] == 1


def test_assessment_without_kills(undisturbed: dict[str, Any]) -> None:
    assert len(undisturbed["findings"]) > 100
    assert {"fail", "pass", "unknown"} <= {outcome for _, _, outcome, _, _ in undisturbed["findings"]}
    assert len(undisturbed["changes"]) == len(undisturbed["findings"])


def test_a_killed_child_process_loses_no_result(site: Installation, undisturbed: dict[str, Any]) -> None:
    tenant = site.tenant()
    worker = site.worker
    site.ask("start", tenant)
    hit = running_units(site.in_the_middle(tenant))
    children = children_of(celery_process(worker.pid))
    assert children
    for child in children:
        os.kill(child, signal.SIGKILL)
    state = site.ended(tenant)
    complete(state)
    assert worker.poll() is None
    assert max(state["units"][scope]["attempt"] for scope in hit) == 2
    assert site.ask("verdicts", tenant) == undisturbed


def test_killed_worker_is_replaced_by_another(site: Installation, undisturbed: dict[str, Any]) -> None:
    tenant = site.tenant()
    first = site.worker
    site.ask("start", tenant)
    hit = running_units(site.in_the_middle(tenant))
    site.kill(first)
    state = site.ask("state", tenant)
    assert state["state"] == "running"
    assert set(running_units(state)) >= set(hit) - {
        s for s, u in state["units"].items() if u["state"] == "done"
    }
    site.start_worker()
    state = site.ended(tenant)
    complete(state)
    assert max(unit["attempt"] for unit in state["units"].values()) == 2
    assert site.ask("verdicts", tenant) == undisturbed
    # A second assessment of the unchanged Azure changes no result, so the kills have left nothing incomplete.
    site.ask("start", tenant)
    site.when(tenant, lambda state: state["state"] == "finished" and state["ends"] == 2)
    again = site.ask("verdicts", tenant)
    assert {name: again[name] for name in again if name != "units"} == {
        name: undisturbed[name] for name in undisturbed if name != "units"
    }


def finished_by(
    worker: subprocess.Popen[bytes],
    site: Installation,
    tenant: str,
    undisturbed: dict[str, Any],
    seconds: float = 180,
) -> None:
    complete(site.ended(tenant, seconds))
    assert site.ask("verdicts", tenant) == undisturbed
    assert worker.poll() is None


def test_a_broker_restart_loses_no_result(site: Installation, undisturbed: dict[str, Any]) -> None:
    tenant, worker = site.tenant(), site.worker
    site.ask("start", tenant)
    site.in_the_middle(tenant)
    assert site.valkey.stop() is True
    time.sleep(1.5)
    site.valkey.ensure()
    finished_by(worker, site, tenant, undisturbed)


def test_a_database_restart_loses_no_result(site: Installation, undisturbed: dict[str, Any]) -> None:
    tenant, worker = site.tenant(), site.worker
    site.ask("start", tenant)
    site.in_the_middle(tenant)
    site.forget_site()
    assert site.postgres.stop() is True
    time.sleep(1)
    site.postgres.ensure()
    finished_by(worker, site, tenant, undisturbed)


def test_a_task_that_starts_without_a_database_is_retried(
    site: Installation, undisturbed: dict[str, Any]
) -> None:
    """If a worker receives a message while the database is down, the task fails, but the work must not be lost."""
    tenant = site.tenant()
    worker = site.worker
    process = celery_process(worker.pid)
    os.killpg(process, signal.SIGSTOP)
    site.ask("start", tenant)
    site.forget_site()
    assert site.postgres.stop() is True
    os.killpg(process, signal.SIGCONT)
    time.sleep(2)
    site.postgres.ensure()
    # The tick sends lost work again only after 45 seconds. So within 30 seconds, only the worker itself can retry the
    # task.
    finished_by(worker, site, tenant, undisturbed, seconds=30)


def test_a_worker_is_back_after_its_connections_were_cut(site: Installation) -> None:
    """Connections to the broker are reset while messages are unacknowledged: the worker recovers and no work is lost.

    In this situation, a defect of kombu sometimes ends the worker (AttributeError: 'NoneType' object has no attribute
    'hostname'), and the supervisor starts it again (`portal.workers.supervisor`). The test passes in both cases.
    """
    site.kill(site.worker)  # All tasks must go to the new worker, which is behind the proxy.
    # The embedded broker listens on a Unix socket: redis+socket://USER:PASSWORD@/PATH.
    address = urlsplit(site.valkey.broker_url())
    with broker_proxy(Path(address.path)) as proxy:
        credentials = f"{address.username}:{address.password}"
        direct = dict(site.environment)
        site.environment |= {
            "BROKER_URL": f"redis://{credentials}@127.0.0.1:{proxy.port}/0",
            "CACHE_URL": site.valkey.cache_url(),
        }
        supervisor = site.start_worker()
        site.environment = direct  # The process that starts assessments connects without the proxy.
        tenant = site.tenant()
        site.ask("start", tenant)
        site.in_the_middle(tenant)
        # Stop the database, so that tasks wait for it and their messages stay unacknowledged.
        site.forget_site()
        os.kill(site.postgres.pid(), signal.SIGKILL)
        time.sleep(1.5)
        proxy.refusing = True
        proxy.cut()
        time.sleep(0.5)
        proxy.refusing = False
        site.postgres.ensure()
        begun = time.monotonic()
        while not children_of(supervisor.pid):
            assert time.monotonic() - begun < BACK_SECONDS
            time.sleep(0.1)
        assert supervisor.poll() is None
        complete(site.ended(tenant, 120))
