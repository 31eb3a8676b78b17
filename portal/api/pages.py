"""Lists in pages: `{"items": […], "next": "<address of the next page>" or null, "next_cursor": "…" or null}`.

A cursor names the last object of a page. So every page costs the same, and objects that are added or removed meanwhile
do not make the pages repeat or skip other objects.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.errors import InvalidInput, invalid
from tenants.ids import parse_uuid

MAX_LIMIT: Final = 500
DEFAULT_LIMIT: Final = 100
_MAX_CURSOR: Final = 200
_SLUG: Final = re.compile(r"[-a-zA-Z0-9_]{1,60}")

PARAMETERS: Final = (
    OpenApiParameter(
        "cursor", str, description="The place after which the page begins: `next_cursor` of the page before"
    ),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        description="The maximum number of items in the page",
    ),
)


class Key(NamedTuple):
    """The unique column by which a list is ordered, and how its value is read from a cursor (None if invalid)."""

    column: str = "pk"
    descending: bool = False
    parse: Callable[[str], Any] = parse_uuid


def number(text: str) -> int | None:
    """Read a positive number of at most nine digits from a cursor."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def slug(text: str) -> str | None:
    """Read a short name from a cursor."""
    return text if _SLUG.fullmatch(text) else None


class PageOf(NamedTuple):
    """The rows of a page, and the cursor of the next page, or an empty text."""

    rows: list[Any]
    next_cursor: str


def page_of[M: Model](request: Request, rows: QuerySet[M], key: Key) -> PageOf:
    """Return the page of `rows` for which the request asks. Raise InvalidInput for an invalid limit or cursor."""
    limit = _limit(request.query_params.get("limit"))
    if (cursor := request.query_params.get("cursor")) is not None:
        rows = rows.filter(**{f"{key.column}__{'lt' if key.descending else 'gt'}": _place(cursor, key)})
    found = list(rows.order_by(f"{'-' if key.descending else ''}{key.column}")[: limit + 1])
    if len(found) <= limit:
        return PageOf(found, "")
    found = found[:limit]
    return PageOf(found, _cursor(getattr(found[-1], key.column)))


def page_of_items[T](request: Request, items: Sequence[T], key: Callable[[T], str]) -> PageOf:
    """Return the page of a list that is not in the database. `key` names each item uniquely. Raise InvalidInput for an
    invalid limit or cursor."""
    limit, first = _limit(request.query_params.get("limit")), 0
    if (cursor := request.query_params.get("cursor")) is not None:
        last = _place(cursor, Key(parse=lambda text: text or None))
        first = 1 + next((index for index, item in enumerate(items) if key(item) == last), -1)
        if not first:
            raise _invalid_cursor()
    found = list(items[first : first + limit])
    if len(items) <= first + limit:
        return PageOf(found, "")
    return PageOf(found, _cursor(key(found[-1])))


def respond(request: Request, items: Iterable[Mapping[str, Any]], next_cursor: str = "") -> Response:
    """Return the response with a page of items."""
    following = _address(request, next_cursor) if next_cursor else None
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    content = {"items": list(items), "next": following, "next_cursor": next_cursor or None}
    return Response(content, headers=headers)


def listed(name: str, item: type[serializers.Serializer[Any]]) -> Any:
    """Return the serializer of a page of items, for the contract."""
    following = serializers.URLField(allow_null=True, help_text="The address of the next page")
    cursor = serializers.CharField(allow_null=True, help_text="The parameter `cursor` of the next page")
    return inline_serializer(name, {"items": item(many=True), "next": following, "next_cursor": cursor})


def only(request: Request, allowed: Sequence[str], *, paged: bool = True) -> None:
    """Raise InvalidInput for a parameter that is not allowed, so that a mistyped filter does not return everything.
    `paged`: whether the answer is a list in pages."""
    allowed = (*allowed, "cursor", "limit") if paged else allowed
    if unknown := sorted(set(request.query_params) - set(allowed)):
        known = f"Known parameters: {', '.join(allowed)}." if allowed else "This address has no parameters."
        raise invalid(unknown[0][:100], f"This parameter does not exist. {known}")


def limit_of(request: Request) -> int:
    """Return how many items the page may have. Raise InvalidInput for an invalid limit."""
    return _limit(request.query_params.get("limit"))


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    found = number(text)
    if found is None or not 1 <= found <= MAX_LIMIT:
        raise invalid("limit", f"Enter a number from 1 to {MAX_LIMIT}.")
    return found


def _address(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(str(value).encode()).decode().rstrip("=")


def _place(cursor: str, key: Key) -> Any:
    try:
        text = base64.b64decode(cursor[:_MAX_CURSOR] + "=" * (-len(cursor) % 4), b"-_", validate=True).decode(
            "ascii"
        )
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    place = key.parse(text)
    if place is None:
        raise _invalid_cursor()
    return place


def _invalid_cursor() -> InvalidInput:
    return invalid("cursor", "The cursor is invalid. Take it from “next” of the page before.")
