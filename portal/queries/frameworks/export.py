"""Requirements of a framework as rows of a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from assessments.frameworks.framework import Framework
from portal.queries.frameworks.results import STATES, NumberResult

_HEADER: Final = (
    "Framework",
    "Number",
    "Title",
    "Section",
    "Level",
    "Assessment",
    "Coverage",
    "Missing",
    "Controls",
)
_COUNTS: Final = {
    "failing": "Failing findings",
    "unknown": "Unknown findings",
    "unanswered": "Findings without an answer",
    "excepted": "Excepted findings",
    "passing": "Passing findings",
    "attested": "Attested findings",
    "not_applicable": "Findings that do not apply",
}


def framework_rows(
    framework: Framework, rows: Iterable[NumberResult], *, with_results: bool
) -> Iterator[tuple[object, ...]]:
    """Yield the header, then one row per requirement; `with_results` adds the result and the counts of findings."""
    yield (*_HEADER, *(("Result", *(_COUNTS[kind] for kind in STATES)) if with_results else ()))
    for row in rows:
        yield (*_facts(framework, row), *(_counts(row) if with_results else ()))


def _facts(framework: Framework, row: NumberResult) -> tuple[object, ...]:
    number = row.covered.number
    controls = (f"{answer.control.slug} ({answer.reference.degree})" for answer in row.covered.answers)
    return (
        framework.name,
        number.number,
        number.title,
        number.section.title,
        number.level,
        number.assessment,
        row.covered.coverage.label,
        "; ".join(row.covered.missing),
        ", ".join(controls),
    )


def _counts(row: NumberResult) -> tuple[object, ...]:
    return (row.result.label, *(row.counts.get(kind, 0) for kind in STATES))
