"""Each reason of an unknown verdict is a sentence that says which property, or which resource, is not usable."""

from __future__ import annotations

import re

import pytest

from assessments.controls.verdict import Outcome
from tests.assessments.controls.cases import Case, check_cases, slugs
from tests.for_each import for_each

# The words that may follow "Property … of … is".
_PREDICATES = re.compile(
    r"Property .+ of .+ is (absent|empty|not |neither |an? |the |of an unknown kind|without |String, but |'.+', )"
)


def check_reason(case: Case) -> None:
    for result in case.judge().values():
        verdict = result.verdict
        if verdict.outcome is Outcome.UNKNOWN and "field" in verdict.observed:
            assert verdict.reason[0].isupper() or verdict.reason[0].isdigit()
            if verdict.reason.startswith("Property "):
                assert _PREDICATES.match(verdict.reason), verdict.reason
                assert "is not known" not in verdict.reason
                assert "not among" not in verdict.reason, "name the resource that is not in the list"


@pytest.mark.slow(seconds=1)
@for_each("slug", slugs())
def test_a_property_that_cannot_be_used_is_named_in_a_sentence(slug: str) -> None:
    check_cases(slug, check_reason)
