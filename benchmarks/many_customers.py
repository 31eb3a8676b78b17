"""Measure the assessments of many customers of one organization, started by the organization's default schedule.

`python -m benchmarks.many_customers [--customers N] [--window MINUTES] [--workers N]` imports customers from a CSV file
with `manage.py import_customers --sign-in`. One customer is large, one in ten is of medium size, and all others are
small. Each customer has a directory of its own. The sandbox emulates Azure for all customers. Workers with their
scheduler start each customer's assessment within the window. The benchmark prints how long the import took, how evenly
and how late the assessments started, how long customers of each size waited and took, and the memory of the workers.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from benchmarks.shared.installation import MANAGE, generate, installation, serve
from benchmarks.shared.processes import ProcessSampler, until_ready
from tests.e2e.forward_proxy import forward_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.workers.child_processes import ChildProcesses

TIMEOUT: Final = timedelta(minutes=30)
SIZES: Final = {"large": (20, 200), "medium": (3, 100), "small": (1, 40)}
"""{size of a customer: (number of subscriptions, number of documents in each subscription)}"""


@dataclass(frozen=True, slots=True)
class Run:
    """The times at which the assessment of one customer was due, started and ended. `worked` is the time at which a
    worker began with the first subscription or directory of the customer.
    """

    size: str
    due: datetime
    started: datetime
    worked: datetime
    ended: datetime

    @property
    def wait(self) -> float:
        """Seconds from the start of the assessment until a worker began with the customer's first subscription or
        directory.
        """
        return (self.worked - self.started).total_seconds()

    @property
    def took(self) -> float:
        """Seconds from the start of the assessment to its end."""
        return (self.ended - self.started).total_seconds()


def estates(folder: Path, count: int) -> dict[str, Path]:
    """Generate an estate for each customer. Return {name of the customer: estate file}. A name begins with `large`,
    `medium` or `small`, the size of the customer.
    """
    found = {}
    for number in range(count):
        size = "large" if number == 0 else "medium" if number % 10 == 0 else "small"
        subscriptions, resources = SIZES[size]
        path = folder / f"{size}-{number:03}.jsonl"
        found[f"{size} {number:03}"] = generate(
            path, subscriptions=subscriptions, resources=resources, seed=number + 1
        )
    return found


def write_customers(path: Path, files: dict[str, Path]) -> None:
    """Write a CSV file of all customers, each with the directory and the credential in its estate file."""
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["name", "directory_id", "client_id", "client_secret"])
        for name, file in files.items():
            with file.open() as lines:
                directory = json.loads(next(lines))["directory"]
            client = directory["clients"][0]
            writer.writerow([name, directory["tenantId"], client["clientId"], client["secret"]])


def import_all(path: Path) -> float:
    """Import a CSV file with `manage.py import_customers`. Return the seconds that it took."""
    start = time.monotonic()
    command = [sys.executable, str(MANAGE), "import_customers", str(path), "--sign-in"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The import failed: {done.stdout[-500:]} {done.stderr[-2000:]}")
    print(done.stdout.splitlines()[-1])
    return time.monotonic() - start


def schedule(organization_id: UUID, window: int) -> datetime:
    """Set the default schedule of the organization so that its window begins in less than two minutes. Return the time
    at which the window begins.
    """
    from assessments.actions.schedules import set_default_schedule
    from tenants.actors import System
    from tenants.models import Organization
    from tenants.scope import organization_scope

    begins = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=2)
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        set_default_schedule(
            organization=organization, by=System("benchmark"), wanted=f"daily {begins:%H:%M} within {window}"
        )
    return begins


def until_ended(organization: UUID, count: int, window: int, processes: ChildProcesses) -> None:
    """Wait until the assessments of all customers have ended. Print the progress once a minute."""
    from assessments.models import Assessment
    from tenants.scope import organization_scope

    deadline = time.monotonic() + (timedelta(minutes=window) + TIMEOUT).total_seconds()
    printed = 0.0
    while True:
        if exited := processes.first_exited():
            raise SystemExit(f"The {exited[0]} exited with status {exited[1]}.")
        with organization_scope(organization):
            states = list(Assessment.objects.values_list("ended_at", flat=True))
        ended = sum(at is not None for at in states)
        if ended == count:
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"{ended} of {count} assessments ended before the time-out.")
        if time.monotonic() - printed > 60:
            printed = time.monotonic()
            print(f"{datetime.now(UTC):%H:%M:%S} started {len(states)}, ended {ended}", flush=True)
        time.sleep(5)


def read_runs(organization: UUID) -> tuple[list[Run], dict[str, int]]:
    """Return the times of each customer's assessment, and {state: number of units}."""
    from assessments.models import Assessment, Schedule, Unit
    from tenants.scope import organization_scope

    with organization_scope(organization):
        due = dict(Schedule.objects.values_list("tenant_id", "last_due_at"))
        units: Counter[str] = Counter()
        first: dict[UUID, datetime] = {}
        for tenant_id, state, started_at in Unit.objects.values_list("tenant_id", "state", "started_at"):
            units[state] += 1
            if started_at is not None:
                first[tenant_id] = min(started_at, first.get(tenant_id, started_at))
        runs = []
        for row in Assessment.objects.select_related("tenant"):
            assert row.ended_at is not None
            planned = due[row.tenant_id]
            assert planned is not None
            size = row.tenant.name.split()[0]
            runs.append(Run(size, planned, row.created_at, first[row.tenant_id], row.ended_at))
    return runs, dict(units)


