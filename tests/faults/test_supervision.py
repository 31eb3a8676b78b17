"""`manage.py worker` starts the Celery worker again, whatever ended it. If `manage.py worker` itself is stopped or
killed, the Celery worker ends, too.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import redis
from celery import Celery

from tests.assessments.collect.azure import directory, guid, subscription, write
from tests.faults.forged_messages import QUEUE, forged
from tests.faults.installation import Installation, celery_process, children_of, installed
from tests.prepared_home import PreparedHome

pytestmark = pytest.mark.slow(seconds=20)

# The longest time until a worker is back: the delay of the supervisor, and the start of Celery on a slow machine.
BACK_SECONDS = 25


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, prepared_home: PreparedHome) -> Iterator[Installation]:
    lines = [directory(), *(line for n in range(1, 4) for line in subscription(guid(n)))]
    estate = write(tmp_path_factory.mktemp("supervised") / "estate.jsonl", lines)
    with installed(estate, prepared_home) as site:
        supervisor = site.start_worker()
        until(lambda: bool(children_of(supervisor.pid)), BACK_SECONDS)
        until(lambda: "ready." in (site.base / "worker.log").read_text(errors="replace"), BACK_SECONDS)
        yield site


def until(holds: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def until_replaced(supervisor: subprocess.Popen[bytes], former: int) -> int:
    deadline = time.monotonic() + BACK_SECONDS
    while True:
        assert supervisor.poll() is None
        now = children_of(supervisor.pid)
        if now and now != [former]:
            return now[0]
        assert time.monotonic() < deadline
        time.sleep(0.1)


def until_gone(pids: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(map(alive, pids)):
        assert time.monotonic() < deadline, [pid for pid in pids if alive(pid)]
        time.sleep(0.1)


def test_kills_of_broker_worker_and_database_do_not_change_the_verdicts(site: Installation) -> None:
    tenant = site.tenant()
    site.ask("start", tenant)
    assert site.ended(tenant)["units_ended"] == 4
    undisturbed = site.ask("verdicts", tenant)

    tenant, supervisor = site.tenant(), site.workers[-1]
    site.ask("start", tenant)
    site.in_the_middle(tenant)
    # Kill the broker while messages are unacknowledged. About one in ten such kills ends the worker, and without the
    # supervisor it would not come back.
    os.kill(site.valkey.pid(), signal.SIGKILL)
    time.sleep(0.5)
    site.valkey.ensure()
    # Kill only the worker's main process. The supervisor must end the children of that process, too.
    former = celery_process(supervisor.pid)
    left = children_of(former)
    os.kill(former, signal.SIGKILL)
    # Kill the database while the next worker starts.
    site.forget_site()
    os.kill(site.postgres.pid(), signal.SIGKILL)
    time.sleep(0.5)
    site.postgres.ensure()
    until_replaced(supervisor, former)
    until_gone(left, 5)
    state = site.ended(tenant, 90)
    assert (state["state"], state["units_ended"], state["ends"]) == ("finished", 4, 1)
    assert site.ask("verdicts", tenant) == undisturbed


def test_whoever_can_write_to_the_broker_cannot_stop_a_worker(site: Installation) -> None:
    worker = celery_process(site.workers[0].pid)
    attacker = Celery(broker=site.valkey.broker_url(), set_as_current=False)
    pool = children_of(worker)
    assert attacker.control.ping(timeout=5), "the worker listens"
    for command, arguments in [
        ("shutdown", {}),
        ("pool_shrink", {"n": 2}),
        ("cancel_consumer", {"queue": "surety"}),
        ("rate_limit", {"task_name": "assessments.tasks.run_unit", "rate_limit": "1/h"}),
        ("time_limit", {"task_name": "assessments.tasks.run_unit", "hard": 1}),
    ]:
        attacker.control.broadcast(command, arguments)
    time.sleep(3)
    assert celery_process(site.workers[0].pid) == worker
    assert children_of(worker) == pool
    tenant = site.tenant()
    site.ask("start", tenant)
    assert site.ended(tenant)["units_ended"] == 4


def test_forged_messages_neither_stop_a_worker_nor_run_code(site: Installation) -> None:
    """Without Surety's check of messages, one forged message would end the worker, be delivered again, and end the next
    worker.
    """
    worker, tenant = celery_process(site.workers[0].pid), site.tenant()
    created = site.base / "created-by-a-message"
    entries = list(forged((tenant, tenant), created))
    with redis.Redis.from_url(_url(site)) as broker:
        # Under these keys, kombu keeps copies of messages, to deliver them again. The copies of this test are
        # unreadable. Without Surety's check, kombu would try again and again to read the oldest copy, and would never
        # read the others.
        broker.hset("unacked", mapping={"a": "garbage", "b": "[1, 2]", "c": "[7, 7, 7]"})
        broker.zadd("unacked_index", {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0})
        broker.lpush(QUEUE, *entries)
        site.ask("start", tenant)
        assert site.ended(tenant)["units_ended"] == 4
        until(lambda: broker.llen(QUEUE) == 0, 60)  # Scheduled tasks may be in the queue, too.
        until(lambda: not broker.exists("unacked_index"), 20)
    assert celery_process(site.workers[0].pid) == worker
    assert not created.exists()


def _url(site: Installation) -> str:
    """Return the broker's address in the form of the Redis client."""
    return site.valkey.broker_url().replace("redis+socket://", "unix://").replace("virtual_host=", "db=")


def starts_of_the_scheduler(site: Installation) -> int:
    return (site.base / "worker.log").read_text(errors="replace").count("beat: Starting...")


def until_scheduled(site: Installation, more_than: int) -> None:
    deadline = time.monotonic() + BACK_SECONDS
    while starts_of_the_scheduler(site) <= more_than:
        assert time.monotonic() < deadline, "no scheduler"
        time.sleep(0.2)


def test_a_killed_scheduler_is_started_again(site: Installation) -> None:
    """Without the scheduler there would be no tick until the worker is started again, so lost messages would stay
    lost.
    """
    worker = until_replaced(site.workers[0], -1)
    until_scheduled(site, more_than=0)
    time.sleep(5)  # Wait until the pool has started. If its processes are killed earlier, the worker ends.
    before = starts_of_the_scheduler(site)
    for child in children_of(worker):
        # Kill the processes of the pool, which Celery replaces, and the scheduler, which `SchedulerWatch` replaces.
        os.kill(child, signal.SIGKILL)
    until_scheduled(site, more_than=before)
    assert celery_process(site.workers[0].pid) == worker, "the worker itself goes on"
    tenant = site.tenant()
    site.ask("start", tenant)
    assert site.ended(tenant)["units_ended"] == 4


def test_a_stopped_supervisor_stops_its_worker(site: Installation) -> None:
    supervisor = site.start_worker(concurrency=1)
    worker = until_replaced(supervisor, -1)
    time.sleep(3)
    for child in children_of(worker):
        # Kill the scheduler and the pool. The processes that replace them must end with the worker, too.
        os.kill(child, signal.SIGKILL)
    time.sleep(5)
    left = [worker, *children_of(worker)]
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(30) == 0
    until_gone(left, 2)


def test_a_killed_supervisor_leaves_no_worker(site: Installation) -> None:
    supervisor = site.start_worker(concurrency=1)
    worker = until_replaced(supervisor, -1)
    time.sleep(5)
    left = [worker, *children_of(worker)]
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    until_gone(left, 60)
