"""The score after treatment, beside the raw one. Pure; docs/scoring.md explains it with an example.

The raw score counts verdicts alone. The adjusted one counts what people decided about them: an excepted
failure is left out of both sides (it is neither a pass nor a fail), an attestation that a manual control is
met counts as a pass. A manual control that is attested as not met, whose attestation has expired, or that
nobody has answered counts as a fail: what nobody vouches for is not met. What is unknown is in neither score.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from assessments.scoring import summarize

# Section, severity, outcome, shown state (`portal.treatment.states.ShownState`), number of findings.
type Row = tuple[str, str, str, str, int]

# What a shown state counts as in the adjusted score; those that are not here count as their outcome.
COUNTS_AS: Final = {
    "excepted": "excepted",
    "attested": "pass",
    "not_met": "fail",
    "lapsed": "fail",
    "manual": "fail",
}


def summarize_treated(rows: Iterable[Row]) -> dict[str, Any]:
    """Raw and adjusted summary of the rows.

    → {"raw": summary, "adjusted": summary, "states": {shown state: n}} with summaries as
    `assessments.scoring.summarize` gives them. In the adjusted one `counts` has `excepted` as well, and
    `coverage` is the raw one's: what people decide makes no more and no less known. Raises KeyError on a
    severity that has no weight.
    """
    rows = list(rows)
    raw = summarize((section, severity, outcome, count) for section, severity, outcome, _, count in rows)
    adjusted = summarize(
        (section, severity, COUNTS_AS.get(shown, outcome), count)
        for section, severity, outcome, shown, count in rows
    )
    adjusted["coverage"] = raw["coverage"]
    for name, section in adjusted["sections"].items():
        section["coverage"] = raw["sections"][name]["coverage"]
    states: dict[str, int] = {}
    for *_, shown, count in rows:
        states[shown] = states.get(shown, 0) + count
    return {"raw": raw, "adjusted": adjusted, "states": dict(sorted(states.items()))}
