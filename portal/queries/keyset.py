"""Keyset pagination: each page of a list begins after the values of the previous page's last row.

The columns of an order are unique together and never null. So pages neither repeat nor skip rows, and later pages take
no longer than the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.db.models import F, OrderBy, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

_NAMES: Final = "place_{}"


class Column(NamedTuple):
    """A column or expression of an order."""

    expression: Combinable
    descending: bool = False


class Part[M](NamedTuple):
    """A part of a list, with the columns of its order. A list can consist of several parts, one after the other."""

    rows: M
    columns: tuple[Column, ...]


def columns(*names: str | Combinable) -> tuple[Column, ...]:
    """Return the columns of an order. Names are written as for `order_by`, with “-” for descending; expressions are
    ascending.
    """
    return tuple(
        Column(F(name.removeprefix("-")), name.startswith("-")) if isinstance(name, str) else Column(name)
        for name in names
    )


def ordered_part(part: Part[QuerySet[Any]]) -> QuerySet[Any]:
    """Return the rows of a part in its order. `place_of` reads the values of the order's columns from these rows."""
    names = {_NAMES.format(index): one.expression for index, one in enumerate(part.columns)}
    order = [
        OrderBy(F(name), descending=one.descending) for name, one in zip(names, part.columns, strict=True)
    ]
    found: QuerySet[Any] = part.rows.annotate(**names).order_by(*order)
    return found


def place_of(row: Any, part: Part[Any]) -> list[Any]:
    """Return the values of the order's columns for a row of `ordered_part`."""
    return [getattr(row, _NAMES.format(index)) for index in range(len(part.columns))]


def after(place: Sequence[Any], order: Sequence[Column]) -> Q:
    """Return the condition that a row comes after these values of the order's columns."""
    first = order[0]
    same = 1
    while same < len(order) and order[same].descending == first.descending:
        same += 1
    run = Tuple(*(one.expression for one in order[:same]))
    beyond = Q((TupleLessThan if first.descending else TupleGreaterThan)(run, list(place[:same])))
    if same == len(order):
        return beyond
    # Tuples can be compared only if all columns are ascending, or all are descending. Any other order needs a condition
    # with OR. The bound on the first column lets PostgreSQL start at the right place of an index.
    is_equal = Q()
    for one, value in zip(order[:same], place[:same], strict=True):
        is_equal &= Q(Exact(one.expression, value))
    bound = LessThanOrEqual if first.descending else GreaterThanOrEqual
    return Q(bound(first.expression, place[0])) & (beyond | (is_equal & after(place[same:], order[same:])))
