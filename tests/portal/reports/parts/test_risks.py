"""The top risks of the executive summary."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from portal.reports.parts import risks as part


@pytest.mark.parametrize(
    ("controls", "more"),
    [
        (["a", "b", "c", "d", "e"], 0),
        (["a", "b", "c", "d", "e", "f", "g"], 2),
        # A control with failures of two severities, such as “a” or “f”, is in the list twice.
        (["a", "b", "c", "d", "e", "a", "f", "f"], 1),
    ],
)
def test_controls_that_are_not_printed_are_counted_once(
    controls: list[str], more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [SimpleNamespace(control=SimpleNamespace(slug=slug)) for slug in controls]
    monkeypatch.setattr(part, "risks", lambda _: found)
    facts: Any = SimpleNamespace(of=lambda _: SimpleNamespace(states={}))
    context = part.PART.context(facts)
    assert context["risks"] == found[: part.MAX_RISKS]
    assert context["risks_more"] == more
