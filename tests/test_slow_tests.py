"""Tests of the lines about long tests at the end of a run."""

from __future__ import annotations

from typing import Literal

import pytest

from tests import slow_tests


def report(test: str, seconds: float, when: Literal["setup", "call"], *keywords: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=test,
        location=(test, 0, test),
        keywords=dict.fromkeys(keywords, 1),
        outcome="passed",
        longrepr=None,
        when=when,
        duration=seconds,
    )


def test_long_tests_without_a_marker_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_tests, "_TAKEN", {})
    for one in (
        report("a.py::makes_data", 30, "setup"),
        report("a.py::makes_data", 1, "call"),
        report("a.py::short", 9.9, "call"),
        report("a.py::long", 11.5, "call"),
        report("a.py::longest", 30, "call"),
        report("a.py::known", 40, "call", "slow"),
        report("a.py::browser", 40, "call", "e2e"),
    ):
        slow_tests.count(one)
    assert [line.split() for line in slow_tests.lines()] == [
        ["30.0", "s", "a.py::longest"],
        ["11.5", "s", "a.py::long"],
    ]
