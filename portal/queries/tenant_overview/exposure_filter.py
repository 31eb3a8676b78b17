"""Filter of the controls that failed in a period, and the counts of its facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from assessments.controls.registry import known_controls
from portal.queries.parameters import CountedFilter, Parameters, text_of, values_of
from portal.queries.tenant_overview.exposure import ControlExposure

FACETS: Final = ("severity", "section", "end")
# {value of the facet `end`: label}
ENDS: Final = {"failing": "Failing", "not_failing": "No longer failing"}


def _facts(row: ControlExposure) -> Mapping[str, str]:
    control = known_controls().get(row.control)
    return {
        "severity": row.severity,
        # A control that is no longer in the catalogue belongs to no section.
        "section": control.section if control else "",
        "end": "failing" if row.at_end else "not_failing",
    }


@dataclass(frozen=True, slots=True)
class ExposureFilter(CountedFilter):
    """Filter of controls. Values of one facet are alternatives (OR); several facets must all match (AND).

    Each word of `search` must occur in the control's problem or slug.
    """

    values: Mapping[str, Sequence[str]]
    search: str = ""

    @classmethod
    def parse(cls, parameters: Parameters) -> Self:
        """Return the filter that the query parameters in `FACETS` and ``q`` state; other parameters are ignored."""
        values = {name: given for name in FACETS if (given := values_of(parameters, name))}
        return cls(values, text_of(parameters, "q"))

    def apply(self, rows: Sequence[ControlExposure]) -> list[ControlExposure]:
        """Return the matching controls in the order of `rows`."""
        words = self._words()
        return [row for row in rows if not self._missed(_facts(row)) and _mentions(row, words)]

    def count(self, rows: Sequence[ControlExposure]) -> dict[str, Counter[str]]:
        """Return {facet: {value: number of matching controls}}. The numbers of a facet ignore its own filter."""
        counted: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        words = self._words()
        for row in rows:
            facts = _facts(row)
            missed = self._missed(facts)
            if len(missed) > 1 or not _mentions(row, words):
                continue
            for name in missed or FACETS:
                if facts[name]:
                    counted[name][facts[name]] += 1
        return counted

    def _words(self) -> list[str]:
        return self.search.casefold().split()

    def _missed(self, facts: Mapping[str, str]) -> list[str]:
        """Return the facets whose filter excludes a control with these values ({facet: value})."""
        return [name for name, given in self.values.items() if facts[name] not in given]


def _mentions(row: ControlExposure, words: Sequence[str]) -> bool:
    text = f"{row.title} {row.control}".casefold()
    return all(word in text for word in words)
