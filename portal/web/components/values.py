"""Observed values at two times, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.web.components.formatting import format_value


class Pair(NamedTuple):
    """One observed property. `before` and `now` are formatted; "absent" where the property was missing."""

    key: str
    before: str
    now: str
    changed: bool


def side_by_side(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> list[Pair]:
    """Return every property of either mapping, those of `before` first; empty if nothing was recorded before."""
    if before is None:
        return []
    keys = dict.fromkeys([*before, *now])
    return [
        Pair(
            key,
            _format(before, key),
            _format(now, key),
            (key in before, before.get(key)) != (key in now, now.get(key)),
        )
        for key in keys
    ]


def _format(values: Mapping[str, Any], key: str) -> str:
    return format_value(values[key]) if key in values else "absent"
