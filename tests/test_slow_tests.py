"""Tests of the lines about long tests at the end of a run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Literal

import pytest

from tests import slow_tests
from tests.fresh import run_fresh

LOOP = "import time; end = time.process_time() + 0.2\nwhile time.process_time() < end: pass"


def report(test: str, seconds: float, when: Literal["call", "teardown"], *keywords: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=test,
        location=(test, 0, test),
        keywords=dict.fromkeys(keywords, 1),
        outcome="passed",
        longrepr=None,
        when=when,
        user_properties=[(slow_tests.PROPERTY, seconds)],
    )


def test_long_tests_without_a_marker_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_tests, "_TAKEN", {})
    for one in (
        report("a.py::short", 0.2, "call"),
        report("a.py::short", 3.0, "teardown"),
        report("a.py::long", 1.1, "call"),
        report("a.py::longest", 30.0, "call"),
        report("a.py::known", 40.0, "call", "slow"),
        report("a.py::browser", 40.0, "call", "e2e"),
    ):
        slow_tests.count(one)
    assert [line.split() for line in slow_tests.lines()] == [
        ["30.0", "s", "a.py::longest"],
        ["1.1", "s", "a.py::long"],
    ]


@pytest.mark.parametrize(
    ("work", "busy"),
    [
        (lambda: exec(LOOP), True),
        (lambda: subprocess.run([sys.executable, "-c", LOOP], check=True), True),
        (lambda: run_fresh(LOOP, [], {}), True),
        (lambda: time.sleep(0.3), False),
    ],
    ids=["itself", "child process", "fork of a helper", "waiting"],
)
def test_processor_time_counts_child_processes_and_no_waiting(
    request: pytest.FixtureRequest, work: Callable[[], object], busy: bool
) -> None:
    run_fresh("", [], {})  # Starts the helper, so that its start does not count.
    measuring = slow_tests.measured(request.node)
    next(measuring)
    work()
    with pytest.raises(StopIteration):
        measuring.send(None)
    name, seconds = request.node.user_properties.pop()
    assert (name, seconds > 0.1) == (slow_tests.PROPERTY, busy)
