"""`OFFICIAL_VERDICTS` is read with its comments; verdicts that are listed twice or in a wrong module are refused."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.assessments.controls.cases import Case
from tests.assessments.official.expected_verdicts import as_lines, read


def module(name: str, verdicts: str, *slugs: str) -> ModuleType:
    made = ModuleType(f"tests.assessments.controls.{name}")
    made.__dict__["CASES"] = [Case(slug, "a case", {}, "pass") for slug in slugs]
    made.__dict__["OFFICIAL_VERDICTS"] = verdicts
    return made


def test_each_subject_of_a_line_has_the_outcome_and_the_comment() -> None:
    text = "\nredis-tls pass: one two\nredis-pna unknown: one  # the example lacks it\n"
    assert list(read([module("redis.cases_a", text, "redis-tls", "redis-pna")])) == [
        ("redis-tls", "one", "pass", ""),
        ("redis-tls", "two", "pass", ""),
        ("redis-pna", "one", "unknown", "the example lacks it"),
    ]


def test_a_second_verdict_on_a_subject_is_refused() -> None:
    first = module("redis.cases_a", "redis-tls pass: one two", "redis-tls")
    second = module("redis.cases_b", "redis-tls fail: two", "redis-tls")
    with pytest.raises(ValueError, match=r"redis/cases_b\.py: redis-tls has two verdicts on two; remove one"):
        list(read([first, second]))


def test_a_verdict_of_a_control_without_cases_in_the_module_is_refused() -> None:
    wrong = module("redis.cases_a", "redis-tls pass: one", "redis-pna")
    with pytest.raises(ValueError, match=r"redis/cases_a\.py has a verdict of redis-tls but no cases"):
        list(read([wrong]))


def test_missing_lines_are_below_the_module_that_gets_them() -> None:
    verdicts = {("redis-tls", "b"): "pass", ("redis-tls", "a"): "pass", ("aci-public-ip", "unit"): "fail"}
    assert as_lines(verdicts.items()) == (
        "tests/assessments/controls/aci/cases_public_ip.py:\n"
        "aci-public-ip fail: unit\n"
        "tests/assessments/controls/redis/cases_cache_settings.py:\n"
        "redis-tls pass: a b"
    )
