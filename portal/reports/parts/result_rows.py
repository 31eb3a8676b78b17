"""The tables of the part “Results”, with a limited number of rows for each control."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext, gettext_noop

from assessments.controls.registry import known_controls
from assessments.display.text import Text
from assessments.estate.quantities import parameter_text
from assessments.fixes.combine import MAX_FINDINGS, CombinedFix, combine
from assessments.fixes.facts import Facts
from portal.reports.facts.finding_store import columns_of
from portal.reports.facts.presentation import (
    OUTCOME_LABELS,
    SEVERITIES,
    outcome_bar,
    outcome_counts,
    truncate,
)
from portal.reports.facts.sections import ControlFact, SectionFact
from portal.reports.facts.shared import FindingFact
from portal.reports.wording.languages import in_language, localized, value_in_language
from portal.treatment.naming import control_problem

# {outcome: maximum number of rows in a control's table}. results.csv has all rows.
MAX_ROWS: Final = {"fail": 12, "unknown": 5, "manual": 3}
# In a large report, most controls fail, and each row costs memory and time. So several failures are shown only for
# controls of the two highest severities, and one failure for each other control.
MAX_ROWS_IF_LARGE: Final = {"fail": 1, "unknown": 1, "manual": 1}
MAX_ROWS_IF_LARGE_AND_SEVERE: Final = {"fail": 3, "unknown": 1, "manual": 1}
SEVERE: Final = ("critical", "high")
MAX_REASONS: Final = 4
MAX_OBSERVED_CHARACTERS: Final = 220
_ANSWER_LABELS: Final = {
    "attested": gettext_noop("Attested as met"),
    "not_met": gettext_noop("Attested as not met"),
    "lapsed": gettext_noop("Attestation expired"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a control's table, for one verdict. `treatment` has the lines that `treatment_lines` returns."""

    fact: FindingFact
    outcome: str
    subject: str
    place: str
    observed: str
    evidence: str
    treatment: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control with the rows that the PDF shows.

    - `problem`: the name of the control in lists of failures, which says what is wrong
    - `hidden`: (number of rows not shown, label of their outcome)
    - `reasons`: (why verdicts are unknown or manual, what would make them known, number of verdicts), most frequent
      first
    - `counts`: (outcome, label, number of verdicts)
    - `severities`: (severity, number of failures), most severe first; the context of a resource can change the severity
      of a failure
    - `fix`: the commands that fix the failures, None if there are no failures
    """

    fact: ControlFact
    problem: str
    rows: list[Row]
    hidden: list[tuple[int, str]]
    reasons: Sequence[tuple[str, str, int]]
    reasons_more: int
    counts: list[tuple[str, str, int]]
    severities: list[tuple[str, int]]
    references: str
    parameters: str
    fix: CombinedFix | None


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its controls, grouped by status: `failing`, `undecided` (unknown or manual) and `other`."""

    fact: SectionFact
    failing: list[ControlView]
    undecided: list[ControlView]
    other: list[ControlView]
    bar: list[tuple[str, str, int, float]]


def section_view(section: SectionFact, *, is_large: bool = False) -> SectionView:
    """Return a section for its template. In a large report, each control has fewer rows."""
    views = [_control_view(control, _maximums(control, is_large)) for control in section.controls]
    return SectionView(
        fact=section,
        failing=[view for view in views if view.fact.status == "fail"],
        undecided=[view for view in views if view.fact.status in ("unknown", "manual")],
        other=[view for view in views if view.fact.status not in ("fail", "unknown", "manual")],
        bar=outcome_bar(section.counts),
    )


def _maximums(control: ControlFact, is_large: bool) -> Mapping[str, int]:
    """Return {outcome: maximum number of rows with this outcome in the control's table}."""
    if not is_large:
        return MAX_ROWS
    return MAX_ROWS_IF_LARGE_AND_SEVERE if control.severity in SEVERE else MAX_ROWS_IF_LARGE


