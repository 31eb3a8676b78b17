"""Parse the choices in the URL of the portfolio: the order, and filters by name, by label and by reason for
attention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from portal.queries.portfolio.customer_orders import ORDERS as FIGURE_ORDERS
from portal.queries.portfolio.customer_orders import SHOWN, score_key
from portal.web.components.facets import Facet, Option, toggled
from portal.web.portfolio.rows import Row


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by.

    `key` returns the sort key of a customer. The customer that most needs attention has the smallest key. `descending`
    is true if a smaller key means a larger value in the column.
    """

    label: str
    key: Callable[[Row], Any]
    descending: bool = False


def _urgency(row: Row) -> tuple[Any, ...]:
    return (row.rank, -row.overdue_critical, -row.critical, -row.high, score_key(row))


ORDERS: Final[Mapping[str, Order]] = {
    "urgent": Order("Most urgent", _urgency),
    **{name: Order(*one) for name, one in FIGURE_ORDERS.items()},
}
DEFAULT_ORDER: Final = "urgent"


@dataclass(frozen=True, slots=True)
class Choices:
    """The filters and the order that a URL chooses. Unknown values are ignored.

    `shown` are the chosen reasons for attention (keys of `SHOWN`).
    """

    name: str
    labels: tuple[str, ...]
    shown: tuple[str, ...]
    order: str
    is_reversed: bool

    @classmethod
    def from_query(cls, query: QueryDict) -> Choices:
        """Read the choices of a request."""
        order = query.get("sort", "")
        return cls(
            name=query.get("q", "").strip(),
            labels=tuple(dict.fromkeys(text for text in query.getlist("label") if text)),
            shown=tuple(key for key in SHOWN if key in query.getlist("show")),
            order=order if order in ORDERS else DEFAULT_ORDER,
            is_reversed=bool(query.get("reverse")),
        )

    @property
    def active_count(self) -> int:
        """The number of filters in use."""
        return bool(self.name) + len(self.labels) + len(self.shown)

    def apply(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that match the filters, in the chosen order.

        If labels are chosen, a row must have at least one of these labels. If reasons for attention are chosen, a row
        must have at least one of these reasons.
        """
        name = self.name.casefold()
        found = [
            row
            for row in rows
            if name in row.tenant.name.casefold()
            and (not self.labels or set(self.labels) & set(row.tenant.labels))
            and (not self.shown or any(SHOWN[key][1](row) for key in self.shown))
        ]
        found.sort(key=lambda row: row.tenant.name.casefold())
        found.sort(key=ORDERS[self.order].key)
        return found[::-1] if self.is_reversed else found


def label_facet(rows: Iterable[Row], query: QueryDict, chosen: Choices) -> Facet:
    """Return the facet of labels: all labels of these customers, each with the number of customers that have it.

    A chosen label is included even if no customer has it.
    """
    counts: dict[str, int] = dict.fromkeys(chosen.labels, 0)
    for row in rows:
        for label in row.tenant.labels:
            counts[label] = counts.get(label, 0) + 1
    options = [
        Option(label, number, toggled(query, "label", label), label in chosen.labels)
        for label, number in sorted(counts.items(), key=lambda item: item[0].casefold())
    ]
    return Facet("Label", "label", options)


def attention_facet(rows: Iterable[Row], query: QueryDict, chosen: Choices) -> Facet:
    """Return the facet of the reasons why customers need attention, with the number of customers for each reason."""
    rows = list(rows)
    options = [
        Option(label, sum(map(condition, rows)), toggled(query, "show", key), key in chosen.shown)
        for key, (label, condition) in SHOWN.items()
    ]
    return Facet("Attention", "show", [option for option in options if option.count or option.active])


@dataclass(frozen=True, slots=True)
class Heading:
    """A column heading whose link sorts the list by the column. `aria_sort` is empty unless the list is sorted by
    this column.
    """

    label: str
    url: str
    aria_sort: str


def headings(query: QueryDict, chosen: Choices) -> dict[str, Heading]:
    """Return {key of the order: heading}. The link of a heading sorts the list by the column. If the list is already
    sorted by this column, the link reverses the order.
    """
    found = {}
    for key, order in ORDERS.items():
        changed = query.copy()
        for name in ("page", "sort", "reverse"):
            changed.pop(name, None)
        if key != DEFAULT_ORDER:
            changed["sort"] = key
        is_current = key == chosen.order
        if is_current and not chosen.is_reversed:
            changed["reverse"] = "1"
        descending = order.descending != chosen.is_reversed
        direction = ("descending" if descending else "ascending") if is_current else ""
        found[key] = Heading(order.label, f"?{changed.urlencode()}", direction)
    return found
