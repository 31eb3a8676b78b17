"""Lists in pages: `{"items": […], "next": "<address of the next page>" or null}`.

A cursor names the last object of a page, so a page costs the same wherever it is, and objects that are added or removed
meanwhile neither repeat nor skip others.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.errors import invalid
from tenants.ids import parse_uuid

MAX_LIMIT: Final = 500
DEFAULT_LIMIT: Final = 100
_MAX_CURSOR: Final = 200

PARAMETERS: Final = (
    OpenApiParameter(
        "cursor", str, description="The place after which the page begins: from `next` of the page before"
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


class PageOf(NamedTuple):
    """The rows of a page, and the query string of the next page, or an empty text."""

    rows: list[Any]
    next_query: str


def page_of[M: Model](request: Request, rows: QuerySet[M], key: Key) -> PageOf:
    """Return the page of `rows` for which the request asks. Raise InvalidInput for an invalid limit or cursor."""
    limit = _limit(request.query_params.get("limit"))
    if (cursor := request.query_params.get("cursor")) is not None:
        rows = rows.filter(**{f"{key.column}__{'lt' if key.descending else 'gt'}": _place(cursor, key)})
    found = list(rows.order_by(f"{'-' if key.descending else ''}{key.column}")[: limit + 1])
    if len(found) <= limit:
        return PageOf(found, "")
    found = found[:limit]
    query = request.query_params.copy()
    query["cursor"] = _cursor(getattr(found[-1], key.column))
    return PageOf(found, query.urlencode())


def respond(request: Request, items: Iterable[Mapping[str, Any]], next_query: str = "") -> Response:
    """Return the response with a page of items."""
    following = request.build_absolute_uri(f"{request.path}?{next_query}") if next_query else None
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Response({"items": list(items), "next": following}, headers=headers)


def listed(name: str, item: type[serializers.Serializer[Any]]) -> Any:
    """Return the serializer of a page of items, for the contract."""
    return inline_serializer(name, {"items": item(many=True), "next": serializers.URLField(allow_null=True)})


def only(request: Request, allowed: Sequence[str]) -> None:
    """Raise InvalidInput for a parameter that is not allowed, so that a mistyped filter does not return everything."""
    unknown = sorted(set(request.query_params) - set(allowed) - {"cursor", "limit"})
    if unknown:
        known = ", ".join((*allowed, "cursor", "limit"))
        raise invalid(unknown[0][:100], f"This parameter does not exist. Known parameters: {known}.")


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    found = number(text)
    if found is None or not 1 <= found <= MAX_LIMIT:
        raise invalid("limit", f"Enter a number from 1 to {MAX_LIMIT}.")
    return found


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
        raise invalid("cursor", "The cursor is invalid. Take it from “next” of the page before.")
    return place
