"""Tests of limits of processor time."""

from __future__ import annotations

import time

import pytest

from tests import processor_time
from tests.processor_time import at_most, seconds_of


def busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_more_work_than_the_limit_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor_time, "slowness", lambda: 1.0)
    with at_most(0.1):
        busy(0.02)
    message = r"^reading took 0\.\d\d s of processor time, more than 0\.05 s"
    with pytest.raises(AssertionError, match=message), at_most(0.05, "reading"):
        busy(0.1)


def test_waiting_is_no_work() -> None:
    with at_most(0.1):
        time.sleep(0.3)


def test_a_slow_machine_gets_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = seconds_of(processor_time.fixed_work)
    monkeypatch.setattr(processor_time, "USUAL_SECONDS", usual / 10)
    assert processor_time.slowness() > 3
    with at_most(0.03):
        busy(0.06)


def test_a_fast_machine_gets_no_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor_time, "USUAL_SECONDS", 100)
    assert processor_time.slowness() == 1
