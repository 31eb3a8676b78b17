"""Facts of a change: the key that identifies it, and its changed properties. The number of stored properties and the
length of their values are limited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from assessments.estate.differences import ABSENT, Difference, differences, shortened
from assessments.estate.ids import name_of

MAX_DIFFERENCES: Final = 20
MAX_PROPERTIES: Final = 200
MAX_PATH: Final = 400
MAX_PART: Final = 1000
"""The maximum number of characters of each part of a stored path. Longer parts are cut. Azure's ids are shorter, but
some documents contain keys that people choose.
"""
MAX_CANDIDATES: Final = 50
"""The maximum number of candidates that a change stores: operations that may have made the change. If there are more,
the newest are stored. But the change's `actors` and `operations` contain the actors and names of all operations.
"""


def key_of(*parts: object) -> str:
    """Return the key of a change, which is the SHA-256 of the parts that identify the change."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def stored_differences(found: Iterable[Difference]) -> tuple[list[dict[str, Any]], int, list[str]]:
    """Return the first MAX_DIFFERENCES differences, the number of all differences, and at most MAX_PROPERTIES paths of
    changed properties."""
    rows: list[dict[str, Any]] = []
    paths: dict[str, None] = {}
    count = 0
    for difference in found:
        count += 1
        if len(rows) < MAX_DIFFERENCES:
            row: dict[str, Any] = {"path": [part[:MAX_PART] for part in difference.path]}
            if not difference.is_added:
                row["before"] = shortened(difference.before)
            if not difference.is_removed:
                row["now"] = shortened(difference.now)
            rows.append(row)
        if len(paths) < MAX_PROPERTIES:
            paths[path_text(difference.path)] = None
    return rows, count, list(paths)


def path_text(path: Iterable[str]) -> str:
    """Return the path of a property as one text, such as `properties.securityRules.ssh`. Globs of watch rules and
    filters are compared with this text.

    If an entry of a list is identified by an id, the path contains the last part of the id.
    """
    return ".".join(name_of(name) if name.startswith("/") else name for name in path)[:MAX_PATH]


def difference_of(row: Mapping[str, Any]) -> Difference:
    """Return the `Difference` that was stored as this row."""
    return Difference(tuple(row["path"]), row.get("before", ABSENT), row.get("now", ABSENT))


def is_undone(before: Mapping[str, Any], changed: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Return whether the change from `before` to `changed` is undone in `now`, a later version of the resource.

    The change is undone if all properties that differ between `before` and `changed` have the same values in `now` as
    in `before`.
    """
    moved = {difference.path for difference in differences(before, changed)}
    containing = {part for path in moved for part in _beginnings(path)}
    return bool(moved) and not any(
        difference.path in containing or any(part in moved for part in _beginnings(difference.path))
        for difference in differences(before, now)
    )


def _beginnings(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the path of a property, and the paths of the objects and lists that contain it."""
    return (path[:length] for length in range(len(path) + 1))
