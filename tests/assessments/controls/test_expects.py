"""Controls may declare what each observed value should be. These expectations agree with the verdicts."""

from __future__ import annotations

from collections import defaultdict

import pytest

from assessments.controls.registry import known_controls
from assessments.controls.verdict import Outcome
from assessments.display.compared import Row, compared
from assessments.display.observed import describe
from assessments.display.text import Text
from assessments.evaluate import Result
from tests.assessments.controls.cases import Case, check_cases, slugs
from tests.for_each import for_each

CONTROLS = known_controls()
EXPECTING = [slug for slug in slugs() if CONTROLS[slug].expects]


def rows_of(result: Result) -> list[Row]:
    """Return the rows of observed and expected values. Assume a failure, because only then differences are marked."""
    lines = describe(result.observed)
    return compared(lines, result.observed, Text(result.expected), result.control.expects, failed=True)


@pytest.mark.slow(seconds=1)
@for_each("slug", EXPECTING)
def test_a_passing_value_is_never_marked(slug: str) -> None:
    def check(case: Case) -> None:
        for result in case.judge().values():
            if result.verdict.outcome is Outcome.PASS and len(result.observed) > 1:
                marked = {row.label: row.observed for row in rows_of(result) if row.differs}
                assert not marked, f"{case}: {marked}"

    check_cases(slug, check)


@pytest.mark.slow(seconds=1)
def test_each_expected_value_is_observed_and_some_failure_is_marked() -> None:
    observed: dict[str, set[str]] = {slug: set() for slug in EXPECTING}
    marked: set[str] = set()

    def check(case: Case) -> None:
        for result in case.judge().values():
            observed[case.slug].update(result.observed)
            if result.verdict.outcome is Outcome.FAIL and any(row.differs for row in rows_of(result)):
                marked.add(case.slug)

    for slug in EXPECTING:
        check_cases(slug, check)
    # The controls of a family share their expectations. So it is enough if the cases of one of these controls observe a
    # value.
    families: dict[str, set[str]] = defaultdict(set)
    for slug, keys in observed.items():
        families[CONTROLS[slug].module] |= keys
    unobserved = {slug: set(CONTROLS[slug].expects) - families[CONTROLS[slug].module] for slug in EXPECTING}
    assert {slug: keys for slug, keys in unobserved.items() if keys} == {}
    assert set(EXPECTING) - marked == set()
