"""The score is the weight of passes divided by the weight of passes and failures. Unknown and manual verdicts are never
counted as passes.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring import WEIGHTS, summarize
from tests.for_each import for_each

type Row = tuple[str, str, str, int]

# (name, rows of (section, severity, outcome, count), expected score, expected coverage)
CASES: list[tuple[str, list[Row], float | None, float | None]] = [
    ("nothing", [], None, None),
    ("one pass", [("sql", "low", "pass", 1)], 100.0, 100.0),
    ("one fail", [("sql", "low", "fail", 1)], 0.0, 100.0),
    ("half", [("sql", "low", "fail", 1), ("sql", "low", "pass", 1)], 50.0, 100.0),
    ("weights", [("sql", "critical", "fail", 1), ("sql", "low", "pass", 1)], 9.1, 100.0),
    ("weights the other way", [("sql", "critical", "pass", 1), ("sql", "low", "fail", 1)], 90.9, 100.0),
    ("high and medium", [("sql", "high", "pass", 1), ("sql", "medium", "fail", 1)], 66.7, 100.0),
    ("counts multiply", [("sql", "low", "fail", 10), ("sql", "critical", "pass", 1)], 50.0, 100.0),
    ("unknown alone", [("sql", "high", "unknown", 5)], None, 0.0),
    ("unknown is no pass", [("sql", "high", "unknown", 1), ("sql", "high", "pass", 1)], 100.0, 50.0),
    ("unknown is no fail", [("sql", "high", "unknown", 3), ("sql", "high", "fail", 1)], 0.0, 25.0),
    ("one unknown of many", [("sql", "low", "pass", 2999), ("sql", "low", "unknown", 1)], 100.0, 99.9),
    ("one fail of many", [("sql", "low", "pass", 2999), ("sql", "low", "fail", 1)], 99.9, 100.0),
    ("manual alone", [("sql", "high", "manual", 5)], None, 100.0),
    ("manual is not in the score", [("sql", "high", "manual", 1), ("sql", "high", "fail", 1)], 0.0, 100.0),
    ("not applicable alone", [("sql", "high", "not_applicable", 9)], None, None),
    (
        "not applicable counts nothing",
        [("sql", "low", "not_applicable", 9), ("sql", "low", "fail", 1)],
        0.0,
        100.0,
    ),
    ("over sections", [("sql", "low", "fail", 1), ("vm", "low", "pass", 2)], 66.7, 100.0),
]


@for_each(("rows", "score", "coverage"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_score_is_weighted_by_severity(
    rows: list[Row], score: float | None, coverage: float | None
) -> None:
    summary = summarize(rows)
    assert (summary["score"], summary["coverage"]) == (score, coverage)


def test_summary_has_every_figure() -> None:
    rows: list[Row] = [
        ("vm", "high", "fail", 2),
        ("sql", "high", "fail", 1),
        ("sql", "low", "pass", 3),
        ("sql", "low", "unknown", 4),
    ]
    assert summarize(rows) == {
        "score": 14.3,
        "coverage": 60.0,
        "counts": {"fail": 3, "pass": 3, "unknown": 4},
        "failing": {"high": 3},
        "sections": {
            "sql": {"score": 33.3, "coverage": 50.0, "counts": {"fail": 1, "pass": 3, "unknown": 4}},
            "vm": {"score": 0.0, "coverage": 100.0, "counts": {"fail": 2}},
        },
    }


def test_an_unknown_severity_is_an_error() -> None:
    with pytest.raises(KeyError):
        summarize([("sql", "grave", "pass", 1)])


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["sql", "vm"]),
        st.sampled_from(sorted(WEIGHTS)),
        st.sampled_from(["pass", "fail", "unknown", "manual", "not_applicable"]),
        st.integers(1, 50),
    )
)


@given(ROWS, st.sampled_from(sorted(WEIGHTS)))
def test_the_score_is_bounded_and_monotonic(rows: list[Row], severity: str) -> None:
    before: dict[str, Any] = summarize(rows)
    score, coverage = before["score"], before["coverage"]
    assert score is None or 0 <= score <= 100
    assert coverage is None or 0 <= coverage <= 100
    assert sum(before["counts"].values()) == sum(count for *_, count in rows)
    # The order of the rows does not matter.
    assert summarize(rows[::-1]) == before
    unknown = summarize([*rows, ("sql", severity, "unknown", 1)])
    assert unknown["score"] == score
    assert unknown["coverage"] <= (100 if coverage is None else coverage)
    failed, passed = (
        summarize([*rows, ("sql", severity, outcome, 1)])["score"] for outcome in ("fail", "pass")
    )
    assert failed <= (100 if score is None else score) or score is None
    assert passed >= (0 if score is None else score)
    assert failed <= passed
