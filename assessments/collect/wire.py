"""The JSON that came over the wire: its shape, its documents, its next page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from assessments.collect.errors import BadAnswer
from assessments.estate.collection import Shape

Document = Mapping[str, Any]
_LINKS = ("nextLink", "@odata.nextLink", "odata.nextLink")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def documents_of(wire: Any, shape: Shape) -> list[Document]:
    """The documents of one answer; BadAnswer when it is not of the shape."""
    if not isinstance(wire, Mapping):
        raise BadAnswer(f"a JSON object was expected, not {_kind(wire)}")
    if shape is Shape.SINGLE:
        return [wire]
    rows = wire.get("value")
    if not isinstance(rows, list):
        raise BadAnswer(f"`value` should be a list and is {_kind(rows) if 'value' in wire else 'absent'}")
    for row in rows:
        if not isinstance(row, Mapping):
            raise BadAnswer(f"`value` should hold objects and holds {_kind(row)}")
    return rows


def next_link(wire: Mapping[str, Any], seen: set[str]) -> str:
    """The address of the next page or ``; BadAnswer when it is unusable or was followed before (`seen`
    grows).
    """
    link = next((wire[name] for name in _LINKS if wire.get(name)), None)
    if link is None:
        return ""
    if not isinstance(link, str):
        raise BadAnswer("the link to the next page is not a text")
    try:
        urlsplit(link)
    except ValueError:
        raise BadAnswer("the link to the next page is not an address") from None
    if link in seen:
        raise BadAnswer("the pages lead round in a circle")
    seen.add(link)
    return link


def without_surrogates(value: Any, body: bytes) -> Any:
    """The JSON of `body` without lone surrogates, which no UTF-8 can hold; JSON's escapes can smuggle
    them in.
    """
    return clean(value) if _SURROGATE_ESCAPE.search(body) else value


def clean(value: Any) -> Any:
    """The same JSON, each lone surrogate replaced by U+FFFD."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {clean(name): clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner) for inner in value]
    return value


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), "something else")
