"""The declaration of a part of reports, and the facts of a report, which are grouped by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from portal.reports.branding.logos import Logo
from portal.reports.facts.source import ReportSource

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class NoFacts:
    """The facts of a part without facts of its own. Such a part only shows facts of other parts."""


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A line in the table of contents, below the line of its part. `anchor` is an element id in the part's template."""

    anchor: str
    title: str


def _no_context(facts: ReportFacts) -> Mapping[str, Any]:
    return {}


def _no_entries(facts: ReportFacts) -> Sequence[ContentsEntry]:
    return ()


@dataclass(frozen=True, slots=True)
class Part[F: DataclassInstance]:
    """A part of the report.

    - `key`: the anchor in the PDF, and the name in cross-references (`{{ numbers.scope }}`) and in
      `portal.reports.kinds`
    - `gather`: reads the facts, a dataclass whose fields become keys of `results.json`
    - `context`: returns the template's variables, from the facts of all parts
    - `entries`: returns the lines below the part in the table of contents
    """

    key: str
    title: str
    gather: Callable[[ReportSource], F]
    context: Callable[[ReportFacts], Mapping[str, Any]] = _no_context
    entries: Callable[[ReportFacts], Sequence[ContentsEntry]] = _no_entries
    is_numbered: bool = True

    @property
    def template(self) -> str:
        """The path of the part's template."""
        return f"reports/pdf/{self.key}.html"


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything that a report states: {key of a part: the facts of the part}, and the logo."""

    by_part: Mapping[str, DataclassInstance]
    logo: Logo | None = None

    def of[F: DataclassInstance](self, part: Part[F]) -> F:
        """Return the facts of a part."""
        return cast("F", self.by_part[part.key])

    def replace[F: DataclassInstance](self, part: Part[F], facts: F) -> ReportFacts:
        """Return a copy in which the part has these facts."""
        return ReportFacts({**self.by_part, part.key: facts}, self.logo)

    def values(self) -> dict[str, Any]:
        """Return {field: value} of the facts of all parts together, for templates."""
        return {
            field.name: getattr(facts, field.name)
            for facts in self.by_part.values()
            for field in fields(facts)
        }


def part_numbers(parts: Sequence[Part[Any]]) -> dict[str, int]:
    """Return {key of a part: number}. Only numbered parts are counted, in their order from 1."""
    numbered = (part for part in parts if part.is_numbered)
    return {part.key: number for number, part in enumerate(numbered, 1)}


def no_facts(source: ReportSource) -> NoFacts:
    """Return empty facts. Parts that only show facts of other parts use this function as `gather`."""
    return NoFacts()
