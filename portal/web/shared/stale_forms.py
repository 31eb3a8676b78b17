"""Keep forms from overwriting values that somebody else saved while the form was open.

The hidden field `start` has the form's starting values. If the stored values differ from the starting values when the
form is submitted, nothing is saved. The page then shows the other person's values beside the typed values
(`shared/_meanwhile.html`), and the form with the merged values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django import forms
from django.http import HttpRequest

from portal.web.components.formatting import format_duration
from tenants import errors
from tenants.values.stale_values import CODE, REMOVED, LastChange, Part

__all__ = [
    "CODE",
    "MISSING",
    "REMOVED",
    "conflict",
    "read_object",
    "read_start",
    "remove_unchanged",
    "start_of",
    "write_start",
]

type Conflict = tuple[dict[str, Any], dict[str, Any]]
"""The context of the template `shared/_meanwhile.html`, and the merged values of the form."""

MISSING: Final = "The form was sent incompletely, so nothing was saved. Reload the page and try again."


def write_start(values: Mapping[str, Any]) -> str:
    """Serialize the values with which the form is opened, for its hidden field `start`."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def read_start(text: str) -> dict[str, Any] | None:
    """Parse a text that `write_start` wrote. Return None if the text is not a JSON object, or if one of its values is
    an object or a nested list.
    """
    found = read_object(text)
    return found if found is not None and all(map(_is_plain, found.values())) else None


def read_object(text: str) -> dict[str, Any] | None:
    """Parse a JSON object with any values. Return None for any other text."""
    try:
        found = json.loads(text)
        # Refuse lone surrogates. JSON permits them, but they cannot be encoded in a page.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(word, str | int | float) for word in value)
    return value is None or isinstance(value, str | int | float)


def merge(start: Mapping[str, Any], now: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the merged values. A field that the person changed has the typed value. Any other field has the stored
    value.
    """
    changed = {key: value for key, value in typed.items() if value != start.get(key)}
    return {**now, **changed}


def compare(
    labels: Mapping[str, str],
    start: Mapping[str, Any],
    now: Mapping[str, Any],
    typed: Mapping[str, Any],
    text: Callable[[str, Any], str],
) -> list[dict[str, str]]:
    """Return a row for each field that somebody else has changed. The row has the old, the stored and the typed value
    in words.
    """
    return [
        {
            "label": label,
            "before": text(key, _like(now.get(key), start.get(key))),
            "theirs": text(key, now.get(key)),
            "yours": text(key, typed[key]) if key in typed and typed[key] != start.get(key) else "",
        }
        for key, label in labels.items()
        if start.get(key) != now.get(key)
    ]


def _like(stored: Any, sent: Any) -> Any:
    """Return the value that the browser sent. If the browser sent a list, but the stored value is not a list, return
    the list as text. Callers may look the value up in a dict of choices, which is impossible for a list.
    """
    return ", ".join(map(str, sent)) if isinstance(sent, list) and not isinstance(stored, list) else sent


def start_of(request: HttpRequest, form: forms.Form, stored: Part) -> Part:
    """Return the values with which the submitted form was opened. If the request does not contain these values, add an
    error to the form and return the stored values.
    """
    found = read_start(request.POST.get("start", ""))
    if found is None:
        form.add_error(None, MISSING)
        return stored
    return found


def remove_unchanged(
    request: HttpRequest, remove: Callable[[Part], object], conflict: Callable[[Part], Conflict]
) -> dict[str, Any] | None:
    """Call `remove` with the values with which the form was opened, and return None.

    If `remove` raises Conflict, because somebody else has changed the object, return the first item of the result of
    `conflict`: the description of the changes. A form that removes the object needs no merged values.
    """
    start = read_start(request.POST.get("start", "")) or {}
    try:
        remove(start)
    except errors.Conflict as error:
        if error.code != CODE:
            raise
        return conflict(start)[0]
    return None


def conflict(
    labels: Mapping[str, str],
    start: Part,
    now: Part,
    typed: Mapping[str, Any],
    last: LastChange | None,
    text: Callable[[str, Any], str],
) -> Conflict:
    """Return the context about the values that somebody else saved, and these values merged with the typed ones."""
    rows = compare(labels, start, now, typed, text)
    shown = {"rows": rows, "who": last.who if last else "", "at": last.at if last else None}
    return shown, merge(start, now, typed)


def ago(moment: datetime) -> str:
    """Return how long ago a change was made, such as “3 minutes ago” or “just now”, for the end of a sentence."""
    duration = format_duration(moment.astimezone(UTC), datetime.now(UTC))
    return f"{duration} ago" if duration else "just now"
