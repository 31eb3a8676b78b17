"""Labels and formats that several parts of a report share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext_noop

from assessments.models import Finding

# Outcomes, worst first: the order in bars and counts. A control with several findings has the worst of their
# outcomes.
OUTCOMES: Final = ("fail", "unknown", "manual", "pass", "not_applicable")
OUTCOME_LABELS: Final = {
    "fail": gettext_noop("Fail"),
    "unknown": gettext_noop("Unknown"),
    "manual": gettext_noop("Manual"),
    "pass": gettext_noop("Pass"),
    "not_applicable": gettext_noop("Not applicable"),
    "not_evaluated": gettext_noop("Not evaluated"),
    "gone": gettext_noop("Gone"),
    "": gettext_noop("New"),
}
SEVERITIES: Final = tuple(Finding.Severity.values)
# The template `_severity.html` prints these labels. This list makes sure that they are translated.
SEVERITY_LABELS: Final = (
    gettext_noop("Critical"),
    gettext_noop("High"),
    gettext_noop("Medium"),
    gettext_noop("Low"),
)


def outcome_counts(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Return (outcome, label, number) of the outcomes that occur, worst first. Templates translate the label."""
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
