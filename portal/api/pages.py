"""Lists in pages: `{"items": […], "next": "<URL of the next page>" or null, "next_cursor": "…" or null}`.

A cursor contains the values by which the last object of a page is ordered. So a late page is read as fast as the first
page, and objects that are added or removed do not shift the next page. The signature of a cursor covers the URL and the
order of the list, so the cursor cannot be used for another list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.core.signing import BadSignature, Signer
from django.db.models import F, QuerySet
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.queries.keyset import Column, Part, after, ordered_part, place_of
from portal.queries.parameters import Parameters
from tenants.errors import InvalidInput, invalid

MAX_LIMIT: Final = 500
DEFAULT_LIMIT: Final = 100
SORT: Final = "sort"
FIELDS: Final = "fields"
_MAX_CURSOR: Final = 4000
_MAX_DIGITS: Final = 9

_CURSOR: Final = OpenApiParameter(
    "cursor",
    str,
    description="The place after which the page begins: `next_cursor` of the previous page. A cursor is valid only for"
    " the same address and order.",
)
LIMIT: Final = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    description="The maximum number of items in the page",
)

type Item = type[serializers.Serializer[Any]]
"""The serializer of the items of a list."""


def page_parameters(item: Item) -> tuple[OpenApiParameter, ...]:
    """Return the parameters of every list: `cursor`, `limit` and `fields`."""
    return _CURSOR, LIMIT, _fields_parameter(item)


def _fields_parameter(item: Item) -> OpenApiParameter:
    return OpenApiParameter(
        FIELDS,
        str,
        enum=list(item().fields),
        many=True,
        description="The fields of the items. Without this parameter, items have all fields.",
    )


class Key(NamedTuple):
    """The unique column by which a list is ordered."""

    column: str = "pk"
    descending: bool = False


class PageOf(NamedTuple):
    """The rows of a page, and the cursor of the next page. If this is the last page, the cursor is empty."""

    rows: list[Any]
    next_cursor: str


def page_of(request: Request, rows: QuerySet[Any], key: Key) -> PageOf:
    """Return the page of `rows` for which the request asks. Raise InvalidInput for an invalid limit or cursor."""
    return page_of_parts(request, [Part(rows, (Column(F(key.column), key.descending),))])


def page_of_parts(request: Request, parts: Sequence[Part[QuerySet[Any]]]) -> PageOf:
    """Return the page of a list that consists of several querysets (parts), one after the other. Raise InvalidInput for
    an invalid limit or cursor."""
    limit = limit_of(request)
    first, place = _place(request, parts)
    found: list[Any] = []
    for index in range(first, len(parts)):
        rows = ordered_part(parts[index])
        if place is not None and index == first:
            rows = rows.filter(after(place, parts[index].columns))
        missing = limit + 1 - len(found)
        found += [(index, row) for row in rows[:missing]]
        if len(found) > limit:
            last, row = found[limit - 1]
            shown = [one for _, one in found[:limit]]
            return PageOf(shown, _cursor(request, [last, *map(_stored, place_of(row, parts[last]))]))
    return PageOf([row for _, row in found], "")


def page_of_items[T](request: Request, items: Sequence[T], key: Callable[[T], str]) -> PageOf:
    """Return the page of a list that is not in the database. `key` returns a unique text for each item. Raise
    InvalidInput for an invalid limit or cursor.
    """
    limit, first = limit_of(request), 0
    if (cursor := request.query_params.get("cursor")) is not None:
        last = _read(request, cursor)
        first = 1 + next((index for index, item in enumerate(items) if [key(item)] == last), -1)
        if not first:
            raise _invalid_cursor()
    found = list(items[first : first + limit])
    if len(items) <= first + limit:
        return PageOf(found, "")
    return PageOf(found, _cursor(request, [key(found[-1])]))


def respond(request: Request, items: Iterable[Mapping[str, Any]], next_cursor: str = "") -> Response:
    """Return the response with a page of items. If the request names fields, each item has only these fields."""
    following = _address(request, next_cursor) if next_cursor else None
    headers = {"Link": f'<{following}>; rel="next"'} if following else {}
    if names := set(request.query_params.getlist(FIELDS)):
        items = ({name: value for name, value in item.items() if name in names} for item in items)
    content = {"items": list(items), "next": following, "next_cursor": next_cursor or None}
    return Response(content, headers=headers)


def listed(name: str, item: type[serializers.Serializer[Any]]) -> Any:
    """Return the serializer of a page of items, which describes the page in the OpenAPI contract."""
    following = serializers.URLField(
        allow_null=True, help_text="The address of the next page; null on the last page"
    )
    cursor = serializers.CharField(
        allow_null=True,
        help_text="The value of the parameter `cursor` for the next page; null on the last page",
    )
    return inline_serializer(name, {"items": item(many=True), "next": following, "next_cursor": cursor})


def only(request: Request, allowed: Sequence[str], *, item: Item | None = None, paged: bool = True) -> None:
    """Raise InvalidInput if the request has a parameter that is not allowed. If such parameters were ignored, a request
    with a mistyped filter would return everything.

    Also raise InvalidInput for a NUL character. If `paged` is set, `cursor` and `limit` are allowed too. If the
    serializer of the items (`item`) is given, `fields` is allowed too.
    """
    allowed = (*allowed, "cursor", "limit") if paged else allowed
    allowed = (*allowed, FIELDS) if item is not None else allowed
    if unknown := sorted(set(request.query_params) - set(allowed)):
        known = f"Known parameters: {', '.join(allowed)}." if allowed else "This address has no parameters."
        raise invalid(unknown[0][:100], f"This parameter does not exist. {known}")
    for name, values in request.query_params.lists():
        # PostgreSQL refuses NUL in texts.
        if any("\x00" in value for value in values):
            raise invalid(name, "Remove the character NUL (%00).")
    if item is not None:
        check_values([_fields_parameter(item)], dict(request.query_params.lists()))


def check_values(parameters: Iterable[OpenApiParameter], given: Parameters) -> None:
    """Raise InvalidInput if a value is not in the `enum` of its parameter, or does not match the parameter's `pattern`.

    Pages for people ignore such a value. If the API did the same, a program would get a list that it did not request.
    """
    for one in parameters:
        for value in given.get(one.name, ()):
            if one.enum is not None and value not in one.enum:
                known = ", ".join(map(str, one.enum))
                raise invalid(one.name, f"This value is unknown. Known values: {known}.")
            if one.pattern is not None and not re.fullmatch(one.pattern, value):
                form = str(one.description).partition(". ")[0]
                raise invalid(one.name, f"This value has the wrong form. {form}.")


def limit_of(request: Request) -> int:
    """Return how many items the page may have. Raise InvalidInput for an invalid limit."""
    text = request.query_params.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else 0
    if not 1 <= found <= MAX_LIMIT:
        raise invalid("limit", f"Enter a number from 1 to {MAX_LIMIT}.")
    return found


def _address(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _signer(request: Request) -> Signer:
    order = request.query_params.get(SORT, "")
    return Signer(salt=f"portal.api.cursor:{request.path}:{order}", sep=".")


def _cursor(request: Request, values: list[Any]) -> str:
    return _signer(request).sign_object(values)


def _read(request: Request, cursor: str) -> list[Any]:
    """Return the values of a cursor. Raise InvalidInput if the cursor was not made for this URL and order."""
    try:
        # The signature is checked before anything is decoded, so the content of a forged cursor is never read.
        found: list[Any] = _signer(request).unsign_object(cursor[:_MAX_CURSOR])
    except BadSignature:
        raise _invalid_cursor() from None
    return found


def _place(request: Request, parts: Sequence[Part[Any]]) -> tuple[int, list[Any] | None]:
    """Return the place after which the page begins: the index of a part of the list, and a value for each column by
    which this part is ordered. Without a cursor in the request, return 0 and None: the page begins with the first
    object of the list.
    """
    if (cursor := request.query_params.get("cursor")) is None:
        return 0, None
    part, *place = _read(request, cursor)
    # The cursor may come from another version of Surety, in which the list has other parts or columns.
    if part >= len(parts) or len(place) != len(parts[part].columns):
        raise _invalid_cursor()
    return part, place


def _stored(value: Any) -> Any:
    """Return a value in the form in which a cursor contains it. Times are texts with microseconds."""
    return (
        value if isinstance(value, int) else value.isoformat() if isinstance(value, datetime) else str(value)
    )


def _invalid_cursor() -> InvalidInput:
    return invalid(
        "cursor",
        "The cursor is invalid, or belongs to another list or order. Use “next_cursor” of the previous page, and send"
        " the same “sort”.",
    )
