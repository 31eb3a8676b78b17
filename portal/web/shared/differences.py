"""Differences between two configurations, as pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from assessments.estate.differences import MAX_DEPTH, Absent, Difference
from assessments.estate.ids import name_of

# Pages show at most this many characters of a value.
MAX_VALUE: Final = 2000
# Names of properties and of list entries are cut to this number of characters, because each line of a value begins with
# the complete path to its property. Azure's own names are shorter, but some documents, such as workflow definitions,
# contain names that people choose.
MAX_NAME: Final = 200
_MAX_COMPLETE_NAME: Final = 1000
# These properties are not shown, because they are not configuration: they identify an object or describe its state.
_LEFT_OUT: Final = frozenset({"id", "type", "etag", "provisioningState"})


class DifferenceRow(NamedTuple):
    """One changed property. `before` is empty if the property was added. `now` is empty if the property was removed.

    `path` leads from the configuration to the property: one pair (shown name, complete name) for each level. A level
    can be an entry of a list that is identified by an id. The shown name of such an entry is the last part of the id.
    """

    path: Sequence[tuple[str, str]]
    kind: str
    before: str
    now: str


def text_of(value: Any) -> str:
    """Return a value as text, with one line for each property of an object. Values such as null and true are replaced
    by words.
    """
    if isinstance(value, Absent):
        return ""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ("", [], {}):
        return "empty"
    if isinstance(value, dict | list):
        text = _beginning(_lines("", value, 0), "\n")
        return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]} …"
    text = str(value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]} … ({len(text)} characters)"


def cut_name(name: str, limit: int = MAX_NAME) -> str:
    """Return a name, or its first `limit` characters and “…”."""
    return name if len(name) <= limit else f"{name[:limit]}…"


def _beginning(texts: Iterable[str], separator: str) -> str:
    """Return the joined texts. Stop after `MAX_VALUE` characters, because a document can have millions of values."""
    found: list[str] = []
    length = 0
    for text in texts:
        found.append(text)
        length += len(text) + len(separator)
        if length > MAX_VALUE + len(separator):
            break
    return separator.join(found)


def _lines(path: str, value: Any, depth: int) -> Iterator[str]:
    """Yield a line such as ``properties › access: Allow`` for each property of an object. The properties in `_LEFT_OUT`
    get no line.
    """
    before = f"{path} › " if path else ""
    if depth > MAX_DEPTH:
        yield f"{before}…"
    elif isinstance(value, dict) and value:
        for name, one in value.items():
            if name not in _LEFT_OUT:
                yield from _lines(f"{before}{cut_name(name)}", one, depth + 1)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for number, one in enumerate(value, 1):
            yield from _lines(f"{before}{entry_name(one, number)}", one, depth + 1)
    else:
        text = _beginning(map(text_of, value), ", ") if isinstance(value, list) and value else text_of(value)
        yield f"{path}: {text}" if path else text


def entry_name(value: Any, number: int) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    return cut_name(name) if isinstance(name, str) and name else str(number)


def differences(found: Sequence[Difference]) -> list[DifferenceRow]:
    return [
        DifferenceRow(
            [
                (
                    cut_name(name_of(name) if name.startswith("/") else name),
                    cut_name(name, _MAX_COMPLETE_NAME),
                )
                for name in row.path
            ],
            "added" if row.is_added else "removed" if row.is_removed else "changed",
            text_of(row.before),
            text_of(row.now),
        )
        for row in found
    ]
