"""Measure many customers of one organization that assess themselves by the organization's default schedule.

`python -m benchmarks.many_customers [--customers N] [--window MINUTES] [--workers N]` registers customers with one
subscription each and, first, one with 20 larger subscriptions. All are served by the sandbox. Workers with their
scheduler start each customer's assessment within the window. Printed are how late each assessment started, how long it
took until its end, and whether the large customer delayed the others.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from benchmarks.assessment import Watch, until_ready
from benchmarks.installation import MANAGE, add_customer, generate, installation, serve

if TYPE_CHECKING:
    from portal.child_processes import ChildProcesses

TIMEOUT = timedelta(minutes=30)


def register_all(count: int, small: dict[str, Any], large: dict[str, Any]) -> tuple[UUID, list[UUID]]:
    """Return the organization, and the customers; the first one is the large one."""
    from tenants.actions import register_organization
    from tenants.actors import System

    made = register_organization(by=System("benchmark"), name="Benchmark")
    customers = [add_customer(made.pk, "Large", large)]
    customers += [add_customer(made.pk, f"Customer {number:03}", small) for number in range(1, count)]
    return made.pk, customers


def schedule(organization_id: UUID, window: int) -> datetime:
    """Set the default schedule so that it begins in the next minute but one; return that time."""
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


def until_ended(organization: UUID, customers: list[UUID], window: int, processes: ChildProcesses) -> None:
    """Wait until each customer's assessment has ended; print the progress once a minute."""
    from assessments.models import Assessment
    from tenants.scope import organization_scope

    deadline = time.monotonic() + (timedelta(minutes=window) + TIMEOUT).total_seconds()
    while True:
        if exited := processes.first_exited():
            raise SystemExit(f"The {exited[0]} exited with status {exited[1]}.")
        with organization_scope(organization):
            states = list(Assessment.objects.values_list("ended_at", flat=True))
        ended = sum(at is not None for at in states)
        if ended == len(customers):
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"{ended} of {len(customers)} assessments ended before the time-out.")
        print(f"{datetime.now(UTC):%H:%M:%S} started {len(states)}, ended {ended}", flush=True)
        time.sleep(20)


def print_figures(organization: UUID, customers: list[UUID], begins: datetime) -> None:
    """Print the figures of all assessments."""
    from assessments.models import Assessment, Schedule, Unit
    from tenants.scope import organization_scope

    with organization_scope(organization):
        planned = Schedule.objects.values_list("tenant_id", "last_due_at")
        due = {tenant_id: at for tenant_id, at in planned if at is not None}
        ended = Assessment.objects.filter(ended_at__isnull=False)
        rows = {
            tenant_id: (created_at, ended_at)
            for tenant_id, created_at, ended_at in ended.values_list("tenant_id", "created_at", "ended_at")
            if ended_at is not None
        }
        failed = Unit.objects.exclude(state=Unit.State.DONE).count()
    late = sorted((rows[pk][0] - due[pk]).total_seconds() for pk in customers)
    took = {pk: (rows[pk][1] - rows[pk][0]).total_seconds() for pk in customers}
    others = sorted(took[pk] for pk in customers[1:])
    large = rows[customers[0]]
    beside = [took[pk] for pk in customers[1:] if rows[pk][0] < large[1] and rows[pk][1] > large[0]]
    last = max(ended_at for _, ended_at in rows.values())
    print(f"{len(customers)} assessments, {failed} units not done; all ended after {last - begins}")
    print(f"started after the due time: median {statistics.median(late):.0f} s, at most {late[-1]:.0f} s")
    print(f"took: median {statistics.median(others):.1f} s, 95 % {others[len(others) * 95 // 100]:.1f} s,"
          f" at most {others[-1]:.1f} s; the large customer {took[customers[0]]:.1f} s")  # fmt: skip
    if beside:
        print(f"{len(beside)} ran beside the large customer: median {statistics.median(beside):.1f} s,"
              f" at most {max(beside):.1f} s")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--window", type=int, default=15, help="minutes in which the assessments start")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    options = parser.parse_args()
    with installation() as home:
        from portal.child_processes import child_processes

        small = generate(home / "small.jsonl", subscriptions=1, resources=40)
        large = generate(home / "large.jsonl", subscriptions=20, resources=200, seed=2)
        with child_processes() as processes:
            served = [
                serve(processes, estate, home, "--latency-ms=20", "--no-throttle")
                for estate in (small, large)
            ]
            organization, customers = register_all(options.customers, *served)
            command = [sys.executable, str(MANAGE), "worker", f"--concurrency={options.workers}"]
            with (home / "worker.log").open("ab") as log:
                worker = processes.start("workers", command, log=log)
            until_ready(processes)
            watch = Watch(worker.pid)
            watch.start()
            begins = schedule(organization, options.window)
            print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores; begins at {begins:%H:%M}")
            until_ended(organization, customers, options.window, processes)
            watch.end()
        print_figures(organization, customers, begins)
        print(f"processor time of the workers {sum(watch.cpu_seconds.values()):.0f} s,"
              f" peak memory of a process {max(watch.peak_mb.values()):.0f} MB")  # fmt: skip
        log_text = Path(home, "worker.log").read_text()
        print(
            f"lines of the workers' log with errors: {sum('error' in line for line in log_text.splitlines())}"
        )


if __name__ == "__main__":
    main()
