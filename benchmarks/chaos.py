"""Kill workers, their processes, the broker and the database during assessments, and check the verdicts.

Each round registers a customer and starts an assessment. While the assessment runs, a worker, one of its processes, the
broker or the database is killed with SIGKILL every few seconds. A round counts as lost if the assessment does not end
exactly once, or if its verdicts differ from those of a round without kills. `python -m benchmarks.chaos --kills 200`
prints the kills, how long workers were not running, and the lost rounds.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.assessments.collect.azure import directory, guid, subscription, write
from tests.faults.installation import Installation, children_of, installed
from tests.prepared_home import PreparedHome

SUBSCRIPTIONS = 8
ROUND_SECONDS = 240.0


def worker_pid(supervisor: subprocess.Popen[bytes]) -> int | None:
    found = children_of(supervisor.pid)
    return found[0] if found else None


class Chaos:
    def __init__(self, site: Installation, rng: random.Random) -> None:
        self.site, self.rng = site, rng
        self.kills: Counter[str] = Counter()
        self.away: list[float] = []

    def kill_once(self) -> None:
        choices: dict[str, Callable[[], bool]] = {
            "worker": self.kill_worker,
            "child": self.kill_child,
            "broker": self.kill_broker,
            "database": self.kill_database,
        }
        name = self.rng.choice(list(choices))
        if choices[name]():
            self.kills[name] += 1

    def kill_worker(self) -> bool:
        pid = worker_pid(self.site.workers[0])
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        begun = time.monotonic()
        while worker_pid(self.site.workers[0]) in (None, pid):
            time.sleep(0.05)
            if time.monotonic() - begun > 60:
                raise SystemExit("The worker did not come back within a minute.")
        self.away.append(time.monotonic() - begun)
        return True

    def kill_child(self) -> bool:
        pid = worker_pid(self.site.workers[0])
        children = children_of(pid) if pid else []
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(self.rng.choice(children), signal.SIGKILL)
            return True
        return False

    def kill_broker(self) -> bool:
        pid = self.site.valkey.pid()
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        time.sleep(self.rng.uniform(0.1, 1.5))
        self.site.valkey.ensure()
        return True

    def kill_database(self) -> bool:
        pid = self.site.postgres.pid()
        if pid is None:
            return False
        self.site.forget_site()
        os.kill(pid, signal.SIGKILL)
        time.sleep(self.rng.uniform(0.1, 1.0))
        self.site.postgres.ensure()
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after this time")
    parser.add_argument("--per-assessment", type=int, default=4, help="kills in each assessment")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    lines = [directory(), *(line for n in range(1, SUBSCRIPTIONS + 1) for line in subscription(guid(n)))]
    estate = write(Path(tempfile.mkdtemp()) / "estate.jsonl", lines)
    with installed(estate, PreparedHome(Path(tempfile.mkdtemp()))) as site:
        site.start_worker()
        tenant = site.tenant()
        site.ask("start", tenant)
        site.ended(tenant, ROUND_SECONDS)
        undisturbed = site.ask("verdicts", tenant)
        chaos = Chaos(site, random.Random(options.seed))
        rounds, lost, longest = 0, [], 0.0
        while chaos.kills.total() < options.kills and time.monotonic() - begun < options.seconds:
            tenant = site.tenant()
            site.ask("start", tenant)
            rounds, started = rounds + 1, time.monotonic()
            # Limit the kills in one assessment: a unit fails by design after its workers have stopped five times.
            for _ in range(options.per_assessment):
                time.sleep(chaos.rng.uniform(0.2, 1.5))
                if site.ask("state", tenant)["state"] in ("finished", "cancelled"):
                    break
                chaos.kill_once()
            try:
                state = site.ended(tenant, ROUND_SECONDS)
                equal = site.ask("verdicts", tenant) == undisturbed and state["ends"] == 1
            except AssertionError:
                state, equal = site.ask("state", tenant), False
            longest = max(longest, time.monotonic() - started)
            if not equal:
                lost.append(state)
                print(f"round {rounds}: verdicts differ: {state}")
            print(f"round {rounds}: {dict(chaos.kills)}, {time.monotonic() - started:.0f} s", flush=True)
        print(f"{chaos.kills.total()} kills in {rounds} assessments: {dict(chaos.kills)}")
        print(f"Worker's process back after at most {max(chaos.away, default=0):.1f} s")
        print(f"Longest assessment: {longest:.0f} s. Assessments with different verdicts: {len(lost)}")
        print(
            f"Duration: {time.monotonic() - begun:.0f} s, supervisor alive: {site.workers[0].poll() is None}"
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    main()
