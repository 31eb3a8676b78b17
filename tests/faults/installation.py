"""Run a separate installation with its own servers, workers and sandbox, whose processes tests can kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from portal.embedded import Postgres, ServerFiles, Valkey
from tests.prepared_home import PreparedHome
from tests.sandbox.running import PROJECT, Running, running

LATENCY_MS = 60


def children_of(pid: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listing.stdout.split()]


def celery_process(supervisor: int) -> int:
    """Return the process id of the Celery worker. `supervisor` is the process id of its `manage.py worker`."""
    (worker,) = children_of(supervisor)
    return worker


def kill_worker(worker: subprocess.Popen[bytes]) -> None:
    """Kill a `manage.py worker`, the worker that it supervises and all their children with SIGKILL."""
    supervised = children_of(worker.pid)
    os.killpg(worker.pid, signal.SIGKILL)
    for pid in supervised:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    worker.wait()


class Installation:
    """A separate installation. The function `installed` creates it, and ends all its processes."""

    def __init__(self, base: Path, sandbox: Running) -> None:
        self.base = base
        self.home = base / "home"
        self.postgres, self.valkey = Postgres(self.home), Valkey(self.home)
        self.sandbox = sandbox
        given = {
            k: v
            for k, v in os.environ.items()
            if k not in ("DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE")
        }
        self.environment = {**given, "SURETY_HOME": str(self.home), "SURETY_REDELIVERY_SECONDS": "6"}
        self.workers: list[subprocess.Popen[bytes]] = []
        self._site: subprocess.Popen[str] | None = None

    def set_up(self, prepared: PreparedHome) -> None:
        """Make the state directory, as `manage.py setup` does, and start its servers."""
        prepared.copy_to(self.home)
        self.postgres.ensure()
        self.valkey.ensure()

    def ask(self, command: str, argument: str) -> Any:
        """Run a command of `tests.faults.site` in the installation and return its answer."""
        if self._site is None or self._site.poll() is not None:
            self._site = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.site"], cwd=PROJECT, env=self.environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log("site"),
            )  # fmt: skip
        assert self._site.stdin is not None
        assert self._site.stdout is not None
        with suppress(BrokenPipeError):
            self._site.stdin.write(f"{command} {argument}\n")
            self._site.stdin.flush()
        answer = self._site.stdout.readline()
        assert answer, f"{command}: {(self.base / 'site.log').read_text()[-2000:]}"
        return json.loads(answer)

    def forget_site(self) -> None:
        """End the process that answers `ask`, because its database is about to stop."""
        if self._site is not None:
            self._site.kill()
            self._site.communicate()
            self._site = None

    def start_worker(self, concurrency: int = 2) -> subprocess.Popen[bytes]:
        """Start a worker with the scheduler, as `manage.py serve` does."""
        worker = subprocess.Popen(
            [
                sys.executable, "manage.py", "worker", "--skip-checks", f"--concurrency={concurrency}",
                f"--name=w{len(self.workers)}",
            ],
            cwd=PROJECT, env=self.environment, stdout=self._log("worker"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    @property
    def worker(self) -> subprocess.Popen[bytes]:
        """The running worker that was started last."""
        return next(worker for worker in reversed(self.workers) if worker.poll() is None)

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill the worker and its children with SIGKILL, as the kernel does when memory runs out."""
        kill_worker(worker)

    def tenant(self) -> str:
        """Register a new tenant in the sandbox and return its id."""
        path = self.base / "served.json"
        path.write_text(json.dumps(self.sandbox.ready))
        return self.ask("register", str(path))

    def when(
        self, tenant: str, true: Callable[[dict[str, Any]], bool], seconds: float = 180, every: float = 0.1
    ) -> dict[str, Any]:
        """Return the newest assessment's state as soon as the condition holds; fail after `seconds`.

        The time limit is long because a message can be lost: a worker takes it from the queue, and is killed before it
        has marked the message as taken. The task `tick` sends the message again 45 to 105 seconds later.
        """
        deadline = time.monotonic() + seconds
        while not true(state := self.ask("state", tenant)):
            assert time.monotonic() < deadline, f"{state}\n{(self.base / 'worker.log').read_text()[-3000:]}"
            time.sleep(every)
        return state

    def ended(self, tenant: str, seconds: float = 180) -> dict[str, Any]:
        """Wait until the newest assessment has ended. Return its state."""
        return self.when(tenant, lambda state: state["state"] in ("finished", "cancelled"), seconds)

    def in_the_middle(self, tenant: str) -> dict[str, Any]:
        """Wait until a unit of the newest assessment is running. Return the assessment's state."""
        return self.when(tenant, lambda state: bool(running_units(state)))

    def _log(self, name: str) -> IO[bytes]:
        return (self.base / f"{name}.log").open("ab")

    def close(self) -> None:
        self.forget_site()
        for worker in self.workers:
            if worker.poll() is None:
                kill_worker(worker)
            worker.wait()


def running_units(state: dict[str, Any]) -> list[str]:
    return [scope for scope, unit in state["units"].items() if unit["state"] == "running"]


@contextmanager
def installed(estate: Path, prepared: PreparedHome) -> Iterator[Installation]:
    """Create an installation whose sandbox serves the estate slowly, and remove it at the end."""
    base = Path(tempfile.mkdtemp(prefix="surety-faults-"))
    base.chmod(0o711)
    try:
        with running(base / "sandbox", estate, "--no-throttle", "--latency-ms", str(LATENCY_MS)) as sandbox:
            made = Installation(base, sandbox)
            try:
                made.set_up(prepared)
                yield made
            finally:
                made.close()
                for server in (made.postgres, made.valkey):
                    server.stop()
                ServerFiles(made.home).remove()
    finally:
        shutil.rmtree(base)
