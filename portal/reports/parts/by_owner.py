"""The part “Results by owner”, which lists the failures that each owner has to fix, and the failures without an
owner.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_noop

from portal.reports.facts.presentation import SEVERITIES, truncate
from portal.reports.facts.shared import FindingFact
from portal.reports.parts import results
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.treatment.states import ShownState

MAX_OWNERS: Final = 100
_TO_FIX: Final = (ShownState.OPEN, ShownState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class OwnerResults:
    """The open and acknowledged failures of one owner. `owner` is empty for failures without an owner.

    `counts` is the number of failures by severity, most severe first. `longest` is the largest number of days for which
    one of the failures is overdue.
    """

    owner: str
    counts: tuple[int, ...]
    total: int
    acknowledged: int
    overdue: int
    longest: int


def owner_results(facts: ReportFacts) -> list[OwnerResults]:
    """Return one row per owner. Owners with more overdue findings come first, failures without an owner last."""
    by_owner: dict[str, list[FindingFact]] = defaultdict(list)
    for fact in facts.of(results.PART).of_outcome("fail"):
        if fact.shown in _TO_FIX:
            by_owner[fact.owner].append(fact)
    rows = [_row(owner, findings) for owner, findings in by_owner.items()]
    return sorted(rows, key=lambda row: (not row.owner, -row.overdue, -row.total, row.owner.casefold()))


def _row(owner: str, findings: Sequence[FindingFact]) -> OwnerResults:
    severities = Counter(fact.severity for fact in findings)
    return OwnerResults(
        owner=owner,
        counts=tuple(severities[name] for name in SEVERITIES),
        total=len(findings),
        acknowledged=sum(fact.shown == ShownState.ACKNOWLEDGED for fact in findings),
        overdue=sum(fact.overdue_days > 0 for fact in findings),
        longest=max(fact.overdue_days for fact in findings),
    )


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    rows, more = truncate(owner_results(facts), MAX_OWNERS)
    return {"owner_rows": rows, "owner_rows_more": more}


PART = Part(
    "by_owner",
    gettext_noop("Results by owner"),
    gather=no_facts,
    context=_context,
    kinds=("full", "period"),
    position=180,
)