def print_figures(runs: list[Run], units: dict[str, int], begins: datetime) -> None:
    """Print the figures of all assessments."""
    last, due = max(run.ended for run in runs), max(run.due for run in runs)
    print(f"{len(runs)} assessments, units by state {units}")
    print(
        f"all ended {(last - begins).total_seconds() / 60:.1f} min after the beginning of the window,"
        f" {(last - due).total_seconds():.0f} s after the last one was due"
    )
    minutes = Counter(int((run.started - begins).total_seconds() // 60) for run in runs)
    counts = [minutes.get(number, 0) for number in range(max(minutes) + 1)]
    print(f"started in each minute: {counts}")
    late = [(run.started - run.due).total_seconds() for run in runs]
    print(f"seconds between due time and start: {summary(late)}")
    print(f"seconds from start until a worker began: {summary([run.wait for run in runs])}")
    print(
        f"seconds between due time and end: {summary([(run.ended - run.due).total_seconds() for run in runs])}"
    )
    for size in SIZES:
        if took := [run.took for run in runs if run.size == size]:
            print(f"{size} ({len(took)} customers), seconds of an assessment: {summary(took)}")
    (large,) = [run for run in runs if run.size == "large"]
    small = [run for run in runs if run.size == "small"]
    beside = [run.took for run in small if run.started < large.ended and run.ended > large.started]
    alone = [run.took for run in small if run.started >= large.ended or run.ended <= large.started]
    if beside and alone:
        print(
            f"small customers, seconds of an assessment: {summary(beside)} while the large customer was assessed,"
            f" {summary(alone)} at other times"
        )


def summary(values: list[float]) -> str:
    """Return the median, the 95th percentile, the maximum and the number of the values as text."""
    ordered = sorted(values)
    return (
        f"median {statistics.median(ordered):.1f}, 95 % {ordered[len(ordered) * 95 // 100]:.1f},"
        f" at most {ordered[-1]:.1f} ({len(ordered)})"
    )


@contextmanager
def imported_customers(count: int) -> Iterator[tuple[ChildProcesses, Path, UUID]]:
    """Set up an installation, and import this many customers into one organization with the slug `benchmark`.

    Yield the child processes, the state directory and the id of the organization.
    """
    with installation() as home:
        from portal.workers.child_processes import child_processes
        from tenants.actions import register_organization
        from tenants.actors import System

        files = estates(home, count)
        megabytes = sum(file.stat().st_size for file in files.values()) / 2**20
        print(f"estates of {len(files)} customers: {megabytes:.0f} MB", flush=True)
        organization = register_organization(by=System("benchmark"), name="Benchmark", slug="benchmark").pk
        write_customers(home / "customers.csv", files)
        with child_processes() as processes:
            first, *others = files.values()
            served = serve(processes, first, home, "--latency-ms=20", "--no-throttle", others=others)
            with forward_proxy(served["url"]) as proxy:
                os.environ |= {"HTTPS_PROXY": proxy, "REQUESTS_CA_BUNDLE": served["ca"]}
                print(f"import with sign-in: {import_all(home / 'customers.csv'):.0f} s", flush=True)
                yield processes, home, organization


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--window", type=int, default=15, help="minutes in which the assessments start")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    options = parser.parse_args()
    with imported_customers(options.customers) as (processes, home, organization):
        _measure(processes, home, organization, options)


def _measure(processes: ChildProcesses, home: Path, organization: UUID, options: argparse.Namespace) -> None:
    """Start the workers, wait until the schedule has started all assessments and all assessments have ended, and print
    the figures.
    """
    command: list[Any] = [sys.executable, str(MANAGE), "worker", f"--concurrency={options.workers}"]
    with (home / "worker.log").open("ab") as log:
        worker = processes.start("workers", command, log=log)
    until_ready(processes)
    sampler = ProcessSampler(worker.pid)
    sampler.start()
    begins = schedule(organization, options.window)
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; begins at {begins:%H:%M}")
    until_ended(organization, options.customers, options.window, processes)
    sampler.end()
    print(f"load average {os.getloadavg()[0]:.1f}")
    print_figures(*read_runs(organization), begins)
    print(
        f"processor time of the workers {sum(sampler.cpu_seconds.values()):.0f} s; memory of all {len(sampler.peak_mb)}"
        f" processes together {sampler.together_mb:.0f} MB (PSS), of the largest {max(sampler.peak_mb.values()):.0f} MB"
    )
    errors = [line for line in (home / "worker.log").read_text().splitlines() if '"level": "error"' in line]
    print(f"errors in the log of the workers: {len(errors)}", *errors[:5], sep="\n")


if __name__ == "__main__":
    main()
