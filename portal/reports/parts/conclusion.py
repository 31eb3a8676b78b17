"""Conclusion: the state of the customer in one headline, a few sentences, and the key figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.template.defaultfilters import floatformat, pluralize

from portal.reports.parts import results, scope, trend
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.reports.presentation import SEVERITIES, outcome_bar
from portal.treatment.states import ShownState


def open_by_severity(facts: ReportFacts) -> Counter[str]:
    """Return {severity: number of failing verdicts that are neither acknowledged nor excepted}."""
    found = facts.of(results.PART).of_outcome("fail")
    return Counter(finding.severity for finding in found if finding.shown == ShownState.OPEN)


def severity_list(counts: Mapping[str, int]) -> str:
    """Return "2 critical, 5 high and 1 low", most severe first."""
    parts = [f"{counts[name]} {name}" for name in SEVERITIES if counts.get(name)]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))) if parts else "none"


def headline(facts: ReportFacts) -> str:
    """Return the most serious conclusion as one sentence."""
    verdicts, counts = facts.of(results.PART), open_by_severity(facts)
    if facts.of(scope.PART).nothing_read:
        return "No result: nothing could be read"
    for severity in SEVERITIES:
        if number := counts[severity]:
            return f"{number} {severity} failure{pluralize(number)} {pluralize(number, 'is,are')} open"
    if number := verdicts.counts.get("unknown", 0):
        return f"No failure is open, but {number} verdict{pluralize(number)} {pluralize(number, 'is,are')} unknown"
    return "No failure is open"


def _sentences(facts: ReportFacts) -> Iterator[str]:
    verdicts, counts = facts.of(results.PART), open_by_severity(facts)
    statuses = verdicts.statuses
    failing, decided = statuses["fail"], statuses["fail"] + statuses["pass"]
    yield (
        f"{failing} of {decided} control{pluralize(decided)} with a verdict {pluralize(failing, 'has,have')} at least "
        f"one failure. Open failures: {severity_list(counts)}."
    )
    if verdicts.adjusted is not None:
        yield f"The adjusted score is {floatformat(verdicts.adjusted, 1)} %{_compared(facts)}."
    late = len(verdicts.overdue)
    yield (
        f"{late or 'No'} finding{pluralize(late)} {pluralize(late, 'is,are')} past {pluralize(late, 'its,their')} "
        "due date."
    )
    unknown = verdicts.counts.get("unknown", 0)
    if unknown or verdicts.unanswered:
        yield (
            f"{unknown or 'No'} verdict{pluralize(unknown)} {pluralize(unknown, 'is,are')} unknown, and "
            f"{verdicts.unanswered or 'no'} manual verdict{pluralize(verdicts.unanswered)} "
            f"{pluralize(verdicts.unanswered, 'has,have')} no current answer. Neither counts as a pass."
        )


def _compared(facts: ReportFacts) -> str:
    """Return how the adjusted score differs from the score about 30 days before, if that score was recorded."""
    before = trend.score_before(facts)
    now = facts.of(results.PART).adjusted
    if before is None or before.adjusted is None or now is None:
        return ""
    difference = round(now, 1) - round(before.adjusted, 1)
    if abs(difference) < 0.05:
        return f", the same as on {trend.day_label(before.day)}"
    return (
        f", {abs(difference):.1f} points {'higher' if difference > 0 else 'lower'} than on "
        f"{trend.day_label(before.day)} ({floatformat(before.adjusted, 1)} %)"
    )


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    verdicts = facts.of(results.PART)
    units = facts.of(scope.PART).units
    return {
        "headline": headline(facts),
        "sentences": list(_sentences(facts)),
        "bar": outcome_bar(verdicts.counts),
        "incomplete": sum(unit.reached != "completely" for unit in units),
        "overdue_total": len(verdicts.overdue),
    }


PART = Part("conclusion", "Conclusion", gather=no_facts, context=_context, is_numbered=False)
