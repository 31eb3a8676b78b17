"""Each fact about Azure that once caused a wrong verdict, request or fix is covered by an existing case or test."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from tests.assessments.controls.cases import all_cases
from tests.assessments.official.answers_to_requests import FIXES, NUMBERS, REQUESTS
from tests.assessments.official.answers_to_verdicts import VERDICTS

ROWS = (*VERDICTS, *REQUESTS, *FIXES, *NUMBERS)
TESTS = Path(__file__).resolve().parents[2]
TOPICS = [
    *(str(number) for number in range(1, 17)),
    *(f"R{number}" for number in range(1, 11)),
    *(f"C{number}" for number in range(1, 16)),
    "F1",
    "F2",
]


@cache
def functions(file: str) -> frozenset[str]:
    """Return the names of the functions that a file below `tests` defines."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_topic_has_a_fact_with_its_source() -> None:
    assert list(dict.fromkeys(row.topic for row in ROWS)) == TOPICS
    assert len({row.fact for row in ROWS}) == len(ROWS)
    assert [row.fact for row in ROWS if not row.source or not (row.cases or row.tests)] == []


def test_every_case_of_a_fact_exists_with_the_outcome() -> None:
    known = {(case.slug, case.name): case.outcomes() for case in all_cases()}
    missing = [
        (row.topic, slug, name, outcome)
        for row in ROWS
        for slug, name, outcome in row.cases
        if outcome not in known.get((slug, name), set())
    ]
    assert missing == []


def test_every_test_of_a_fact_exists() -> None:
    missing = [
        (row.topic, file, name) for row in ROWS for file, name in row.tests if name not in functions(file)
    ]
    assert missing == []
