"""Each control reaches the expected outcome of each of its cases."""

from __future__ import annotations

import pytest

from tests.assessments.controls.cases import Case, check_cases, slugs
from tests.for_each import for_each


@pytest.mark.slow(seconds=1)
@for_each("slug", slugs())
def test_cases_are_judged_as_expected(slug: str) -> None:
    check_cases(slug, Case.check)
