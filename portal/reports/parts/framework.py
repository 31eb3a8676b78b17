"""The part “Framework”, which lists every requirement of the report's framework, with its result or the reason why it
has no result.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop

from assessments.frameworks.framework import framework
from assessments.presentation.not_judged import recorded_overrides
from portal.queries.frameworks.coverage import Coverage
from portal.queries.frameworks.results import (
    COUNT_LABELS,
    NumberResult,
    Result,
    count_by_result,
    number_results,
)
from portal.reports.facts.finding_store import FindingCount
from portal.reports.facts.source import ReportSource
from portal.reports.parts.part import Part, ReportFacts, in_schema

# {result of a requirement: the outcome whose symbol the report shows beside it}.
_MARKS: Final[Mapping[str, str]] = {
    Result.FAILED: "fail",
    Result.UNKNOWN: "unknown",
    Result.UNANSWERED: "manual",
    Result.EXCEPTED: "excepted",
    Result.PARTLY: "partly",
    Result.ATTESTED: "pass",
    Result.MET: "pass",
    Result.NOT_APPLICABLE: "not_applicable",
    Result.NOT_ASSESSED: "not_evaluated",
    Result.NOT_COVERED: "not_evaluated",
}


@dataclass(frozen=True, slots=True)
class FrameworkFact:
    """The framework version of the report.

    `published` is the number of requirements that the publisher of the framework lists.
    """

    key: str
    name: str
    title: str
    source: str
    published: int


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """A control that checks a requirement, completely or partly."""

    control: str
    degree: str
    missing: tuple[str, ...] = field(metadata=in_schema("What the control does not check"))


@dataclass(frozen=True, slots=True)
class NumberFact:
    """A requirement of the framework with its result.

    `answers` are the controls that check the requirement. `missing` says what these controls do not check, or why no
    control checks the requirement. `coverage` is a key of `Coverage`, and `result` a key of `Result`. `counts` is
    {key of `portal.queries.frameworks.results.STATES`: number of findings}.
    """

    number: str
    title: str
    section: str
    level: str
    assessment: str
    coverage: str = field(metadata=in_schema(enum=list(Coverage.values)))
    result: str = field(metadata=in_schema(enum=list(Result.values)))
    missing: tuple[str, ...] = field(
        metadata=in_schema(
            "The parts of the requirement that no control checks. If no control checks any part: the reasons for this"
        )
    )
    answers: tuple[AnswerFact, ...]
    counts: Mapping[str, int] = field(
        metadata=in_schema("Number of findings by kind: failing, unknown, passing and so on")
    )


@dataclass(frozen=True, slots=True)
class FrameworkFacts:
    """The facts of the part: every requirement of the framework, and {result: number of requirements}."""

    framework: FrameworkFact
    framework_numbers: tuple[NumberFact, ...]
    framework_results: Mapping[str, int] = field(
        metadata=in_schema("Number of requirements by result", propertyNames={"enum": list(Result.values)})
    )


@dataclass(frozen=True, slots=True)
class _Line:
    fact: NumberFact
    is_beyond: bool
    mark: str
    word: str
    controls: str
    counts: str
    missing: tuple[tuple[str, str], ...]


def _gather(source: ReportSource) -> FrameworkFacts:
    found = framework(source.report.framework)
    results = number_results(found, _states(source.treatment.counts), recorded_overrides(source.assessment))
    return FrameworkFacts(
        framework=FrameworkFact(found.key, found.name, found.title, found.source, found.published),
        framework_numbers=tuple(map(_number_fact, results)),
        framework_results=count_by_result(results),
    )


def _states(counts: Mapping[FindingCount, int]) -> Mapping[str, Mapping[str, int]]:
    """Return {control: {state after treatment: number of findings}}."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for key, number in counts.items():
        counted[key.control][key.shown] += number
    return counted


def _number_fact(row: NumberResult) -> NumberFact:
    number = row.covered.number
    return NumberFact(
        number=number.number,
        title=number.title,
        section=f"{number.section.key} {number.section.title}",
        level=number.level,
        assessment=number.assessment,
        coverage=str(row.covered.coverage),
        result=str(row.result),
        missing=row.covered.missing,
        answers=tuple(
            AnswerFact(answer.control.slug, str(answer.reference.degree), answer.reference.missing)
            for answer in row.covered.answers
        ),
        counts=dict(row.counts),
    )


def framework_table(facts: ReportFacts) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Return the header and the rows of `framework.csv`: one row per requirement."""
    header = (
        "framework", "number", "title", "section", "level", "assessment", "coverage", "result", "missing", "controls",
        *COUNT_LABELS,
    )  # fmt: skip
    found = facts.of(PART)
    rows = [
        (
            found.framework.name, row.number, row.title, row.section, row.level, row.assessment,
            Coverage(row.coverage).label, Result(row.result).label, "; ".join(row.missing),
            ", ".join(f"{answer.control} ({answer.degree})" for answer in row.answers),
            *(row.counts.get(kind, 0) for kind in COUNT_LABELS),
        )
        for row in found.framework_numbers
    ]  # fmt: skip
    return header, rows


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found = facts.of(PART)
    level = framework(found.framework.key).published_level
    sections: dict[str, list[_Line]] = {}
    for row in found.framework_numbers:
        sections.setdefault(row.section, []).append(_line(row, level))
    return {
        "framework_sections": list(sections.items()),
        "framework_totals": [
            (_MARKS[key], Result(key).label, count) for key, count in found.framework_results.items()
        ],
    }


def _line(row: NumberFact, published_level: str) -> _Line:
    controls = ", ".join(
        f"{a.control}{' (' + gettext('partly') + ')' if a.missing else ''}" for a in row.answers
    )
    counts = ", ".join(
        f"{row.counts[kind]} {gettext(label)}" for kind, label in COUNT_LABELS.items() if kind in row.counts
    )
    is_beyond = bool(published_level) and row.level != published_level
    label = Result(row.result).label
    return _Line(row, is_beyond, _MARKS[row.result], label, controls, counts, missing_by_control(row))


def number_beyond(facts: ReportFacts) -> int:
    """Return how many requirements the report lists in addition to those that the publisher lists, for example in a
    baseline of NIST. The report lists the additional requirements because controls check them.
    """
    found = facts.of(PART)
    return len(found.framework_numbers) - found.framework.published


def missing_by_control(row: NumberFact) -> tuple[tuple[str, str], ...]:
    """Return (controls, sentence) for everything that the controls of a requirement do not check.

    `controls` is empty if the sentence applies to all controls that check the requirement partly.
    """
    partly = [answer for answer in row.answers if answer.missing]
    found = []
    for sentence in row.missing:
        controls = [answer.control for answer in partly if sentence in answer.missing]
        found.append((", ".join(controls) if len(controls) < len(partly) else "", sentence))
    return tuple(found)


PART = Part(
    "framework",
    gettext_noop("Framework"),
    gather=_gather,
    context=_context,
    kinds=("full", "period", "framework"),
    position=190,
)
