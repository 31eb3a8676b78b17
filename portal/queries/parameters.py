"""The parameters of a query: names with the values given for each, from an address, a saved view or an API call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qs

type Parameters = Mapping[str, Sequence[str]]

MAX_SEARCH_LENGTH: Final = 200


class Condition(NamedTuple):
    """One filter in words: its parameter, its label, and the label of each value."""

    name: str
    label: str
    values: tuple[str, ...]


def parse_query_string(text: str) -> Parameters:
    """Return the parameters of a query string such as ``state=open&severity=high``."""
    return parse_qs(text, keep_blank_values=True)


def values_of(parameters: Parameters, name: str) -> list[str]:
    """Return the values of one parameter, without NUL characters, which PostgreSQL cannot store or match."""
    return [value.replace("\0", "") for value in parameters.get(name, ())]


def text_of(parameters: Parameters, name: str) -> str:
    """Return the last value of one parameter as a search text: trimmed and at most 200 characters long."""
    values = values_of(parameters, name)
    return values[-1].strip()[:MAX_SEARCH_LENGTH] if values else ""
