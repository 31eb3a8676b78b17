"""Compute the raw score, which is the weight of passes divided by the weight of passes and failures. Pure functions.

Each pass or failure counts with the weight of its severity. Results that are not applicable, manual or unknown do
not count. `coverage` is the share of applicable results that are not unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor
from typing import Any, Self

WEIGHTS: Mapping[str, int] = {"critical": 10, "high": 6, "medium": 3, "low": 1}


def summarize(rows: Iterable[tuple[str, str, str, int]]) -> dict[str, Any]:
    """Summarize (section, severity, outcome, count) rows.

    Return {"score": 0..100 | None, "coverage": 0..100 | None, "counts": {outcome: n}, "failing": {severity: n},
    "sections": {section: {"score", "coverage", "counts"}}}
    """
    sections: dict[str, _Tally] = {}
    for section, severity, outcome, count in rows:
        if (tally := sections.get(section)) is None:
            tally = sections[section] = _Tally()
        tally.add(severity, outcome, count)
    # If all rows are in one section, the tally of this section is already the total.
    only = next(iter(sections.values())) if len(sections) == 1 else None
    total = only or _Tally.sum(sections.values())
    summary = total.as_dict()
    summary["failing"] = dict(total.failing)
    summary["sections"] = {name: sections[name].as_dict() for name in sorted(sections)}
    return summary


def whole_percent(score: float) -> int:
    """Return a score in whole percent, with halves rounded up, but at most 99 for a score below 100."""
    return 100 if score >= 100 else min(99, floor(score + 0.5))


def score_percent(won: int, decided: int) -> float | None:
    """Return the weight of passes (`won`) divided by the weight of passes and failures (`decided`), in percent, to one
    decimal place. Return None if nothing passed or failed. The score is 100 only if nothing failed.
    """
    return coverage_percent(won, decided)


def coverage_percent(known: int, judged: int) -> float | None:
    """Return the share of known results in percent, to one decimal place. Return None if there are no results. The
    share is 100 only if all results are known.
    """
    if not judged:
        return None
    return 100.0 if known == judged else min(99.9, round(100 * known / judged, 1))


def coverage_label(coverage: float) -> str:
    """Return a coverage as pages and the terminal show it, for example 99.9 %."""
    return f"{coverage} %"


class _Tally:
    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.failing: dict[str, int] = {}
        self.won = 0
        self.decided = 0

    @classmethod
    def sum(cls, tallies: Iterable[_Tally]) -> Self:
        """Return one tally with the results of all the given tallies."""
        total = cls()
        for tally in tallies:
            total.won += tally.won
            total.decided += tally.decided
            for own, other in ((total.counts, tally.counts), (total.failing, tally.failing)):
                for key, count in other.items():
                    own[key] = own.get(key, 0) + count
        return total

    def add(self, severity: str, outcome: str, count: int) -> None:
        self.counts[outcome] = self.counts.get(outcome, 0) + count
        weight = WEIGHTS[severity] * count
        if outcome == "pass":
            self.decided += weight
            self.won += weight
        elif outcome == "fail":
            self.decided += weight
            self.failing[severity] = self.failing.get(severity, 0) + count

    def as_dict(self) -> dict[str, Any]:
        judged = sum(count for outcome, count in self.counts.items() if outcome != "not_applicable")
        known = self.counts.get("pass", 0) + self.counts.get("fail", 0) + self.counts.get("manual", 0)
        return {
            "score": score_percent(self.won, self.decided),
            "coverage": coverage_percent(known, judged),
            "counts": dict(sorted(self.counts.items())),
        }
