"""Observed values at two times, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any, NamedTuple

from assessments.display.names import NO_NAMES, Names
from assessments.display.observed import Line, describe_key
from assessments.display.text import Text, joined


class Pair(NamedTuple):
    """One observed property. `before` and `now` are formatted. They are “not recorded” if the property is missing in
    the verdict of that time.
    """

    label: str
    before: Text
    now: Text
    changed: bool


def side_by_side(
    before: Mapping[str, Any] | None, now: Mapping[str, Any], names: Names = NO_NAMES, zone: tzinfo = UTC
) -> list[Pair]:
    """Return the properties of both mappings. The properties of `before` come first.

    Return an empty list if `before` is None.
    """
    if before is None:
        return []
    keys = dict.fromkeys([*before, *now])
    return [
        Pair(
            describe_key(key, None).label,
            _format(before, key, names, zone),
            _format(now, key, names, zone),
            (key in before, before.get(key)) != (key in now, now.get(key)),
        )
        for key in keys
    ]


def changed_values(
    before: tuple[str, Mapping[str, Any] | None],
    now: tuple[str, Mapping[str, Any] | None],
    names: Names = NO_NAMES,
    zone: tzinfo = UTC,
) -> list[Pair]:
    """Return the properties that differ between two verdicts. Each verdict is (outcome, observed values).

    If a verdict is unknown, properties that could not be read are missing from its observed values. These properties
    are left out, because it is not known whether they have changed.
    """
    (before_outcome, old), (now_outcome, new) = before, now
    if old is None or new is None:
        return []
    unread = set()
    if before_outcome == "unknown":
        unread |= new.keys() - old.keys()
    if now_outcome == "unknown":
        unread |= old.keys() - new.keys()
    old, new = ({key: value for key, value in values.items() if key not in unread} for values in (old, new))
    return [pair for pair in side_by_side(old, new, names, zone) if pair.changed]


def value_rows(lines: list[Line]) -> list[tuple[str, Text]]:
    """Return (label, value) of each line. If a value has several items, each item begins a new line of text."""
    return [(line.label, joined(line.items, "\n")) for line in lines]


def _format(values: Mapping[str, Any], key: str, names: Names, zone: tzinfo) -> Text:
    if key not in values:
        return Text("not recorded")
    return joined(describe_key(key, values[key], names, zone).items, "\n")
