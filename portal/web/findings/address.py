"""Parse the parts of the findings page's URL that are not filters: layout, order, columns and open groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from django.http import QueryDict

from portal.queries.findings.filters import NAMES, SEARCH
from portal.queries.findings.ordering import DEFAULT_ORDER, ORDERS

LIST: Final = "list"
# {value of the parameter `col`: heading of the column}
COLUMNS: Final[Mapping[str, str]] = {
    "reason": "What was found",
    "state": "State",
    "since": "Since",
    "severity": "Severity",
    "section": "Section",
    "type": "Resource type",
    "exception": "Exception until",
    "subscription": "Group and subscription",
    "owner": "Owner",
    "due": "Due",
}
DEFAULT_COLUMNS: Final = ("reason", "subscription", "owner", "due")
SELECTED: Final = "finding"
"""The URL parameter that names the finding whose details are shown beside the list."""
CONTROLS: Final = "controls"
"""The URL parameter with which the page lists all controls (`ALL`) and not only the first ones."""
ALL: Final = "all"
_PARAMETERS: Final = (*NAMES, SEARCH, "layout", "sort", "col", CONTROLS)


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed URL of the findings page.

    `query` holds the known parameters, without the number of the page and the open groups. `text` is `query` as a
    query string, which saved views and bulk actions store.
    """

    query: QueryDict
    text: str
    in_groups: bool
    sort: str
    columns: tuple[str, ...]
    opened: tuple[str, ...]

    @classmethod
    def parse(cls, query: QueryDict) -> Self:
        """Parse the URL of a request. Unknown parameters and values are ignored."""
        known = known_parameters(query)
        sort = query.get("sort", "")
        columns = tuple(name for name in COLUMNS if name in query.getlist("col"))
        return cls(
            query=known,
            text=known.urlencode(),
            in_groups=query.get("layout") != LIST,
            sort=sort if sort in ORDERS else DEFAULT_ORDER,
            columns=columns or DEFAULT_COLUMNS,
            opened=tuple(dict.fromkeys(query.getlist("open"))),
        )

    def url(self, **values: str | list[str] | None) -> str:
        """Return the query string after setting these parameters. A parameter whose value is None is removed."""
        query = self.query.copy()
        for name, value in values.items():
            if value is None:
                query.pop(name, None)
            else:
                query.setlist(name, [value] if isinstance(value, str) else value)
        return f"?{query.urlencode()}"

    def hidden_fields(self, *without: str) -> list[tuple[str, str]]:
        """Return all known parameters except those in `without`, as (name, value).

        A form that changes the parameters in `without` contains all other parameters as hidden fields.
        """
        lists = self.query.lists()
        return [(name, value) for name, values in lists if name not in without for value in values]


def known_parameters(query: QueryDict) -> QueryDict:
    """Return the parameters that the page knows, in a fixed order, so that equal views have equal query strings."""
    known = QueryDict(mutable=True)
    for name in _PARAMETERS:
        if values := [value.replace("\0", "") for value in query.getlist(name) if value]:
            known.setlist(name, values)
    return known
