"""The declaration of a part of reports, and the facts of a report, which are grouped by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, cast

from portal.reports.branding.logos import Logo
from portal.reports.facts.presentation import SEVERITIES
from portal.reports.facts.source import ReportSource

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# The pattern of a SHA-256 or an empty text.
HASH: Final = "^([0-9a-f]{64})?$"
# Keywords for the schema of a field with {severity: number}, and of a field with a day as text.
BY_SEVERITY: Final[Mapping[str, object]] = {"propertyNames": {"enum": list(SEVERITIES)}}
DAY: Final[Mapping[str, str]] = {"format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def in_schema(description: str = "", **keywords: object) -> Mapping[str, Mapping[str, object]]:
    """Return the metadata of a field of facts: what the JSON Schema of `results.json` says in addition to the type.

    `description` has no full stop at its end. `keywords` are keywords of JSON Schema, such as `minimum=0` or `**DAY`:

        day: str = field(metadata=in_schema("The first UTC day", **DAY))
    """
    return {"schema": {**keywords, **({"description": description} if description else {})}}


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

    - `key`: the anchor in the PDF, and the name in cross-references (`{{ numbers.scope }}`)
    - `kinds`: the keys of the kinds of reports (`portal.reports.kinds`) that print the part
    - `position`: the place among the parts of a report. The part with the lowest number comes first, and no two parts
      have the same number
    - `gather`: reads the facts, a dataclass whose fields become keys of `results.json`
    - `context`: returns the template's variables, from the facts of all parts
    - `entries`: returns the lines below the part in the table of contents
    """

    key: str
    title: str
    gather: Callable[[ReportSource], F]
    kinds: tuple[str, ...] = field(kw_only=True)
    position: int = field(kw_only=True)
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
