"""Name the tests that took long and lack the marker `slow`, at the end of a run.

`make test` leaves slow tests out, so that it stays short. Without these lines nobody would notice a test that has
become slow: it may not fail, because any test can take long on a busy machine.
"""

from __future__ import annotations

import pytest

# Tests that take longer than this get the marker `slow`.
SECONDS = 10
MARKERS = ("slow", "e2e")
_TAKEN: dict[str, float] = {}


def count(report: pytest.TestReport) -> None:
    """Note how long a test without the markers took. Its set-up does not count: it can make data for other tests."""
    if report.when == "call" and not any(marker in report.keywords for marker in MARKERS):
        _TAKEN[report.nodeid] = report.duration


def lines() -> list[str]:
    """Return a line for each unmarked test that took longer than `SECONDS`, the longest first."""
    found = sorted(((seconds, test) for test, seconds in _TAKEN.items() if seconds > SECONDS), reverse=True)
    return [f"{seconds:6.1f} s {test}" for seconds, test in found]
