"""Comparing the values that were observed about a subject at two times."""

from __future__ import annotations

from typing import Any

import pytest

from portal.web.components.values import changed_values, side_by_side

OLD: dict[str, Any] = {"tls": "1.0", "https": True}


def test_values_that_a_verdict_does_not_state_are_not_called_absent() -> None:
    (tls, _, owner) = side_by_side(OLD, {"tls": "1.0", "https": True, "owner": "a"})
    assert (tls.changed, owner.changed) == (False, True)
    assert (str(owner.before), str(owner.now)) == ("not recorded", "a")


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        (("fail", OLD), ("pass", {"https": True}), ["1.0 → not recorded"]),
        (("fail", OLD), ("pass", {"tls": "1.2", "https": True}), ["1.0 → 1.2"]),
        (("fail", OLD), ("unknown", {}), []),
        (("unknown", {}), ("fail", OLD), []),
        (("fail", OLD), ("unknown", {"tls": "1.2"}), ["1.0 → 1.2"]),
        (("", None), ("fail", OLD), []),
        (("fail", OLD), ("gone", None), []),
    ],
)
def test_values_that_could_not_be_read_have_not_changed(before: Any, now: Any, changed: list[str]) -> None:
    assert [f"{pair.before} → {pair.now}" for pair in changed_values(before, now)] == changed
