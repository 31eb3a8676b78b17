"""Results by subscription and directory: verdicts, open failures and the raw score of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from assessments.scoring import summarize
from portal.reports.facts import FindingFact
from portal.reports.parts import results, scope
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.reports.presentation import truncate
from portal.treatment.states import ShownState

MAX_UNITS: Final = 150


@dataclass(frozen=True, slots=True)
class UnitResults:
    """The verdicts in a subscription or directory. `urgent`: open critical and high failures. `score`: raw score as a
    percentage, None if no verdict counts. `reached`: whether it was read completely, partly or not at all, empty if it
    is no longer in the scope.
    """

    kind: str
    name: str
    reached: str
    counts: Mapping[str, int]
    urgent: int
    overdue: int
    score: float | None


def unit_results(facts: ReportFacts) -> list[UnitResults]:
    """Return a row for each subscription and directory, those with the most urgent failures first."""
    by_unit: dict[str, list[FindingFact]] = defaultdict(list)
    for fact in facts.of(results.PART).findings:
        by_unit[fact.unit].append(fact)
    rows = [
        _row(unit.kind, unit.name, unit.reached, by_unit.pop(unit.scope_id, []))
        for unit in facts.of(scope.PART).units
    ]
    for findings in by_unit.values():
        kind = "subscription" if findings[0].unit.startswith("/subscriptions/") else "directory"
        rows.append(_row(kind, findings[0].unit_name, "", findings))
    return sorted(rows, key=lambda row: (-row.urgent, -row.counts.get("fail", 0), row.name.casefold()))


def _row(kind: str, name: str, reached: str, findings: Sequence[FindingFact]) -> UnitResults:
    return UnitResults(
        kind=kind,
        name=name,
        reached=reached,
        counts=dict(Counter(fact.outcome for fact in findings)),
        urgent=sum(
            fact.shown == ShownState.OPEN and fact.severity in ("critical", "high") for fact in findings
        ),
        overdue=sum(fact.overdue_days > 0 for fact in findings),
        score=summarize(("", fact.severity, fact.outcome, 1) for fact in findings)["score"],
    )


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    rows, more = truncate(unit_results(facts), MAX_UNITS)
    return {"unit_rows": rows, "unit_rows_more": more}


PART = Part("by_subscription", "Results by subscription", gather=no_facts, context=_context)
