"""A copy of the test database with the fixture `world`, and real workers that build reports from its rows."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings as django_settings

from portal.embedded import Valkey
from portal.reports.actions import request_report
from portal.reports.builds import BUILD
from portal.reports.models import Report
from portal.settings.env import BASE_DIR
from tenants.models import JournalEntry
from tenants.secrets import keys_file, ring
from tests import factories
from tests.databases import database_url, databases
from tests.faults.installation import kill_worker
from tests.portal.web.world import World


class Site:
    """A `World` in a database of its own, and the workers that build reports from the rows of this database."""

    def __init__(self, world: World, broker: str, folder: Path) -> None:
        ring()
        self.world, self._broker, self.home = world, broker, folder / "home"
        self._log = folder / "worker.log"
        self._environment = {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH")},
            "SURETY_HOME": str(self.home),
            "SURETY_KEYS": os.environ.get("SURETY_KEYS") or keys_file().read_text(),
            "DATABASE_URL": database_url(),
            "BROKER_URL": broker,
            "CACHE_URL": Valkey(django_settings.EMBEDDED_HOME).cache_url(),
        }
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self, **settings: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "manage.py", "worker", "--concurrency=2", f"--name=r{len(self.workers)}", "--no-beat"],
                cwd=BASE_DIR, env=self._environment | settings, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def send(self, report: Report) -> None:
        sender = Celery(broker=self._broker, set_as_current=False)
        sender.conf.task_default_queue = "surety"
        sender.send_task(BUILD, args=[str(report.tenant_id), str(report.pk)])

    def request(self, number_of_messages: int = 1) -> Report:
        with factories.in_tenant(self.world.home):
            report = request_report(tenant=self.world.home, by=self.world.people["organization_engineer"])
        for _ in range(number_of_messages):
            self.send(report)
        return report

    def row(self, report: Report) -> Report:
        with factories.in_tenant(self.world.home):
            return Report.objects.get(pk=report.pk)

    def files(self) -> list[Path]:
        return list(self.home.rglob("*.pdf"))

    def journal(self, report: Report) -> list[str]:
        with factories.in_tenant(self.world.home):
            entries = JournalEntry.objects.filter(target=f"report:{report.number}").order_by("sequence")
            return list(entries.values_list("action", flat=True))


@pytest.fixture
def site(
    stored_world: bytes,
    transactional_db: None,
    broker: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    # The tests send the messages themselves, to a broker without other workers.
    monkeypatch.setattr("tenants.dispatch._send", lambda task, arguments: None)
    databases.use_copy("world")
    site = Site(pickle.loads(stored_world), broker, tmp_path)
    yield site
    for worker in site.workers:
        if worker.poll() is None:
            kill_worker(worker)
        worker.wait()
    databases.use_empty()