def _control_view(control: ControlFact, maximums: Mapping[str, int]) -> ControlView:
    rows: list[Row] = []
    hidden = []
    for outcome, maximum in maximums.items():
        shown, more = truncate(control.of_outcome(outcome), maximum)
        rows.extend(_row(fact) for fact in shown)
        if more:
            hidden.append((more, OUTCOME_LABELS[outcome]))
    reasons = Counter((fact.reason, fact.known_with) for fact in control.of_outcome("unknown", "manual"))
    reasons_shown, reasons_more = truncate(reasons.most_common(), MAX_REASONS)
    return ControlView(
        fact=control,
        problem=control_problem(control.slug) if control.slug in known_controls() else control.title,
        rows=rows,
        hidden=hidden,
        reasons=[(*texts, verdicts) for texts, verdicts in reasons_shown],
        reasons_more=reasons_more,
        counts=outcome_counts(control.counts),
        severities=_severities(control),
        references="; ".join(
            f"{name} {', '.join(_with_degree(control, name, number) for number in numbers)}"
            for name, numbers in control.references.items()
        ),
        parameters=_parameters(control),
        fix=_fix(control, maximums["fail"]),
    )


def _severities(control: ControlFact) -> list[tuple[str, int]]:
    failures = columns_of(control.of_outcome("fail"), "severity", "outcome")
    counts = Counter(severity for severity, _ in failures)
    return [(severity, counts[severity]) for severity in SEVERITIES if counts[severity]]


def _fix(control: ControlFact, max_rows: int) -> CombinedFix | None:
    """Return the commands that fix the failures in the table's rows, None if there are no failures."""
    declared = known_controls().get(control.slug)
    failures = [
        Facts(fact.subject, fact.observed, fact.directory, fact.cloud, fact.subscription, fact.remarks)
        for fact in control.of_outcome("fail")
    ]
    if declared is None or not failures:
        return None
    return combine(declared.fix, failures, min(MAX_FINDINGS, max_rows))


def _with_degree(control: ControlFact, name: str, number: str) -> str:
    return f"{number} ({gettext('partly')})" if number in control.references_partly.get(name, {}) else number


def _parameters(control: ControlFact) -> str:
    declared = known_controls().get(control.slug)
    labels = {parameter.name: parameter.help for parameter in declared.parameters} if declared else {}
    return "; ".join(
        f"{in_language(labels.get(name, name))}: {value_in_language(parameter_text(value))}"
        for name, value in control.parameters.items()
    )


def _row(fact: FindingFact) -> Row:
    observed = fact.observed_text
    if isinstance(observed, Text):
        observed = localized(observed)
    if len(observed) > MAX_OBSERVED_CHARACTERS:
        text = observed if isinstance(observed, Text) else Text(observed)
        observed = Text(text.shortened(MAX_OBSERVED_CHARACTERS), f" ({gettext('in full in results.csv')})")
    is_unit = fact.subject == fact.unit
    is_subscription = fact.unit.startswith("/subscriptions/")
    whole = gettext("Entire subscription") if is_subscription else gettext("Entire directory")
    return Row(
        fact,
        outcome=OUTCOME_LABELS[fact.outcome],
        subject=fact.unit_name if is_unit else fact.subject_name,
        place=whole if is_unit else ", ".join(filter(None, (fact.resource_group, fact.unit_name))),
        observed=observed,
        evidence=" ".join(sha[:12] for sha in fact.evidence[:2]),
        treatment=treatment_lines(fact),
    )


def treatment_lines(fact: FindingFact) -> tuple[str, ...]:
    """Return the treatment of a verdict as lines of text: exception, answer, acknowledgement, owner."""
    lines = []
    if fact.exception is not None:
        lines.append(gettext("Excepted: exception %(number)s") % {"number": fact.exception})
    elif fact.shown in _ANSWER_LABELS:
        lines.append(gettext(_ANSWER_LABELS[fact.shown]))
    if fact.acknowledged:
        lines.append(gettext("Acknowledged by %(person)s") % {"person": fact.acknowledged})
    if fact.owner:
        lines.append(gettext("Owner: %(owner)s") % {"owner": fact.owner})
    return tuple(lines)
