"""What was observed at one time beside what is observed now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Pair(NamedTuple):
    """One observed property. ``before`` and ``now`` are words; "absent" where it was not there."""

    key: str
    before: str
    now: str
    changed: bool


def side_by_side(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> list[Pair]:
    """Every property that either names, in the order of the first; none for what nobody noted."""
    if before is None:
        return []
    keys = dict.fromkeys([*before, *now])
    return [
        Pair(
            key,
            _words(before, key),
            _words(now, key),
            (key in before, before.get(key)) != (key in now, now.get(key)),
        )
        for key in keys
    ]


def _words(values: Mapping[str, Any], key: str) -> str:
    if key not in values:
        return "absent"
    value = values[key]
    return value if isinstance(value, str) and value else json.dumps(value, indent=1, ensure_ascii=False)
