"""Compare observed values with the values that would pass, row by row. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from assessments.controls.declare import Expected
from assessments.display.names import NO_NAMES, Names
from assessments.display.observed import Line, describe_key
from assessments.display.text import Text, joined


class Row(NamedTuple):
    """A row of the table that compares the observed values of a finding with the expectations of the control.

    The cell with `expected` spans `span` rows. `expected` is None in the further rows that this cell spans.
    `differs` is true if the observed value certainly does not pass.
    """

    label: str
    observed: Text
    expected: Text | None
    differs: bool
    span: int = 1


def compared(
    lines: Sequence[Line],
    values: Mapping[str, Any],
    whole: Text,
    expects: Mapping[str, Expected],
    *,
    failed: bool,
    names: Names = NO_NAMES,
) -> list[Row]:
    """Return a row for each observed value. If there is no observed value, return a single row that says so.

    `expects` has the expectations that the control declares for single keys. The rows of all other keys come last, and
    share one cell that contains `whole`, the control's expectation in one sentence.
    """
    own = [line for line in lines if line.key in expects]
    others = [line for line in lines if line.key not in expects]
    if not lines:
        return [Row("", Text("No value recorded"), whole, differs=False)]
    rows = [
        Row(
            line.label,
            joined(line.items, "\n"),
            _phrase(line.key, expects[line.key], names),
            failed and _differs(values.get(line.key), expects[line.key], only=len(lines) == 1),
        )
        for line in own
    ]
    # Values that do not pass come first.
    rows.sort(key=lambda row: not row.differs)
    rows += [
        Row(
            line.label,
            joined(line.items, "\n"),
            whole if place == 0 else None,
            failed and len(lines) == 1,
            len(others) if place == 0 else 1,
        )
        for place, line in enumerate(others)
    ]
    return rows


def _phrase(key: str, expects: Expected, names: Names) -> Text:
    if isinstance(expects, str):
        return Text(expects)
    if not expects:
        return Text("None")
    shown = [describe_key(key, value, names).text for value in expects]
    return joined(shown, " or ").capitalized()


def _differs(value: Any, expects: Expected, *, only: bool) -> bool:
    """Return whether a value of a failed finding certainly differs from what the control expects.

    If `expects` is a sentence, the value cannot be compared: return whether the finding has no other value (`only`).
    """
    if isinstance(expects, str):
        return only
    if not expects:
        return bool(value)
    return _folded(value) not in [_folded(one) for one in expects]


def _folded(value: Any) -> object:
    return None if value is None or value == "" else value.casefold() if isinstance(value, str) else value
