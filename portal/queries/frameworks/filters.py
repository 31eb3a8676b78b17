"""Filter of the requirements of a framework, and the counts of its facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from portal.queries.frameworks.results import NumberResult
from portal.queries.parameters import CountedFilter, Parameters, text_of, values_of

FACETS: Final = ("result", "coverage", "section", "level", "assessment")


def _facts(row: NumberResult) -> Mapping[str, str]:
    number = row.covered.number
    return {
        "result": str(row.result),
        "coverage": str(row.covered.coverage),
        "section": number.section.key,
        "level": number.level,
        "assessment": number.assessment,
    }


@dataclass(frozen=True, slots=True)
class NumberFilter(CountedFilter):
    """Filter of requirements. Values of one facet are alternatives (OR); several facets must all match (AND).

    Each word of `search` must occur in a requirement's number, title, unchecked parts or controls (`_mentions`).
    """

    values: Mapping[str, Sequence[str]]
    search: str = ""

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter that the query parameters in `FACETS` and ``q`` state; other parameters are ignored."""
        values = {name: given for name in FACETS if (given := values_of(parameters, name))}
        return cls(values, text_of(parameters, "q"))

    def apply(self, rows: Sequence[NumberResult], *, without: str = "") -> list[NumberResult]:
        """Return the matching requirements. The filter on the facet that `without` names is ignored."""
        values = {name: given for name, given in self.values.items() if name != without}
        words = self.search.casefold().split()
        return [row for row in rows if _has(row, values) and _mentions(row, words)]

    def count(self, rows: Sequence[NumberResult], facet: str) -> Mapping[str, int]:
        """Return {value: number of matching requirements}, ignoring the filter on the facet itself."""
        counted = Counter(_facts(row)[facet] for row in self.apply(rows, without=facet))
        return {value: count for value, count in counted.items() if value}


def _has(row: NumberResult, values: Mapping[str, Sequence[str]]) -> bool:
    facts = _facts(row)
    return all(facts[name] in given for name, given in values.items())


def _mentions(row: NumberResult, words: Sequence[str]) -> bool:
    """Return whether each word occurs in the requirement's number, title or unchecked parts, or in slugs and titles of
    its controls.
    """
    covered = row.covered
    controls = [f"{answer.control.slug} {answer.control.title}" for answer in covered.answers]
    text = " ".join([covered.number.number, covered.number.title, *covered.missing, *controls]).casefold()
    return all(word in text for word in words)
