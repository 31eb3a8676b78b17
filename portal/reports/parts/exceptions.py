"""Exceptions: raw and adjusted score, and the register of exceptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from portal.reports.facts import ExceptionFact
from portal.reports.parts import results
from portal.reports.parts.part import Part, ReportFacts
from portal.reports.presentation import truncate
from portal.reports.source import ReportSource

MAX_EXCEPTIONS: Final = 80
# How findings in these states make the adjusted score differ from the raw score.
_DIFFERENCES: Final = (
    ("excepted", "excepted, left out"),
    ("attested", "attested as met, counted as passes"),
    ("not_met", "attested as not met, counted as failures"),
    ("lapsed", "with an expired attestation, counted as failures"),
    ("manual", "without a current answer, counted as failures"),
)


@dataclass(frozen=True, slots=True)
class ExceptionsFacts:
    """The register, ordered by number."""

    exceptions: tuple[ExceptionFact, ...]


def _gather(source: ReportSource) -> ExceptionsFacts:
    return ExceptionsFacts(source.treatment.exceptions)


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    states = facts.of(results.PART).states
    register = facts.of(PART).exceptions
    shown, more = truncate(register, MAX_EXCEPTIONS)
    return {
        "differences": [(states[state], label) for state, label in _DIFFERENCES if states.get(state)],
        "state_counts": Counter(fact.state.lower() for fact in register).most_common(),
        "register": shown,
        "register_more": more,
    }


PART = Part("exceptions", 70, "Exceptions", gather=_gather, context=_context)
