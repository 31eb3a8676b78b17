"""Measure bulk jobs of the API with a real web server and worker, and kill worker processes meanwhile.

`python -m benchmarks.bulk_jobs [--findings N] [--kills N]` writes the findings of a customer (a quarter of them fail),
and starts jobs with the API: acknowledge all failing findings, assign them, and undo the assignment. During the first
job, worker processes are killed with SIGKILL, N times. The program checks that each finding was changed once, and
prints times, the memory of the worker's processes, and how long a kill delayed the job.
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from contextlib import suppress
from typing import Any

from benchmarks.shared.api_server import ApiServer, api_server, start_worker
from benchmarks.shared.processes import ProcessSampler, children_of, descendants_of

POLL_SECONDS = 0.2


def started(server: ApiServer, body: dict[str, Any]) -> str:
    began = time.perf_counter()
    status, job = server.send("POST", "bulk-jobs", body)
    assert status == 202, (status, job)
    print(f"{body['action']:12} started with {job['total']} findings in {time.perf_counter() - began:.1f} s")
    return str(job["id"])


def follow(server: ApiServer, job: str, worker: int, kills: int = 0) -> dict[str, Any]:
    """Poll a bulk job until it ends, and return its last state. Kill the processes of the worker `kills` times, each
    time after the job has made progress.
    """
    began, progress, killed_at, delays = time.perf_counter(), -1, 0.0, []
    while True:
        found: dict[str, Any] = server.send("GET", f"bulk-jobs/{job}")[1]
        worked_on = found["done"] + found["skipped"]
        if worked_on != progress and killed_at:
            delays.append(time.perf_counter() - killed_at)
            killed_at = 0.0
        if found["ended_at"]:
            break
        if kills and worked_on > max(progress, 0) and not killed_at:
            for supervised in children_of(worker):
                for child in descendants_of(supervised):
                    with suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
            kills, killed_at = kills - 1, time.perf_counter()
        progress = worked_on
        time.sleep(POLL_SECONDS)
    seconds = time.perf_counter() - began
    print(f"{'':12} {found['state']} after {seconds:.1f} s: {found['done']} done, {found['skipped']} skipped")
    if delays:
        print(f"{'':12} {len(delays)} kills, each delayed the job by at most {max(delays):.1f} s")
    assert found["state"] == "finished", found
    assert found["done"] + found["skipped"] == found["total"], found
    return found


def check_changed_once(server: ApiServer, job: dict[str, Any]) -> None:
    """Check that the job wrote exactly one event into the timeline of each finding that it changed."""
    from portal.bulk_jobs.models import BulkJob
    from portal.treatment.models import TreatmentEvent
    from tenants.scope import organization_scope

    with organization_scope(server.organization_id):
        batch = BulkJob.objects.get(pk=job["id"]).batch
        findings = list(TreatmentEvent.objects.filter(batch=batch).values_list("finding", flat=True))
    assert len(findings) == len(set(findings)) == job["done"], (len(findings), job["done"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=2)
    options = parser.parse_args()
    with api_server(options.findings) as server:
        worker = start_worker(server)
        sampler = ProcessSampler(worker)
        sampler.start()
        print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores", flush=True)
        filters = {"verdict": ["fail"]}
        job = started(server, {"action": "acknowledge", "filters": filters, "acknowledge": {"plan": "Soon"}})
        check_changed_once(server, follow(server, job, worker, options.kills))
        job = started(
            server, {"action": "assign", "filters": filters, "assign": {"email": "person1@example.com"}}
        )
        check_changed_once(server, follow(server, job, worker))
        began = time.perf_counter()
        status, undone = server.send("POST", f"bulk-jobs/{job}/undo", {})
        assert status == 200, undone
        print(f"{'undo':12} {time.perf_counter() - began:.1f} s")
        sampler.end()
        print(f"peak memory of a process of the worker: {max(sampler.peak_mb.values()):.0f} MB")
        print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
