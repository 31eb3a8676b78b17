"""The coverage ledger of a unit: expected and complete reads, results, and reasons for unknown results. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from assessments.controls.declare import Control
from assessments.controls.verdict import Outcome
from assessments.estate.estate import Estate
from assessments.evaluate import Result


def collections_ledger(estate: Estate, controls: Iterable[Control]) -> dict[str, dict[str, Any]]:
    """Return {collection: {title, permission, expected, reached, documents, gaps: {reason: n}}}.

    `expected` counts the scopes to read, `reached` those that were read completely.
    """
    needed = {one.name: one for control in controls for one in (*control.needs, *control.optional)}
    ledger: dict[str, dict[str, Any]] = {}
    for name in sorted(needed):
        answers = estate.answers(name)
        gaps = Counter(str(answer.gap.reason) for answer in answers if answer.gap)
        ledger[name] = {
            "title": needed[name].title,
            "permission": needed[name].permission,
            "expected": len(answers),
            "reached": sum(1 for answer in answers if answer.gap is None),
            "documents": sum(len(answer.documents) for answer in answers),
            "gaps": dict(sorted(gaps.items())),
        }
    return ledger


class ControlsLedger:
    """Counts results by control: {control: {subjects, outcomes: {outcome: n}, unknown: {reason: n}}}."""

    def __init__(self, controls: Iterable[Control]) -> None:
        self.outcomes: Counter[str] = Counter()
        self._rows: dict[str, dict[str, Any]] = {
            control.slug: {"subjects": 0, "outcomes": {}, "unknown": {}} for control in controls
        }

    def note(self, result: Result) -> None:
        """Count one result."""
        row = self._rows[result.control.slug]
        outcome = str(result.verdict.outcome)
        self.outcomes[outcome] += 1
        row["subjects"] += 1
        row["outcomes"][outcome] = row["outcomes"].get(outcome, 0) + 1
        if result.verdict.outcome is Outcome.UNKNOWN:
            reason = str(result.verdict.unknown_because)
            row["unknown"][reason] = row["unknown"].get(reason, 0) + 1

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return the ledger, with a row for each control that applies to the unit."""
        return self._rows
