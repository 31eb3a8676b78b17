"""Measure a complete assessment, and a second assessment of the unchanged estate, run by real workers.

`python -m benchmarks.assessment [--subscriptions N] [--resources N] [--latency-ms N] [--workers N] [--rounds N]`
generates an estate, serves it with the sandbox (without throttling), sets up an installation in a temporary directory
and starts `manage.py worker`. The requests are read from the log of the sandbox, the memory from /proc, and the numbers
of rows and the times from the database.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from benchmarks.shared.installation import MANAGE, ask, generate, installation, register, rows, serve
from benchmarks.shared.processes import ProcessSampler, until_ready

if TYPE_CHECKING:
    from portal.workers.child_processes import ChildProcesses

TIMEOUT_SECONDS = 1800
_SUBSCRIPTION = re.compile(r"/subscriptions/([0-9a-f-]{36})(?=/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """The figures of one assessment. `requests` is {GUID of a subscription, or "" for other requests: number},
    `statuses` is {HTTP status: number}, and `added` is {table: number of new rows}. `unread` is the number of units
    that were not read."""

    seconds: float
    requests: Counter[str]
    statuses: Counter[int]
    added: dict[str, int]
    unread: int


def assess(tenant_id: UUID, ready: dict[str, Any], processes: ChildProcesses) -> Run:
    """Start an assessment and wait for its end."""
    from assessments.actions.start import start
    from assessments.models import Assessment, Unit
    from tenants.actors import System
    from tenants.models import Tenant
    from tenants.scope import tenant_scope

    ask(ready, "/_sandbox/requests/reset", "POST")
    before = rows(tenant_id)
    with tenant_scope(tenant_id):
        made = start(tenant=Tenant.objects.get(pk=tenant_id), by=System("benchmark"))
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        if exited := processes.first_exited():
            raise SystemExit(f"The {exited[0]} exited with status {exited[1]}.")
        if time.monotonic() > deadline:
            raise SystemExit(f"The assessment did not end in {TIMEOUT_SECONDS} s.")
        with tenant_scope(tenant_id):
            row = Assessment.objects.get(pk=made.pk)
            unread = Unit.objects.filter(assessment=row).exclude(state=Unit.State.DONE).count()
        if not row.is_active:
            break
        time.sleep(0.2)
    log = ask(ready, "/_sandbox/requests")
    requests: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    for line in log:
        found = _SUBSCRIPTION.search(line["path"])
        requests[found.group(1).lower() if found else ""] += line["count"]
        statuses[line["status"]] += line["count"]
    after = rows(tenant_id)
    added = {table: after[table] - before[table] for table in after if after[table] != before[table]}
    return Run(_between(row.created_at, row.ended_at), requests, statuses, added, unread)


def _between(start: datetime, end: datetime | None) -> float:
    assert end is not None
    return (end - start).total_seconds()


def print_run(name: str, run: Run) -> None:
    subscriptions = {key: count for key, count in run.requests.items() if key}
    counts = sorted(subscriptions.values())
    print(
        f"{name}: {run.seconds:.1f} s, {run.requests.total()} requests; per subscription median"
        f" {statistics.median(counts):.0f}, {counts[0]} to {counts[-1]}; outside of subscriptions"
        f" {run.requests['']}; statuses {dict(sorted(run.statuses.items()))}; units not done {run.unread}"
    )
    print(f"  rows added: {sum(run.added.values())} {dict(sorted(run.added.items()))}")


def measure_round(
    estate: Path, options: argparse.Namespace, home: Path, number: int
) -> tuple[Run, Run, ProcessSampler, float]:
    """Measure two assessments of a new tenant with new workers. Return the figures of both assessments, the
    samples of the memory, and the processor seconds of the first assessment.
    """
    from portal.workers.child_processes import child_processes

    with child_processes() as processes:
        ready = serve(processes, estate, home, f"--latency-ms={options.latency_ms}", "--no-throttle")
        command = [sys.executable, str(MANAGE), "worker", f"--concurrency={options.workers}"]
        with (home / "worker.log").open("ab") as log:
            worker = processes.start("workers", [*command, "--no-beat", f"--name=b{number}"], log=log)
        tenant_id = register(f"Benchmark {number}", ready)
        until_ready(processes)
        sampler = ProcessSampler(worker.pid)
        sampler.start()
        first = assess(tenant_id, ready, processes)
        used = sum(sampler.cpu_seconds.values())
        second = assess(tenant_id, ready, processes)
        sampler.end()
    return first, second, sampler, used


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--subscriptions", type=int, default=20)
    parser.add_argument("--resources", type=int, default=200, help="documents per subscription")
    parser.add_argument("--latency-ms", type=int, default=50, help="delay of each reply of the sandbox")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--rounds", type=int, default=3, help="rounds for the medians")
    options = parser.parse_args()
    figures: dict[str, list[float]] = {}
    with installation() as home:
        estate = generate(
            home / "estate.jsonl", subscriptions=options.subscriptions, resources=options.resources
        )
        print(f"estate: {options.subscriptions} subscriptions, {estate.stat().st_size / 2**20:.1f} MB")
        for number in range(1, options.rounds + 1):
            first, second, sampler, used = measure_round(estate, options, home, number)
            print_run(f"round {number}, first", first)
            print_run(f"round {number}, nothing changed", second)
            peaks = sorted(sampler.peak_mb.values())
            print(
                f"  peak resident memory of worker processes: {[round(mb) for mb in peaks]} MB,"
                f" proportional set size (PSS) {[round(mb) for mb in sorted(sampler.unshared_mb.values())]} MB"
            )
            findings = first.added.get("assessments_finding", 0)
            for name, value in {
                "first, seconds": first.seconds,
                "first, CPU seconds of the workers": used,
                "first, requests": first.requests.total(),
                "first, findings": findings,
                "first, findings a second, end to end": findings / first.seconds,
                "nothing changed, seconds": second.seconds,
                "nothing changed, CPU seconds of the workers": sum(sampler.cpu_seconds.values()) - used,
                "nothing changed, rows added": sum(second.added.values()),
                "worker process, peak MB": peaks[-1],
            }.items():
                figures.setdefault(name, []).append(value)
    for name, values in figures.items():
        print(f"median of {len(values)}: {name} {statistics.median(values):.1f}")


if __name__ == "__main__":
    main()
