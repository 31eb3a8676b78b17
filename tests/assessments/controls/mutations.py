"""The values inside a document, and the values that replace them in tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.assessments.controls.recorded import inner

ABSENT = object()


def places(node: Any, read: Any = None, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Yield (container, key or index, path) of every value inside `node`. In a path, `[]` stands for a list.

    `read` is a copy of the node that recorded which properties were read. If `read` is given, yield only the values of
    these properties.
    """
    if isinstance(node, dict):
        keys: list[Any] = [key for key in node if read is None or key in read.reads]
    elif isinstance(node, list):
        keys = list(range(len(node)))
    else:
        return
    for key in keys:
        where = f"{path}[]" if isinstance(node, list) else f"{path}.{key}".lstrip(".")
        yield node, key, where
        yield from places(node[key], None if read is None else inner(read, key), where)


def replacements(container: Any, value: Any) -> Iterator[Any]:
    """Yield the replacements of a value: None, values of two other types and, for a property, also `ABSENT`."""
    if isinstance(container, dict):
        yield ABSENT
    yield None
    yield "seven" if isinstance(value, int | float) and not isinstance(value, bool) else 7
    yield {"unexpected": True} if not isinstance(value, dict) else ["unexpected"]
