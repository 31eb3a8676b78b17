"""Measure evaluation: requests per subscription, verdicts per second, memory.

`python -m benchmarks.evaluate [--subscriptions N] [--resources N] [--rounds N]` generates an estate, answers requests
with the sandbox's code in this process (no server, sign-in or HTTP), collects the units one after another and evaluates
each collected estate `rounds` times. Times are processor times of one core. The requests are the same as in a real
assessment, without sign-in and retries.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

from assessments.controls.registry import catalogue
from assessments.estate.estate import Estate
from assessments.evaluate import evaluate
from benchmarks.shared.estates import collected, generated


def judged(estates: list[Estate], rounds: int) -> tuple[Counter[str], list[float]]:
    """Evaluate the estates in each round. Return {outcome: number of verdicts of a round}, and the processor seconds of
    each round."""
    controls = list(catalogue().values())
    seconds = []
    for _ in range(rounds):
        outcomes: Counter[str] = Counter()
        began = time.process_time()
        for estate in estates:
            outcomes.update(str(result.verdict.outcome) for result in evaluate(estate, controls))
        seconds.append(time.process_time() - began)
    return outcomes, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subscriptions", type=int, default=20)
    parser.add_argument("--resources", type=int, default=200, help="documents per subscription")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = generated(Path(folder), given.subscriptions, given.resources)
        estates, requests, collecting = collected(path)
    for kind, counts in requests.items():
        print(f"{len(counts)} {kind}: {sum(counts) / len(counts):.0f} requests each (most {max(counts)})")
    print(f"collecting: {collecting:.1f} s of processor time, including the sandbox's replies")
    outcomes, rounds = judged(estates, given.rounds)
    rates = sorted(outcomes.total() / seconds for seconds in rounds)
    shown = ", ".join(f"{rate:.0f}" for rate in rates)
    print(f"{outcomes.total()} verdicts, {rates[len(rates) // 2]:.0f}/s on one core (rounds: {shown})")
    print(", ".join(f"{outcome} {count}" for outcome, count in sorted(outcomes.items())))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"peak memory {peak:.0f} MB with {len(estates)} estates in memory, including the sandbox's documents"
    )


if __name__ == "__main__":
    main()
