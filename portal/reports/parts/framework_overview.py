"""The conclusion of a framework report. It says how many requirements are checked, and shows their results by
section.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_noop, pgettext_lazy

from portal.queries.frameworks.coverage import Coverage
from portal.queries.frameworks.results import Result
from portal.reports.parts import framework
from portal.reports.parts.framework import NumberFact
from portal.reports.parts.part import Part, ReportFacts, no_facts

# Each column with the results that it counts. Each result is in one column, so the columns add up to all requirements.
_COLUMNS: Final[tuple[tuple[Any, tuple[Result, ...]], ...]] = (
    (pgettext_lazy("column", "Met"), (Result.MET, Result.ATTESTED)),
    (pgettext_lazy("column", "No failure, partly"), (Result.PARTLY,)),
    (pgettext_lazy("column", "Failed"), (Result.FAILED,)),
    (pgettext_lazy("column", "Excepted"), (Result.EXCEPTED,)),
    (pgettext_lazy("column", "Open"), (Result.UNKNOWN, Result.UNANSWERED, Result.NOT_ASSESSED)),
    (pgettext_lazy("column", "Not appl."), (Result.NOT_APPLICABLE,)),
    (pgettext_lazy("column", "Not covered"), (Result.NOT_COVERED,)),
)
_EXPLAINED: Final[Mapping[Coverage, str]] = {
    Coverage.JUDGED: gettext_noop("Controls check everything that the requirement asks for"),
    Coverage.PARTLY: gettext_noop(
        "Controls check a part of the requirement; the report names the other part"
    ),
    Coverage.ATTESTED: gettext_noop(
        "Only a person can say whether the requirement is met; the results state whether a person has answered"
    ),
    Coverage.NOT_COVERED: gettext_noop("No control checks the requirement; the report states the reason"),
}


# The figures on the cover, each with the results that it counts. The figures add up to all requirements.
_FIGURES: Final[Mapping[str, tuple[Result, ...]]] = {
    "met": (Result.MET, Result.ATTESTED),
    "partly": (Result.PARTLY,),
    "failed": (Result.FAILED,),
    "open": (Result.UNKNOWN, Result.UNANSWERED, Result.NOT_ASSESSED),
    "other": (Result.EXCEPTED, Result.NOT_APPLICABLE, Result.NOT_COVERED),
}


@dataclass(frozen=True, slots=True)
class SectionResults:
    """A section of the framework. `counts` has a number for each column, `total` is their sum."""

    name: str
    counts: tuple[int, ...]
    total: int


def cover_figures(results: Mapping[str, int]) -> Mapping[str, int]:
    """Return the figures on the cover of a framework report: {key of `_FIGURES`: number of requirements}."""
    return {key: sum(results.get(result, 0) for result in counted) for key, counted in _FIGURES.items()}


def _section(name: str, rows: list[NumberFact]) -> SectionResults:
    counted = Counter(row.result for row in rows)
    counts = tuple(sum(counted[result] for result in results) for _, results in _COLUMNS)
    return SectionResults(name, counts, len(rows))


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found = facts.of(framework.PART)
    sections: dict[str, list[NumberFact]] = {}
    for row in found.framework_numbers:
        sections.setdefault(row.section, []).append(row)
    coverage = Counter(row.coverage for row in found.framework_numbers)
    failed = sum(row.result == Result.FAILED for row in found.framework_numbers)
    covered = len(found.framework_numbers) - coverage[Coverage.NOT_COVERED]
    return {
        "numbers_total": len(found.framework_numbers),
        "numbers_covered": covered,
        "numbers_failed": failed,
        "coverage_rows": [(kind.label, coverage[kind], _EXPLAINED[kind]) for kind in Coverage],
        "result_columns": [name for name, _ in _COLUMNS],
        "result_rows": [_section(name, rows) for name, rows in sections.items()],
        "result_total": _section("All", list(found.framework_numbers)),
    }


PART = Part(
    "framework_overview",
    gettext_noop("Conclusion"),
    gather=no_facts,
    context=_context,
    is_numbered=False,
    kinds=("framework",),
    position=50,
)
