"""Compare Surety's verdicts on generated estates with the verdicts that the sandbox's generator expects.

`python -m benchmarks.expected_verdicts [--seeds 1-30] [--fail-rates 0 0.2 0.4 1] [--rare-rate 0.2] [--subscriptions N]`
generates an estate for each seed and fail rate, assesses it with `manage.py assess_estate`, and prints each
verdict that differs, each estate's numbers and the totals. The exit status is 1 if a verdict differs.

The generator derives its expectations from its own choices, without any code of the product. So a difference is an
error in the generator or in Surety.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOW = "2026-11-25T12:00:00Z"
_DESCRIPTION = "Compare Surety's verdicts on generated estates with the verdicts that the generator expects."


@dataclass
class Comparison:
    """The number of expected verdicts on an estate, and a sentence on each expected verdict that Surety did not
    reach."""

    expected: int = 0
    differences: list[str] = field(default_factory=list)


def compare(seed: int, fail_rate: float, options: list[str], cloud: str) -> Comparison:
    """Generate and assess an estate, and compare Surety's verdicts with the expected verdicts. `options` are further
    options of the generator.
    """
    with tempfile.TemporaryDirectory(prefix="surety-expected-") as folder:
        estate, expected = Path(folder) / "estate.jsonl", Path(folder) / "expected.jsonl"
        generate = [sys.executable, "-m", "sandbox", "generate", "--seed", str(seed), "--now", NOW]
        generate += ["--fail-rate", str(fail_rate), "--expect", str(expected), *options]
        with estate.open("wb") as file:
            subprocess.run(generate, stdout=file, check=True, cwd=ROOT)
        assess = [sys.executable, "manage.py", "assess_estate", str(estate), "--now", NOW, "--cloud", cloud]
        found = subprocess.run(assess, capture_output=True, check=True, cwd=ROOT).stdout.splitlines()
        wanted = expected.read_bytes().splitlines()
    reached = {(row["control"], row["subject"].casefold()): row for row in map(json.loads, found)}
    result = Comparison(len(wanted))
    for row in map(json.loads, wanted):
        other = reached.get((row["control"], row["subject"].casefold()))
        if other is None or other["verdict"] != row["verdict"]:
            text = f"{other['verdict']}: {other['reason']}" if other else "no verdict"
            result.differences.append(f"{row['control']} {row['subject']}: expected {row['verdict']}, {text}")
    return result


def seeds(text: str) -> list[int]:
    """Return the numbers in a text such as `7`, or `1-30` for all numbers from 1 to 30."""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> int:
    """Compare Surety's verdicts with the expected verdicts on all estates, and print the differences. Return the exit
    status.
    """
    parser = argparse.ArgumentParser(description=_DESCRIPTION)
    parser.add_argument(
        "--seeds", type=seeds, default=seeds("1-30"), help="a seed such as 7, or a range such as 1-30"
    )
    parser.add_argument("--fail-rates", type=float, nargs="+", default=[0.0, 0.2, 0.4, 1.0])
    parser.add_argument("--rare-rate", type=float, default=0.2, help="probability of each rare form")
    parser.add_argument("--subscriptions", type=int, default=3)
    parser.add_argument("--cloud", default="AzureCloud", help="a cloud that the generator knows")
    parser.add_argument("--unusual", action="store_true", help="also subscriptions that refuse some requests")
    given = parser.parse_args()
    options = ["--subscriptions", str(given.subscriptions), *(["--unusual"] if given.unusual else [])]
    options += ["--rare-rate", str(given.rare_rate)]
    options += ["--cloud", given.cloud] if given.cloud != "AzureCloud" else []
    expected = different = 0
    for rate in given.fail_rates:
        for seed in given.seeds:
            result = compare(seed, rate, options, given.cloud)
            for difference in result.differences:
                print(f"seed {seed}, fail rate {rate}: {difference}")
            print(f"seed {seed}, fail rate {rate}: {result.expected:,} compared", flush=True)
            expected += result.expected
            different += len(result.differences)
    print(f"{expected:,} expected verdicts; {different:,} verdicts differ from the expected ones")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
