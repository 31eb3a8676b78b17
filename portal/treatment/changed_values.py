"""Name the observed properties that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assessments.display.observed import label

MAX_NAMED = 2


def changed_properties(pairs: Iterable[tuple[Mapping[str, Any] | None, Mapping[str, Any]]]) -> list[str]:
    """Return the labels of the properties that differ in at least one of the pairs (before, now). No label is repeated.
    Pairs without earlier values are ignored.
    """
    found: dict[str, None] = {}
    for before, now in pairs:
        if before is None:
            continue
        for key in dict.fromkeys([*before, *now]):
            if (key in before, before.get(key)) != (key in now, now.get(key)):
                found[label(key)] = None
    return list(found)


def in_words(properties: Sequence[str]) -> str:
    """Return at most `MAX_NAMED` properties as part of a sentence: ``“Rules”, “State” and 2 more``."""
    named, more = [f"“{name}”" for name in properties[:MAX_NAMED]], len(properties) - MAX_NAMED
    if more > 0:
        return f"{', '.join(named)} and {more} more"
    return " and ".join(named)
