"""What was observed, in words, and at one time beside what is observed now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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


def in_words(value: object) -> str:
    """A value as a person reads it, a line a part: ``udp ipv4: 3987603456``; a list is a line an item."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_scalar(part)}" for key, part in _leaves(value)) or "(none)"
    if isinstance(value, list | tuple):
        return "\n".join(_scalar(item) for item in value) or "(none)"
    return json.dumps(value, ensure_ascii=False, default=str)


def _leaves(value: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    """What nested mappings hold at their ends, each with the names that lead to it."""
    for key, part in value.items():
        name = f"{above} {key}".lstrip()
        if isinstance(part, Mapping) and part:
            yield from _leaves(part, name)
        else:
            yield name, part


def _scalar(value: object) -> str:
    """A part on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_scalar(part)}" for key, part in _leaves(value)) or "(none)"
    if isinstance(value, list | tuple):
        return ", ".join(_scalar(item) for item in value) or "(none)"
    return in_words(value)


def _words(values: Mapping[str, Any], key: str) -> str:
    return in_words(values[key]) if key in values else "absent"
