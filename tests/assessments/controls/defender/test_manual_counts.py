"""Manual controls show what the checks see, and no count of what they could not read."""

from __future__ import annotations

import pytest

from tests.assessments.controls.judging import SUB, gap, judge

CASES = [
    ("defender-recommendations-review", "security_assessments", "open"),
    ("operations-vulnerability-scans", "security_subassessments", "findings"),
]


@pytest.mark.parametrize(("slug", "collection", "name"), CASES)
def test_what_could_not_be_listed_is_not_counted(slug: str, collection: str, name: str) -> None:
    assert judge(slug, {})[SUB].observed[name] == 0
    result = judge(slug, {}, [gap(collection)])[SUB]
    assert result.observed[name] is None
    assert " 0 " not in result.verdict.reason
    assert any(collection in remark for remark in result.verdict.remarks)
