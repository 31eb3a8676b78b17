"""What is next: the work that is late or becomes due, the most urgent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.template.defaultfilters import pluralize

from portal.reports.parts import attestations, exceptions, identity, results
from portal.reports.parts.conclusion import severity_list
from portal.reports.parts.exceptions_overview import IN_FORCE, UNDECIDED
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.reports.presentation import truncate
from portal.treatment.naming import control_problem
from portal.treatment.states import ShownState

MAX_STEPS: Final = 6
SOON: Final = timedelta(days=30)
DECISIONS: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do. `by` is when, as text."""

    action: str
    detail: str
    by: str


def steps(facts: ReportFacts) -> list[Step]:
    """Return the next steps, the most urgent first."""
    now = facts.of(identity.PART).treated_at
    return [*_failures(facts, now), *_decisions(facts, now), *_answers(facts, now), *_unknown(facts)]


def _failures(facts: ReportFacts, now: datetime) -> Iterator[Step]:
    verdicts = facts.of(results.PART)
    if late := verdicts.overdue:
        longest = late[0]
        yield Step(
            f"Fix {len(late)} overdue finding{pluralize(len(late))}",
            f"{_by_severity(late)}. Longest overdue: {control_problem(longest.control)}, {longest.overdue_days} "
            f"day{pluralize(longest.overdue_days)}",
            "Now",
        )
    soon = [fact for fact in verdicts.of_outcome("fail") if fact.due_at and now < fact.due_at <= now + SOON]
    if soon:
        yield Step(
            f"Fix {len(soon)} finding{pluralize(len(soon))} that {pluralize(len(soon), 'becomes,become')} due",
            f"{_by_severity(soon)}",
            _day(min(fact.due_at for fact in soon if fact.due_at)),
        )
    nobody = [
        fact
        for fact in verdicts.of_outcome("fail")
        if fact.shown == ShownState.OPEN and not fact.owner and fact.severity in ("critical", "high")
    ]
    if nobody and not facts.of(identity.PART).historic:
        yield Step(
            f"Assign {len(nobody)} open finding{pluralize(len(nobody))} to an owner",
            f"{_by_severity(nobody)} without an owner",
            "Now",
        )


def _decisions(facts: ReportFacts, now: datetime) -> Iterator[Step]:
    register = facts.of(exceptions.PART).exceptions
    if waiting := [row for row in register if row.state in UNDECIDED]:
        yield Step(
            f"Decide on {len(waiting)} requested exception{pluralize(len(waiting))}",
            f"No. {', '.join(str(row.number) for row in waiting[:12])}",
            "Now",
        )
    ending = [row for row in register if row.state in IN_FORCE and now < row.ends_at <= now + DECISIONS]
    if ending:
        covered = sum(row.covers for row in ending)
        yield Step(
            f"Fix or extend what {len(ending)} exception{pluralize(len(ending))} "
            f"{pluralize(len(ending), 'covers,cover')}",
            f"No. {', '.join(str(row.number) for row in ending[:12])}, {covered} failure{pluralize(covered)}, "
            f"until {_day(max(row.ends_at for row in ending))}",
            _day(min(row.ends_at for row in ending)),
        )


def _answers(facts: ReportFacts, now: datetime) -> Iterator[Step]:
    rows = facts.of(attestations.PART).attestations
    standings = Counter(row.standing for row in rows)
    if number := len(rows) - standings["met"]:
        parts = [f"{count} {standing}" for standing, count in standings.most_common() if standing != "met"]
        yield Step(f"Answer {number} manual verdict{pluralize(number)}", ", ".join(parts), "Now")
    ending = [row.valid_until for row in rows if row.standing == "met" and row.valid_until]
    if soon := [at for at in ending if now < at <= now + DECISIONS]:
        yield Step(
            f"Renew {len(soon)} attestation{pluralize(len(soon))}",
            f"Valid until {_day(max(soon))} at the latest",
            _day(min(soon)),
        )


def _unknown(facts: ReportFacts) -> Iterator[Step]:
    verdicts = facts.of(results.PART)
    if number := verdicts.counts.get("unknown", 0):
        unknown = verdicts.of_outcome("unknown")
        known_with = Counter(fact.known_with for fact in unknown if fact.known_with).most_common(1)
        yield Step(
            f"Resolve the cause{pluralize(number)} of {number} unknown verdict{pluralize(number)}",
            f"For {known_with[0][1]} of them: {known_with[0][0]}"
            if known_with
            else "The full report has the reasons",
            "Now",
        )


def _by_severity(findings: list[Any]) -> str:
    return severity_list(Counter(fact.severity for fact in findings))


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    shown, more = truncate(steps(facts), MAX_STEPS)
    return {"steps": shown, "steps_more": more}


PART = Part("next_steps", "What is next", gather=no_facts, context=_context, is_numbered=False)
