"""Tests of the option that runs one of several parts of the slow tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import slow_parts

SECONDS = {Path(name): seconds for name, seconds in {"a": 90, "b": 60, "c": 50, "d": 20, "e": 10}.items()}

pytest_plugins = ["pytester"]

TESTS = """
import pytest

@pytest.mark.slow(seconds={seconds})
@pytest.mark.parametrize("number", range(3))
def test_slow(number): pass

@pytest.mark.slow(always=True)
def test_always(): pass

def test_fast(): pass
"""
CONFTEST = """
from tests import slow_parts

def pytest_addoption(parser): slow_parts.add_option(parser)
def pytest_configure(config):
    config.addinivalue_line("markers", "slow")
    config.addinivalue_line("markers", "e2e")
def pytest_collection_modifyitems(config, items): slow_parts.choose(config, items)
"""


def test_parts_take_about_the_same_time_in_any_order_of_files() -> None:
    found = slow_parts.parts_of(SECONDS, 2)
    assert {path.name: number for path, number in found.items()} == {"a": 1, "b": 2, "c": 2, "d": 1, "e": 1}
    assert slow_parts.parts_of(dict(reversed(SECONDS.items())), 2) == found


@pytest.mark.parametrize("text", ["", "1", "0/4", "5/4", "1/0", "a/b", "-1/4", "1/4/4"])
def test_a_wrong_part_is_refused(text: str) -> None:
    with pytest.raises(pytest.UsageError, match="such as 2/4"):
        slow_parts.chosen_part(text)


@pytest.mark.slow(seconds=3)
def test_each_slow_test_is_in_one_part_and_fast_tests_are_in_all(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        test_long=TESTS.format(seconds=90),
        test_short=TESTS.format(seconds=30),
        test_browser="import pytest\n\npytestmark = pytest.mark.e2e\n\ndef test_page(): pass\n",
    )
    runs = [
        pytester.inline_run("-p", "no:cacheprovider", "-p", "no:django", *arguments)
        for arguments in ((), ("--slow-part=1/2",), ("--slow-part=2/2",))
    ]
    everything, *parts = (
        {report.nodeid for report in run.getreports() if report.when == "call"} for run in runs
    )
    fast = {
        f"{file}.py::{test}" for file in ("test_long", "test_short") for test in ("test_always", "test_fast")
    }
    assert len(everything) == 11
    assert parts[0] | parts[1] == everything
    assert parts[0] & parts[1] == fast
    assert parts[0] - fast == {f"test_long.py::test_slow[{number}]" for number in range(3)}
