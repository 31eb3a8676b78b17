"""Patterns in which `*` stands for any text: what they match, and how long hostile patterns take."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.controls.vm.approved import _matches
from assessments.estate.identity.roles import covers
from assessments.estate.wildcards import fits, pieces_of
from tests.processor_time import at_most


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_a_pattern_means_the_same_as_its_regular_expression(pattern: str, text: str) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert fits(pieces_of(pattern), text) == bool(re.fullmatch(expression, text))


def test_case_and_surrounding_spaces_do_not_matter() -> None:
    assert fits(pieces_of(" Standard_D*S_v5 "), "standard_d4s_V5")
    assert not fits(pieces_of("Standard_D*s_v5"), "Standard_E4s_v5")


@pytest.mark.parametrize("matches", [lambda pattern, text: _matches(text, [pattern]), covers])
def test_many_stars_take_no_more_time(matches) -> None:
    """A regular expression would take 9 s for four stars, and hours for six. So a customer could stop all workers."""
    image = (
        f"/subscriptions/{'0' * 36}/resourcegroups/{'a' * 90}/providers/microsoft.compute/images/{'a' * 80}"
    )
    with at_most(1):
        assert not matches(f"{'*a' * 60}*b", image)
        assert matches(f"{'*a' * 60}*", image)
