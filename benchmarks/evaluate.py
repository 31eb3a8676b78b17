"""What an assessment costs: requests per subscription, and verdicts a second.

`python -m benchmarks.evaluate [--subscriptions N] [--resources N] [--rounds N]` makes up an estate, serves it
with the sandbox (a process of its own, not throttled), collects every unit one after the other as a live
assessment does, and then judges each collected estate `rounds` times. Collecting is measured in wall time,
which on a local sandbox is mostly this process's own work; judging in CPU time of one core.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from assessments.collect.clouds import single_host
from assessments.collect.run import collect
from assessments.collect.session import Session
from assessments.controls.registry import catalogue
from assessments.estate.estate import Estate, UnitKind
from assessments.evaluate import evaluate
from assessments.management.offline import Unit, units_of
from assessments.management.sandboxed import serve

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def generated(folder: Path, subscriptions: int, resources: int) -> Path:
    """An estate file of that size; the same one each time."""
    path = folder / "estate.jsonl"
    command = [sys.executable, "-m", "sandbox", "generate", "--seed", "1"]
    command += ["--subscriptions", str(subscriptions), "--resources", str(resources)]
    with path.open("wb") as file:
        subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, check=True)
    return path


def collected(path: Path) -> tuple[list[Estate], dict[UnitKind, list[tuple[int, float]]]]:
    """Every unit's estate, and (requests, seconds) of each unit by kind."""
    controls = list(catalogue().values())
    estates, costs = [], {kind: [] for kind in UnitKind}
    with serve(path) as served:
        units = units_of(served, controls)
        who = units[0].principal
        endpoints = single_host(served.url, served.ca)
        session = Session(endpoints, who.directory_id, who.client_id, secret=who.secret)
        # Once before the clock starts: importing the SDKs is not what is measured.
        collect(estate_of(units[-1]), controls, session)
        for unit in units:
            estate = estate_of(unit)
            began = time.perf_counter()
            report = collect(estate, controls, session)
            costs[unit.kind].append((report.requests, time.perf_counter() - began))
            estates.append(estate)
    return estates, costs


def estate_of(unit: Unit) -> Estate:
    """An empty estate of a unit."""
    return Estate(kind=unit.kind, unit_id=unit.unit_id, subscriptions=unit.subscriptions, now=NOW)


def judged(estates: list[Estate], rounds: int) -> tuple[Counter[str], float]:
    """How many verdicts of each outcome, and the CPU seconds they took."""
    controls = list(catalogue().values())
    outcomes: Counter[str] = Counter()
    began = time.process_time()
    for _ in range(rounds):
        for estate in estates:
            outcomes.update(str(result.verdict.outcome) for result in evaluate(estate, controls))
    return outcomes, time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subscriptions", type=int, default=20)
    parser.add_argument("--resources", type=int, default=200, help="documents per subscription")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        estates, costs = collected(generated(Path(folder), given.subscriptions, given.resources))
    for kind, rows in costs.items():
        if not rows:
            continue
        requests, seconds = sum(row[0] for row in rows), sum(row[1] for row in rows)
        print(
            f"{len(rows)} {kind}: {requests / len(rows):.0f} requests each"
            f" (most {max(row[0] for row in rows)}), {seconds / len(rows):.2f} s each,"
            f" {requests / seconds:.0f} requests/s"
        )
    outcomes, seconds = judged(estates, given.rounds)
    total = outcomes.total()
    print(f"{total // given.rounds} verdicts: {total / seconds:.0f}/s on one core ({dict(outcomes)})")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB with {len(estates)} estates held")


if __name__ == "__main__":
    main()
