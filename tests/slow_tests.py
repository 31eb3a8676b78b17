"""Name the tests that took long and lack the marker `slow`, at the end of a run.

`make test` leaves slow tests out, so that it stays short. Without this list, nobody would notice a test that has
become slow. Processor time is measured, because it depends less than the duration on what else runs. A long time is no
failure, because a test can be the first one that imports a library or that makes data for other tests.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

# Tests that use more processor time than this, including the time of their child processes, need the marker `slow`.
SECONDS = 0.2
MARKERS = ("slow", "e2e")
PROPERTY = "processor_seconds"
_TAKEN: dict[str, float] = {}
# The ids of processes that run until the end of the tests. Their child processes run programs for tests.
helpers: set[int] = set()


def processor_seconds() -> float:
    """Return the processor time that this process, its ended child processes and the `helpers` have used."""
    return sum(os.times()[:4]) + sum(map(_seconds_of_helper, helpers))


def _seconds_of_helper(process: int) -> float:
    """Return the processor time of a running process and its ended child processes. Return 0 if it has just ended, and
    on systems without /proc.
    """
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    ticks = sum(map(int, fields[11:15]))  # The fields utime, stime, cutime and cstime.
    return ticks / os.sysconf("SC_CLK_TCK")


def measured(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test, and add its processor time to the properties of its report. Its set-up does not count: it can make
    data for other tests.
    """
    before = processor_seconds()
    try:
        return (yield)
    finally:
        item.user_properties.append((PROPERTY, processor_seconds() - before))


def count(report: pytest.TestReport) -> None:
    """Store how long a test without the markers `slow` and `e2e` took."""
    seconds = dict(report.user_properties).get(PROPERTY)
    if (
        report.when == "call"
        and isinstance(seconds, float)
        and not any(name in report.keywords for name in MARKERS)
    ):
        _TAKEN[report.nodeid] = seconds


def lines() -> list[str]:
    """Return a line for each unmarked test that took longer than `SECONDS`, the longest first."""
    found = sorted(((seconds, test) for test, seconds in _TAKEN.items() if seconds > SECONDS), reverse=True)
    return [f"{seconds:6.1f} s {test}" for seconds, test in found]
