"""Forms that do not overwrite what somebody else saved while they were open.

A form contains the values that it was opened with, in a hidden field `start`. If the stored values differ from them
when the form is saved, nothing is saved: the page shows both versions (`shared/_meanwhile.html`) and the form again,
with the person's own changes and the present values of all other fields.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from portal.web.components.formatting import format_duration

CODE: Final = "changed_meanwhile"
"""The code of the Conflict that an action raises in this case."""
MISSING: Final = "The values that this page started from are missing. Reload the page and try again."


def write_start(values: Mapping[str, Any]) -> str:
    """Serialize the values that the form was opened with, for its hidden field."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def read_start(text: str) -> dict[str, Any] | None:
    """Parse the text that `write_start` wrote; None for any other text."""
    try:
        found = json.loads(text)
        # JSON may contain lone surrogates, which cannot be encoded in a page.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and all(map(_is_plain, found.values())) else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(word, str | int | float) for word in value)
    return value is None or isinstance(value, str | int | float)


def merge(start: Mapping[str, Any], now: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the typed values of fields that the form changed, and the present values of all others."""
    changed = {key: value for key, value in typed.items() if value != start.get(key)}
    return {**now, **changed}


def compare(
    labels: Mapping[str, str],
    start: Mapping[str, Any],
    now: Mapping[str, Any],
    typed: Mapping[str, Any],
    text: Callable[[str, Any], str],
) -> list[dict[str, str]]:
    """Return a row for each field that others changed, with the texts of the old, the present and the typed value."""
    return [
        {
            "label": label,
            "before": text(key, start.get(key)),
            "theirs": text(key, now.get(key)),
            "yours": text(key, typed[key]) if key in typed and typed[key] != start.get(key) else "",
        }
        for key, label in labels.items()
        if start.get(key) != now.get(key)
    ]


def ago(moment: datetime) -> str:
    """Return when something was changed, as the end of a sentence."""
    duration = format_duration(moment.astimezone(UTC), datetime.now(UTC))
    return f"{duration} ago" if duration else "just now"
