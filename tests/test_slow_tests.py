"""Tests of the lines about long tests at the end of a run."""

from __future__ import annotations

from collections import Counter

import pytest

from tests import slow_tests


def report(test: str, seconds: float, *keywords: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=test,
        location=(test, 0, test),
        keywords=dict.fromkeys(keywords, 1),
        outcome="passed",
        longrepr=None,
        when="call",
        duration=seconds,
    )


def test_long_tests_without_a_marker_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_tests, "_TAKEN", Counter())
    for test, seconds, *keywords in (
        ("a.py::set_up_and_call", 6),
        ("a.py::set_up_and_call", 5.5),
        ("a.py::short", 9.9),
        ("a.py::longest", 30),
        ("a.py::known", 40, "slow"),
        ("a.py::browser", 40, "e2e"),
    ):
        slow_tests.count(report(str(test), float(seconds), *map(str, keywords)))
    assert [line.split() for line in slow_tests.lines()] == [
        ["30.0", "s", "a.py::longest"],
        ["11.5", "s", "a.py::set_up_and_call"],
    ]
