"""`is_undone` agrees with a definition in plain code, and takes linear time for long lists."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.estate.differences import Difference, differences
from portal.changes.facts import MAX_PART, is_undone, stored_differences
from tests.processor_time import at_most

_LEAVES = st.integers(0, 2) | st.lists(st.integers(0, 1), max_size=2)
_DOCUMENTS = st.dictionaries(
    st.sampled_from("abc"), st.recursive(_LEAVES, lambda inner: st.dictionaries(st.sampled_from("ab"), inner))
)


@pytest.mark.slow(seconds=1)
@given(_DOCUMENTS, _DOCUMENTS, _DOCUMENTS)
def test_a_change_is_undone_if_no_later_difference_overlaps_it(
    before: dict[str, Any], changed: dict[str, Any], now: dict[str, Any]
) -> None:
    moved = [difference.path for difference in differences(before, changed)]
    left = [difference.path for difference in differences(before, now)]
    overlapping = [
        (one, other)
        for one in moved
        for other in left
        if all(a == b for a, b in zip(one, other, strict=False))
    ]
    assert is_undone(before, changed, now) is (bool(moved) and not overlapping)


@pytest.mark.slow(seconds=2)
def test_long_lists_that_change_take_linear_time() -> None:
    def document(value: int) -> dict[str, Any]:
        return {"rules": [{"name": f"rule{number}", "value": value} for number in range(20_000)]}

    with at_most(30, "comparing each path with each other takes minutes"):
        assert is_undone(document(1), document(2), {**document(1), "other": 1})
        assert not is_undone(document(1), document(2), document(3))


def test_long_names_of_stored_differences_are_cut() -> None:
    rows, _, paths = stored_differences([Difference(("properties", "n" * 5000), 1, 2)])
    assert rows == [{"path": ["properties", "n" * MAX_PART], "before": 1, "now": 2}]
    assert len(paths[0]) < MAX_PART
