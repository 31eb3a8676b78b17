"""The part “Results by subscription”, with the verdicts, open failures and raw score of each subscription and
directory.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_noop

from assessments.scoring import summarize
from portal.reports.facts.finding_store import columns_of
from portal.reports.facts.presentation import truncate
from portal.reports.parts import results, scope
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.treatment.scores import is_known
from portal.treatment.states import ShownState

MAX_UNITS: Final = 150


@dataclass(frozen=True, slots=True)
class UnitResults:
    """The verdicts in a subscription or directory.

    `urgent` is the number of open critical and high failures. `score` is the raw score as a percentage, or None if no
    verdict counts towards the score. `reached` says how far the subscription or directory was read: "completely",
    "partly" or "not at all". It is empty for a subscription or directory that is not in the report's scope. `is_known`
    is False if no automatic check has a result because nothing could be read. The number of failures is then not known,
    and is not shown as 0, because 0 would look like a pass.
    """

    kind: str
    name: str
    reached: str
    counts: Mapping[str, int]
    urgent: int
    overdue: int
    score: float | None
    is_known: bool


def unit_results(facts: ReportFacts) -> list[UnitResults]:
    """Return a row for each subscription and directory. Rows with more urgent failures come first."""
    verdicts = Counter(
        values
        for control in facts.of(results.PART).controls
        for values in columns_of(
            control.findings, "unit", "unit_name", "severity", "outcome", "shown", "overdue_days"
        )
    )
    by_unit: dict[str, _Counts] = defaultdict(_Counts)
    for (unit, unit_name, severity, outcome, shown, overdue_days), number in verdicts.items():
        counts = by_unit[unit]
        counts.unit_name = unit_name
        counts.verdicts[severity, outcome] += number
        if shown == ShownState.OPEN and severity in ("critical", "high"):
            counts.urgent += number
        if overdue_days > 0:
            counts.overdue += number
    rows = [
        _row(unit.kind, unit.name, unit.reached, by_unit.pop(unit.scope_id, _Counts()))
        for unit in facts.of(scope.PART).units
    ]
    for scope_id, counts in by_unit.items():
        kind = "subscription" if scope_id.startswith("/subscriptions/") else "directory"
        rows.append(_row(kind, counts.unit_name, "", counts))
    return sorted(rows, key=lambda row: (-row.urgent, -row.counts.get("fail", 0), row.name.casefold()))


class _Counts:
    """Numbers of findings in a subscription or directory."""

    def __init__(self) -> None:
        self.unit_name = ""
        self.verdicts: Counter[tuple[str, str]] = Counter()  # numbers by severity and outcome
        self.urgent = self.overdue = 0


def _row(kind: str, name: str, reached: str, counts: _Counts) -> UnitResults:
    outcomes: Counter[str] = Counter()
    for (_, outcome), number in counts.verdicts.items():
        outcomes[outcome] += number
    score = summarize(
        ("", severity, outcome, number) for (severity, outcome), number in counts.verdicts.items()
    )["score"]
    return UnitResults(
        kind=kind,
        name=name,
        reached=reached,
        counts=dict(outcomes),
        urgent=counts.urgent,
        overdue=counts.overdue,
        score=score,
        is_known=is_known({"score": score, "counts": outcomes}) and bool(outcomes or reached != "not at all"),
    )


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    rows, more = truncate(unit_results(facts), MAX_UNITS)
    return {"unit_rows": rows, "unit_rows_more": more}


PART = Part(
    "by_subscription",
    gettext_noop("Results by subscription"),
    gather=no_facts,
    context=_context,
    kinds=("full", "period"),
    position=170,
)
