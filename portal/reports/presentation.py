"""Labels and formats that several parts of a report share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

# Outcomes, worst first: the order in bars and counts. A control with several findings has the worst of their
# outcomes.
OUTCOMES: Final = ("fail", "unknown", "manual", "pass", "not_applicable")
OUTCOME_LABELS: Final = {
    "fail": "Fail",
    "unknown": "Unknown",
    "manual": "Manual",
    "pass": "Pass",
    "not_applicable": "Not applicable",
    "not_evaluated": "Not evaluated",
    "gone": "Gone",
    "": "New",
}
SEVERITIES: Final = ("critical", "high", "medium", "low")


def outcome_counts(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return (outcome, label, number) of the outcomes that occur, worst first."""
    return [(key, OUTCOME_LABELS[key], counts[key]) for key in OUTCOMES if counts.get(key)]


def outcome_bar(counts: Mapping[str, int]) -> list[tuple[str, str, int, float]]:
    """Return (outcome, label, number, percent) of the outcomes that occur, worst first."""
    total = sum(counts.values())
    return [
        (key, label, number, round(100 * number / total, 2)) for key, label, number in outcome_counts(counts)
    ]


def truncate[T](rows: Sequence[T], maximum: int) -> tuple[Sequence[T], int]:
    """Return the first `maximum` rows and the number of rows that were cut off."""
    return rows[:maximum], max(0, len(rows) - maximum)
