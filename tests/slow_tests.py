"""Name the tests that took long and lack the marker `slow`, at the end of a run.

`make test` leaves slow tests out, so that it stays short. Without these lines nobody would notice a test that has
become slow: it may not fail, because any test can take long on a busy machine.
"""

from __future__ import annotations

from collections import Counter

import pytest

# Tests that take longer than this get the marker `slow`.
SECONDS = 10
MARKERS = ("slow", "e2e")
_TAKEN: Counter[str] = Counter()


def count(report: pytest.TestReport) -> None:
    """Add the time of a test's set-up, call or tear-down to the time of the test, unless it has one of the markers."""
    if not any(marker in report.keywords for marker in MARKERS):
        _TAKEN[report.nodeid] += report.duration


def lines() -> list[str]:
    """Return a line for each unmarked test that took longer than `SECONDS`, the longest first."""
    return [f"{seconds:6.1f} s {test}" for test, seconds in _TAKEN.most_common() if seconds > SECONDS]
