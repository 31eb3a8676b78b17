"""Read the documents and the link to the next page from the JSON of an answer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from assessments.collect.errors import BadAnswer
from assessments.estate.collection import Shape

Document = Mapping[str, Any]
_LINKS = ("nextLink", "@odata.nextLink", "odata.nextLink")
# Azure's pages have 100 to 1,000 documents, so no real list comes near this limit.
MAX_PAGES = 20_000
# Python's JSON parser accepts about 5,000 nested levels, but recursive functions fail at about 900 levels. Azure
# Resource Manager templates have at most about 20 levels.
MAX_DEPTH = 200
# The longest documented ids have some 1,000 characters. Every finding of a resource stores the id of the resource, so
# an id of a megabyte would fill pages and reports.
MAX_ID = 4096
# The database column for request ids has this length. Azure's request ids are GUIDs, some with the name of a region.
MAX_REQUEST_ID = 80
# Characters that JSON can contain as escape sequences, but that cannot be stored: PostgreSQL refuses NUL, and UTF-8 has
# no lone surrogates.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_UNSTORABLE_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
# Numbers that Python reads as infinite or NaN, which JSON in PostgreSQL cannot contain.
_UNSTORABLE_NUMBER = re.compile(rb"[\[,:\s]-?(?:Infinity|NaN|[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]{3})|[0-9]{309}")


def documents_of(wire: Any, shape: Shape) -> list[Document]:
    """Return the documents of one answer. Raise BadAnswer if the answer does not have the shape that the collection
    declares.
    """
    if not isinstance(wire, Mapping):
        raise BadAnswer(f"Expected a JSON object, not {_kind(wire)}")
    if shape is Shape.SINGLE:
        _refuse_long_id(wire)
        return [wire]
    rows = wire.get("value")
    if not isinstance(rows, list):
        raise BadAnswer(f"`value` should be a list, but is {_kind(rows) if 'value' in wire else 'absent'}")
    for row in rows:
        if not isinstance(row, Mapping):
            raise BadAnswer(f"`value` should contain objects, but contains {_kind(row)}")
        _refuse_long_id(row)
    return rows


def next_link(wire: Mapping[str, Any], seen: set[str]) -> str:
    """Return the URL of the next page and add it to `seen`. Return an empty string if there is no next page.

    Raise BadAnswer if the URL is malformed or already in `seen`, or if the list has more than MAX_PAGES pages.
    """
    link = next((wire[name] for name in _LINKS if wire.get(name)), None)
    if link is None:
        return ""
    if not isinstance(link, str):
        raise BadAnswer("The link to the next page is not text")
    try:
        urlsplit(link)
    except ValueError:
        raise BadAnswer("The link to the next page is not a URL") from None
    if link in seen:
        raise BadAnswer("The answer repeats the link to an earlier page")
    if len(seen) >= MAX_PAGES:
        raise BadAnswer(f"The answer has more than {MAX_PAGES} pages, so the rest was not read")
    seen.add(link)
    return link


def refuse_deep_nesting(value: Any) -> None:
    """Raise RecursionError for JSON of more than MAX_DEPTH levels, on which recursive functions would fail."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise RecursionError(f"the JSON has more than {MAX_DEPTH} levels")


def storable(value: Any, body: bytes, charset: str = "") -> Any:
    """Return the JSON. Values in it that PostgreSQL cannot store are replaced, because a single such value in a tag
    would stop an assessment.

    `charset` is the character set of the body, as the answer names it, or empty. For UTF-8 and ASCII, the bytes of
    `body` show whether the JSON contains such values. For other character sets, every value is checked.
    """
    is_other = charset.casefold() not in ("", "utf-8", "utf8", "us-ascii")
    if is_other or _UNSTORABLE_ESCAPE.search(body) or _UNSTORABLE_NUMBER.search(body):
        return clean(value)
    return value


def charset_of(content_type: str) -> str:
    """Return the character set that a Content-Type header names, or an empty string if it names none."""
    message = Message()
    message["Content-Type"] = content_type
    return str(message.get_content_charset() or "")


def clean(value: Any) -> Any:
    """Return the JSON in a form that PostgreSQL can store.

    NUL and lone surrogates become U+FFFD; Infinity and NaN become texts.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {clean(name): clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner) for inner in value]
    return value


def _refuse_long_id(document: Document) -> None:
    found = document.get("id")
    if isinstance(found, str) and len(found) > MAX_ID:
        raise BadAnswer(f"An id has more than {MAX_ID:,} characters")


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    names = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    return names.get(type(value), "something else")
