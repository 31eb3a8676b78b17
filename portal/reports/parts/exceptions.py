"""The part “Exceptions”, which shows the raw and the adjusted score, and the register of exceptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext_noop

from portal.reports.facts.presentation import truncate
from portal.reports.facts.shared import ExceptionFact
from portal.reports.facts.source import ReportSource
from portal.reports.parts import identity, results
from portal.reports.parts.part import Part, ReportFacts
from portal.treatment.models import FindingException

IN_FORCE: Final = frozenset(str(FindingException.State(state).label) for state in FindingException.IN_FORCE)
MAX_EXCEPTIONS: Final = 80
# Maximum number of rows if the report is an exceptions register, which is a kind of report of its own.
MAX_IN_REGISTER: Final = 1000
# Pairs of a state after treatment and a text. The text says how the adjusted score counts findings in this state. The
# raw score counts these findings in another way.
_DIFFERENCES: Final = (
    ("excepted", gettext_noop("excepted, left out")),
    ("attested", gettext_noop("attested as met, counted as passes")),
    ("not_met", gettext_noop("attested as not met, counted as failures")),
    ("lapsed", gettext_noop("with an expired attestation, counted as failures")),
    ("manual", gettext_noop("without a valid answer, counted as failures")),
)


@dataclass(frozen=True, slots=True)
class ExceptionsFacts:
    """The facts of the part: all exceptions, ordered by number."""

    exceptions: tuple[ExceptionFact, ...]


def _gather(source: ReportSource) -> ExceptionsFacts:
    return ExceptionsFacts(source.treatment.exceptions)


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    states = facts.of(results.PART).states
    register = facts.of(PART).exceptions
    is_register = facts.of(identity.PART).identity.kind == "exceptions"
    shown, more = truncate(register, MAX_IN_REGISTER if is_register else MAX_EXCEPTIONS)
    return {
        "differences": [(states[state], label) for state, label in _DIFFERENCES if states.get(state)],
        "state_counts": Counter(fact.state for fact in register).most_common(),
        "register": [(row, _not_failing(row)) for row in shown],
        "register_more": more,
    }


def _not_failing(row: ExceptionFact) -> int:
    """Return how many findings in the scope of an exception do not fail, or 0 if the exception is not in force."""
    return row.findings - row.covers - row.changed if row.state in IN_FORCE else 0


def exceptions_table(facts: ReportFacts) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """Return the header and the rows of `exceptions.csv`: one row per exception."""
    header = (
        "number", "state", "scope", "about", "reason", "compensating_control", "requested_by", "requested_at",
        "decided_by", "decided_at", "decision_note", "starts_at", "ends_at", "ended_by", "ended_at", "end_note",
        "findings", "maximum", "covers", "changed", "files_sha256",
    )  # fmt: skip
    rows = [
        (
            row.number, row.state, row.scope, row.about, row.reason, row.compensating_control, row.requested_by,
            _time(row.requested_at), row.decided_by, _time(row.decided_at), row.decision_note, _time(row.starts_at),
            _time(row.ends_at), row.ended_by, _time(row.ended_at), row.end_note, row.findings, row.maximum, row.covers,
            row.changed, " ".join(file.sha256 for file in row.files),
        )
        for row in facts.of(PART).exceptions
    ]  # fmt: skip
    return header, rows


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


PART = Part(
    "exceptions",
    gettext_noop("Exceptions"),
    gather=_gather,
    context=_context,
    kinds=("full", "period", "framework", "exceptions"),
    position=200,
)
