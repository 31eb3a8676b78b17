"""Tasks of killed workers are delivered again within seconds; a restart of the broker loses no task."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from django.core.cache.backends.redis import RedisCache

from portal.embedded import Valkey
from portal.settings.database import CACHES
from portal.settings.env import BASE_DIR

pytestmark = pytest.mark.slow(seconds=60)

REDELIVERY_SECONDS = 5
DATABASE = 5

type StartWorker = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def valkey(make_home: Callable[..., Path]) -> Valkey:
    server = Valkey(make_home())
    server.ensure()
    return server


@pytest.fixture
def environment(valkey: Valkey) -> dict[str, str]:
    return {
        **os.environ,
        "TEST_BROKER": valkey.broker_url(DATABASE),
        "SURETY_REDELIVERY_SECONDS": str(REDELIVERY_SECONDS),
    }


def documented_users() -> list[list[str]]:
    """Return the commands in docs/operations/servers.md that create the users of a separate server."""
    text = (BASE_DIR / "docs" / "operations" / "servers.md").read_text()
    found = [line.split() for line in text.splitlines() if line.startswith("ACL SETUSER ")]
    assert [command[2] for command in found] == ["surety-broker", "surety-cache"]
    return found


@pytest.fixture
def start_worker(environment: dict[str, str], tmp_path: Path) -> Iterator[StartWorker]:
    workers: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        log = (tmp_path / f"worker-{len(workers)}.log").open("wb")
        worker = subprocess.Popen(
            [
                *(sys.executable, "-m", "celery", "-A", "tests.portal.embedded.redelivery_worker", "worker"),
                *("--concurrency=1", "--pool=prefork", "--without-gossip", "--without-mingle"),
            ],
            cwd=BASE_DIR,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def send(valkey: Valkey, environment: dict[str, str], task: str = "slow", countdown: int = 0) -> None:
    program = (
        f"import sys; from tests.portal.embedded.redelivery_worker import {task} as task;"
        f" task.apply_async([sys.argv[1]], countdown={countdown or None})"
    )
    subprocess.run(
        [sys.executable, "-c", program, valkey.admin_url(DATABASE + 1)],
        cwd=BASE_DIR,
        env=environment,
        check=True,
    )


def wait_for(valkey: Valkey, key: str, length: int, seconds: float) -> float:
    """Wait until the list `key` has `length` items. Return the seconds taken; fail after `seconds`."""
    begun = time.monotonic()
    with redis.Redis.from_url(valkey.admin_url(DATABASE + 1)) as client:
        while client.llen(key) < length:
            assert time.monotonic() - begun < seconds, f"{key}: {client.llen(key)} after {seconds} s"
            time.sleep(0.05)
    return time.monotonic() - begun


def test_a_killed_workers_task_is_delivered_again_within_seconds(
    valkey: Valkey, environment: dict[str, str], start_worker: StartWorker
) -> None:
    first = start_worker()
    send(valkey, environment)
    wait_for(valkey, "begins", 1, 30)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    start_worker()
    # The message is visible again after 5 s, and workers check every 2 s. The other seconds are
    # for the start of the second worker.
    assert wait_for(valkey, "begins", 2, REDELIVERY_SECONDS + 20) < REDELIVERY_SECONDS + 20
    wait_for(valkey, "ends", 1, 5)


def test_a_task_of_a_killed_child_process_is_delivered_again_at_once(
    valkey: Valkey, environment: dict[str, str], start_worker: StartWorker
) -> None:
    worker = start_worker()
    send(valkey, environment)
    wait_for(valkey, "begins", 1, 30)
    listing = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(worker.pid)], capture_output=True, text=True, check=False
    )
    children = [int(pid) for pid in listing.stdout.split()]
    assert children
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    wait_for(valkey, "ends", 1, 15)
    assert worker.poll() is None


def test_a_task_that_waits_for_longer_than_the_redelivery_runs_once(
    valkey: Valkey, environment: dict[str, str], start_worker: StartWorker
) -> None:
    """If the message of a task with a long countdown, such as a retry, were delivered again during the wait, the task
    would run several times.
    """
    start_worker()
    send(valkey, environment, "note")
    # When the first task has run, the worker is ready. So it gets the next message at once, and waits for the whole
    # countdown.
    wait_for(valkey, "notes", 1, 30)
    countdown = 2 * REDELIVERY_SECONDS + 4
    send(valkey, environment, "note", countdown)
    wait_for(valkey, "notes", 2, countdown + 30)
    time.sleep(3)
    with redis.Redis.from_url(valkey.admin_url(DATABASE + 1)) as client:
        assert client.llen("notes") == 2


def test_a_restarted_broker_keeps_its_messages(
    valkey: Valkey, environment: dict[str, str], start_worker: StartWorker
) -> None:
    send(valkey, environment)
    time.sleep(1.1)
    assert valkey.stop() is True
    worker = start_worker()  # The worker waits until the broker is started again.
    time.sleep(2)
    assert worker.poll() is None
    valkey.ensure()
    wait_for(valkey, "begins", 1, 30)


def test_workers_and_cache_work_with_the_documented_users(
    valkey: Valkey, environment: dict[str, str], start_worker: StartWorker
) -> None:
    with valkey.client() as administrator:
        for command in documented_users():
            administrator.execute_command(*command)
    environment["TEST_BROKER"] = (
        f"redis+socket://surety-broker:PASSWORD@{quote(str(valkey.socket))}?virtual_host=5"
    )
    environment["SURETY_BROKER_PREFIX"] = "surety-broker:"
    first = start_worker()
    send(valkey, environment)
    wait_for(valkey, "begins", 1, 30)
    os.killpg(first.pid, signal.SIGKILL)
    start_worker()
    # If a worker is killed while it looks for messages, its lock stays for 10 s (`unacked_mutex_expire`). During this
    # time, other workers cannot look for messages.
    wait_for(valkey, "begins", 2, REDELIVERY_SECONDS + 40)
    wait_for(valkey, "ends", 1, 5)

    options = {key: value for key, value in CACHES["default"].items() if key not in ("BACKEND", "LOCATION")}
    cache = RedisCache(f"unix://surety-cache:ANOTHER@{quote(str(valkey.socket))}?db=1", options)
    cache.set("key", [1.5], 60)
    assert (cache.get("key"), cache.add("key", 1, 60), cache.incr("number") if cache.add("number", 1) else 0) == (
        [1.5], False, 2,
    )  # fmt: skip
    with redis.Redis(
        unix_socket_path=str(valkey.socket), username="surety-broker", password="PASSWORD", db=1
    ) as attacker:
        for words in [
            ("GET", "surety:2:key"),
            ("SET", "surety:2:key", "x"),
            ("DEL", "surety:2:key"),
            ("FLUSHDB",),
        ]:
            with pytest.raises(redis.exceptions.NoPermissionError):
                attacker.execute_command(*words)
