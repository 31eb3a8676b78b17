"""The parameters of a list: names with their values, from a page's query string, a saved view or an API call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qs

type Parameters = Mapping[str, Sequence[str]]

MAX_SEARCH_LENGTH: Final = 200


class CountedFilter:
    """Base of filters that say how many of their values are in use."""

    __slots__ = ()

    values: Mapping[str, Sequence[str]]
    search: str

    @property
    def active_count(self) -> int:
        """The number of filter values in use, including the search."""
        return sum(map(len, self.values.values())) + bool(self.search)


class Condition(NamedTuple):
    """One filter in words: its parameter, its label, and the label of each value."""

    name: str
    label: str
    values: tuple[str, ...]


def parse_query_string(text: str) -> Parameters:
    """Return the parameters of a query string such as ``state=open&severity=high``."""
    return parse_qs(text, keep_blank_values=True)


def values_of(parameters: Parameters, name: str) -> list[str]:
    """Return the values of one parameter without duplicates, because some filters add up the counts of the values.

    NUL characters, which PostgreSQL cannot store or match, are removed.
    """
    return list(dict.fromkeys(_without_nul(value) for value in parameters.get(name, ())))


def _without_nul(value: str) -> str:
    return value.replace("\0", "")


def text_of(parameters: Parameters, name: str) -> str:
    """Return the last value of one parameter as a search text: trimmed and at most 200 characters long."""
    values = parameters.get(name, ())
    return _without_nul(values[-1]).strip()[:MAX_SEARCH_LENGTH] if values else ""
