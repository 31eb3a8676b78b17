"""Write the details of an entry as readable lines: first the changes, each with old and new value, then other details.

Two formats describe a change: `{"<field>": {"from": old, "to": new}}`, and `{"before": old, "after": new}` where old
and new are values or mappings of fields. All other details are keys with a value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

MAX_LISTED: Final = 3
MAX_CHARACTERS: Final = 200
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
# Labels of keys. The label of a key that is not listed is the key with spaces in place of underscores.
LABELS: Final[Mapping[str, str]] = {
    "again": "decided again",
    "api_token": "API token",
    "bound_sha256": "approved value (SHA-256)",
    "due_days": "days until due",
    "ends_at": "ends",
    "exception_cap_days": "maximum length of exceptions (days)",
    "expires_at": "expires",
    "finding_ids": "ids",
    "left": "skipped",
    "means": "conditions",
    "only": "units",
    "other": "other answer",
    "sha256": "SHA-256",
    "size": "bytes",
    "starts_at": "starts",
}
# The detail “count” is a number of objects. The kind of the objects follows from another key in the same entry: {other
# key: counted objects}.
_COUNTED: Final[Mapping[str, str]] = {
    "batch": "findings",
    "changes": "changes",
    "findings": "findings",
    "left": "findings",
    "resources": "resources",
    "rules": "findings",
}
# The lists under these keys can be incomplete, because they have only the ids of the first objects. If the details also
# have “count”, the number of all objects, these lists get no line.
_CUT_LISTS: Final = frozenset(("changes", "resources"))
# Counts that are shown only if they are not zero.
_HIDDEN_IF_ZERO: Final = frozenset(("given_up", "left"))
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}", re.IGNORECASE)
# Keys that get no line, because most of their values are ids. The page of an entry also shows the JSON text that is
# hashed, and this text contains the ids.
_HIDDEN: Final = frozenset(
    ("batch", "comment", "finding", "finding_ids", "number", "other", "post", "replaces", "report")
)


class Line(NamedTuple):
    """One value of the details. `before` is None if the value is not a change."""

    key: str
    before: str | None
    value: str


def lines(details: Any, without: Collection[str] = ()) -> list[Line]:
    """Return the lines of an entry, changes first. Internal ids and empty values get no line.

    `without` names keys that the page shows elsewhere.
    """
    if not isinstance(details, Mapping):
        return [Line("details", None, _text(details))] if details else []
    changes = list(_changes(details))
    plain = [
        Line(_count_label(details) if key == "count" else _label(key), None, _text(value))
        for key, value in details.items()
        if key not in _HIDDEN
        and key not in without
        and not (key in _HIDDEN_IF_ZERO and value == 0)
        and not _is_change(value)
        and not (_has_both(details) and key in ("before", "after"))
        and not _is_empty(value)
        and not (key == "findings" and isinstance(value, list))
        and not (key in _CUT_LISTS and "count" in details)
    ]
    return changes + plain


def _changes(details: Mapping[str, Any]) -> Iterator[Line]:
    for key, value in details.items():
        if _is_change(value):
            yield from _differences(_label(key), value["from"], value["to"])
    if _has_both(details):
        before, after = details["before"], details["after"]
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _differences("", before, after)
        else:
            yield Line("", _text(before), _text(after))


def _differences(label: str, before: Any, after: Any) -> Iterator[Line]:
    """Yield one line for each field that changed, or one line if the detail is a single value."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        yield Line(label, _text(before), _text(after))
        return
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) != after.get(key):
            name = f"{label}, {_label(key)}" if label else _label(key)
            yield Line(name, _text(before.get(key)), _text(after.get(key)))


def _is_change(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"from", "to"}


def _has_both(details: Mapping[str, Any]) -> bool:
    return "before" in details and "after" in details


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value == "" or (isinstance(value, list | Mapping) and not value)


def _count_label(details: Mapping[str, Any]) -> str:
    """Return what “count” counts. Return “number” if no other key says what is counted, for example in an entry about
    failed sign-ins.
    """
    return next((label for key, label in _COUNTED.items() if key in details), "number")


def _label(key: str) -> str:
    return LABELS.get(key, key.replace("_", " "))


def _text(value: Any) -> str:
    """Return a value as a text of at most MAX_CHARACTERS characters."""
    text = _full_text(value)
    return text if len(text) <= MAX_CHARACTERS else f"{text[: MAX_CHARACTERS - 1]}…"


def _full_text(value: Any) -> str:
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _format_string(value)
    if isinstance(value, Mapping | list) and value and all(_is_id(item) for item in value):
        return str(len(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{_label(str(key))} {_full_text(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list):
        shown = ", ".join(_full_text(item) for item in value[:MAX_LISTED])
        more = len(value) - MAX_LISTED
        return (f"{shown} and {more} more" if more > 0 else shown) or "none"
    return str(value)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _format_string(text: str) -> str:
    if len(text) == 64 and _is_id(text):
        return f"{text[:12]}…"
    return _format_moment(text) if _MOMENT.match(text) else text


def _format_moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            return text
        return f"{found.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    # OverflowError is raised if the time in UTC is before year 1 or after year 9999.
    except (ValueError, OverflowError):
        return text
