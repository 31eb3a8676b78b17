"""Read numbered pages of changed tickets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from portal.tickets.connectors.base import MAX_PAGES, Remote
from portal.tickets.errors import MorePages


def tickets_of_pages(
    read: Callable[[int], Sequence[Any]], remote: Callable[[Any], Remote], size: int
) -> Iterator[Remote]:
    """Yield the tickets of all pages, oldest change first.

    `read` returns the rows of a page by its number, which counts from 0. A page with fewer than `size` rows is the
    last. `remote` returns the ticket of a row. Raises MorePages after `MAX_PAGES` pages.
    """
    last: Remote | None = None
    for number in range(MAX_PAGES):
        rows = read(number)
        for row in rows:
            last = remote(row)
            yield last
        if len(rows) < size:
            return
    raise MorePages(last.updated_at if last else None)
