"""The tasks of notifications with a real worker and broker: repeated messages and a killed worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings as django_settings
from django.utils import timezone

from portal.celery import WITH_TASKS, app
from portal.embedded import Valkey
from portal.notify.models import Post
from portal.notify.publish import SEND
from portal.settings.env import BASE_DIR
from tenants.models import Tenant
from tenants.secrets import keys_file, ring
from tests import factories
from tests.databases import database_url
from tests.faults.installation import celery_process, children_of, kill_worker
from tests.portal.notify.outbox import add_channel, publish_event
from tests.portal.notify.receivers import Receiver
from tests.waiting import until

type Start = Callable[[], subprocess.Popen[bytes]]

# A task keeps its name when its package is renamed, because messages with this name may wait in the broker.
RENAMED_PACKAGES = {"portal.leaving": "portal.offboarding"}


def test_the_worker_loads_all_modules_with_tasks() -> None:
    # Compare the files with `WITH_TASKS`. The tasks of the Celery app would prove nothing, because they include tasks
    # that only other tests have imported.
    paths = [*BASE_DIR.glob("*/tasks.py"), *BASE_DIR.glob("portal/*/tasks.py")]
    paths += [*BASE_DIR.glob("*/tasks/__init__.py"), *BASE_DIR.glob("portal/*/tasks/__init__.py")]
    folders = [path.parent if path.name == "tasks.py" else path.parent.parent for path in paths]
    assert {".".join(folder.relative_to(BASE_DIR).parts) for folder in folders} == set(WITH_TASKS)
    scheduled = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    packages = {name.partition(".tasks.")[0] for name in scheduled}
    assert {RENAMED_PACKAGES.get(package, package) for package in packages} <= set(WITH_TASKS)


def test_all_scheduled_tasks_exist() -> None:
    app.loader.import_default_modules()
    wanted = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    assert "portal.notify.tasks.tick" in wanted
    assert wanted | {SEND} <= set(app.tasks)


@pytest.fixture
def start(broker: str, transactional_db: None, tmp_path: Path) -> Iterator[Start]:
    """Start workers for the test's database; all are stopped afterwards."""
    ring()
    environment = {
        **{k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TMPDIR")},
        "SURETY_HOME": str(tmp_path / "home"),
        "SURETY_KEYS": os.environ.get("SURETY_KEYS") or keys_file().read_text(),
        "SURETY_WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database_url(),
        "BROKER_URL": broker,
        "CACHE_URL": Valkey(django_settings.EMBEDDED_HOME).cache_url(),
    }
    workers: list[subprocess.Popen[bytes]] = []
    log = (tmp_path / "worker.log").open("ab")

    def started() -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--concurrency=2", f"--name=n{len(workers)}", "--no-beat"],
            cwd=BASE_DIR, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        workers.append(worker)
        return worker

    yield started
    for worker in workers:
        if worker.poll() is None:
            kill_worker(worker)
        worker.wait()
    log.close()


def state(tenant: Tenant) -> tuple[str, int]:
    with factories.in_tenant(tenant):
        post = Post.objects.get()
        return post.state, post.attempts


@pytest.mark.slow
def test_repeated_messages_and_a_killed_worker_deliver_a_post(
    start: Start, broker: str, receiver: Receiver
) -> None:
    tenant = factories.tenant()
    add_channel(tenant, receiver.url())
    publish_event(tenant)
    worker = start()
    sender = Celery(broker=broker, set_as_current=False)
    sender.conf.task_default_queue = "surety"
    receiver.may_answer.clear()
    for _ in range(3):
        sender.send_task(SEND, args=[str(tenant.pk)])
    until(receiver.arrived.is_set)
    for child in children_of(celery_process(worker.pid)):
        os.kill(child, signal.SIGKILL)
    receiver.may_answer.set()
    time.sleep(2)
    # The messages are delivered again, but the post cannot be sent yet: it is still claimed by the killed process.
    assert state(tenant) == ("waiting", 1)
    with factories.in_tenant(tenant):
        Post.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    for _ in range(3):
        sender.send_task(SEND, args=[str(tenant.pk)])
    until(lambda: state(tenant) == ("delivered", 2))
    time.sleep(1)
    first, second = (got.headers["Surety-Delivery"] for got in receiver.received)
    assert first == second
