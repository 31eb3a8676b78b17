"""What the address of the findings page says besides the filters: layout, order, columns, opened groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from django.http import QueryDict

from portal.web.findings.filters import NAMES

LIST: Final = "list"
# key -> label
SORTS: Final[Mapping[str, str]] = {
    "severity": "Severity",
    "due": "Due date",
    "age": "Oldest first",
    "new": "Newest first",
    "subject": "Subject",
}
COLUMNS: Final[Mapping[str, str]] = {
    "state": "State",
    "reason": "What was found",
    "owner": "Owner",
    "due": "Due",
    "since": "Since",
    "severity": "Severity",
    "section": "Section",
    "subscription": "Subscription or directory",
    "type": "Resource type",
    "exception": "Exception until",
}
USUAL: Final = ("state", "reason", "owner", "due")
_ALL: Final = (*NAMES, "q", "layout", "sort", "col")


@dataclass(frozen=True, slots=True)
class Address:
    """`query` is what is kept of the address: the known names, without page and opened groups; `text` the same
    as a query string, as saved views and bulk actions keep it."""

    query: QueryDict
    text: str
    in_groups: bool
    sort: str
    columns: tuple[str, ...]
    opened: tuple[str, ...]

    @classmethod
    def of(cls, given: QueryDict) -> Self:
        kept = known(given)
        sort = given.get("sort", "")
        columns = tuple(name for name in COLUMNS if name in given.getlist("col"))
        return cls(
            query=kept,
            text=kept.urlencode(),
            in_groups=given.get("layout") != LIST,
            sort=sort if sort in SORTS else "severity",
            columns=columns or USUAL,
            opened=tuple(dict.fromkeys(given.getlist("open"))),
        )

    def having(self, **values: str | list[str] | None) -> str:
        """The query string with these names set (None: taken away)."""
        query = self.query.copy()
        for name, value in values.items():
            if value is None:
                query.pop(name, None)
            else:
                query.setlist(name, [value] if isinstance(value, str) else value)
        return f"?{query.urlencode()}"

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """The fields of a form that changes only the names given."""
        return [(name, value) for name, some in self.query.lists() if name not in without for value in some]


def known(given: QueryDict) -> QueryDict:
    """The names that the page knows, in its own order: the same view has the same text."""
    kept = QueryDict(mutable=True)
    for name in _ALL:
        if some := [value.replace("\0", "") for value in given.getlist(name) if value]:
            kept.setlist(name, some)
    return kept
