"""Every registered case says what it says."""

from __future__ import annotations

import pytest

from tests.assessments.controls.cases import Case, all_cases


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_case(case: Case) -> None:
    case.check()
