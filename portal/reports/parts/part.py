"""The declaration of a report part, and the facts of a report by part."""

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
    """The empty facts of a part that only shows facts of other parts."""


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A line of the table of contents, below the line of its part. `anchor` is an element id in the part's template."""

    anchor: str
    title: str


def _no_context(facts: ReportFacts) -> Mapping[str, Any]:
    return {}


def _no_entries(facts: ReportFacts) -> Sequence[ContentsEntry]:
    return ()


@dataclass(frozen=True, slots=True)
class Part[F: DataclassInstance]:
    """A part of the report.

    `key` is the part's anchor in the PDF, its name in cross-references (`{{ numbers.scope }}`) and in the kinds of
    reports (`portal.reports.kinds`), which order the parts. `gather` reads
    the part's facts, a dataclass whose fields become keys of `results.json`. `context` returns the template's
    variables and may use the facts of every part.
    """

    key: str
    title: str
    gather: Callable[[ReportSource], F]
    context: Callable[[ReportFacts], Mapping[str, Any]] = _no_context
    entries: Callable[[ReportFacts], Sequence[ContentsEntry]] = _no_entries
    is_numbered: bool = True

    @property
    def template(self) -> str:
        """The template of the part."""
        return f"reports/pdf/{self.key}.html"


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """Everything that a report states: {key of the part: its facts}. The logo is not a text, so it is a field of its
    own.
    """

    by_part: Mapping[str, DataclassInstance]
    logo: Logo | None = None

    def of[F: DataclassInstance](self, part: Part[F]) -> F:
        """Return the facts of the part."""
        return cast("F", self.by_part[part.key])

    def replace[F: DataclassInstance](self, part: Part[F], facts: F) -> ReportFacts:
        """Return a copy with other facts for the part."""
        return ReportFacts({**self.by_part, part.key: facts}, self.logo)

    def values(self) -> dict[str, Any]:
        """Return {field: value} of all parts, for templates."""
        return {
            field.name: getattr(facts, field.name)
            for facts in self.by_part.values()
            for field in fields(facts)
        }


def part_numbers(parts: Sequence[Part[Any]]) -> dict[str, int]:
    """Return {key: number}, counting the numbered parts in their order from 1."""
    numbered = (part for part in parts if part.is_numbered)
    return {part.key: number for number, part in enumerate(numbered, 1)}


def no_facts(source: ReportSource) -> NoFacts:
    """Return no facts, for a part that only shows facts of other parts."""
    return NoFacts()
