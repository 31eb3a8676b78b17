"""The tables beside the cases name controls that have cases in the same module."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.assessments.controls import cases


def test_controls_outside_the_sandbox_have_cases_in_the_module(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("tests.assessments.controls.redis.cases_new")
    module.__dict__["CASES"] = [cases.Case("redis-tls", "a case", {}, "pass")]
    monkeypatch.setattr(cases, "modules", lambda: (module,))
    assert cases.not_in_sandbox() == {}
    module.__dict__["NOT_IN_SANDBOX"] = {"redis-tls": "Only premium caches have it"}
    assert cases.not_in_sandbox() == {"redis-tls": "Only premium caches have it"}
    module.__dict__["NOT_IN_SANDBOX"] = {"redis-pna": "No cases"}
    with pytest.raises(ValueError, match=r"NOT_IN_SANDBOX of .*/redis/cases_new\.py: no cases of redis-pna"):
        cases.not_in_sandbox()


def test_the_module_with_most_cases_of_a_control_is_found() -> None:
    found = cases.with_most_cases("redis-tls")
    assert cases.path_of(found) == "tests/assessments/controls/redis/cases_cache_settings.py"
    with pytest.raises(ValueError, match="write cases of redis-news"):
        cases.with_most_cases("redis-news")
