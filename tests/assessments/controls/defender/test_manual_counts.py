"""Manual controls show how many items the automatic checks found, and no number if some were unreadable."""

from __future__ import annotations

import pytest

from assessments.estate.collections import ALL
from tests.assessments.controls.judging import SUB, gap, judge

CASES = [
    ("defender-recommendations-review", "security_assessments", "open"),
    ("operations-vulnerability-scans", "security_subassessments", "findings"),
]


@pytest.mark.parametrize(("slug", "collection", "name"), CASES)
def test_an_unreadable_collection_is_not_counted(slug: str, collection: str, name: str) -> None:
    assert judge(slug, {})[SUB].observed[name] == 0
    result = judge(slug, {}, [gap(collection)])[SUB]
    assert result.observed[name] is None
    assert " 0 " not in result.verdict.reason
    assert any(ALL[collection].title in remark for remark in result.verdict.remarks)
