"""The part “What is next”, which lists the work that is late or soon due, the most urgent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop, ngettext

from portal.reports.facts.presentation import truncate
from portal.reports.facts.shared import ExceptionFact
from portal.reports.parts import attestations, exceptions, identity, results
from portal.reports.parts.conclusion import severity_list
from portal.reports.parts.exceptions_overview import UNDECIDED
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.reports.wording.languages import dated, in_language
from portal.treatment.naming import control_problem
from portal.treatment.states import ShownState

MAX_STEPS: Final = 6
# Maximum number of characters in the detail of a step. With this limit, the executive summary fits on two pages.
MAX_DETAIL: Final = 150
MAX_NUMBERS: Final = 12
SOON: Final = timedelta(days=30)
DECISIONS: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Step:
    """A task that is late or soon due. `by` is the date by which it is due, as text, or "Now"."""

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
        problem = in_language(control_problem(longest.control))
        days = ngettext("%(number)s day", "%(number)s days", longest.overdue_days) % {
            "number": longest.overdue_days
        }
        yield Step(
            ngettext("Fix %(number)s overdue finding", "Fix %(number)s overdue findings", len(late))
            % {"number": len(late)},
            gettext("%(severities)s. Longest overdue: %(problem)s, %(days)s")
            % {"severities": _by_severity(late), "problem": problem, "days": days},
            gettext("Now"),
        )
    soon = [fact for fact in verdicts.of_outcome("fail") if fact.due_at and now < fact.due_at <= now + SOON]
    if soon:
        yield Step(
            ngettext(
                "Fix %(number)s finding that is due soon",
                "Fix %(number)s findings that are due soon",
                len(soon),
            )
            % {"number": len(soon)},
            _by_severity(soon),
            _day(min(fact.due_at for fact in soon if fact.due_at)),
        )
    nobody = [
        fact
        for fact in verdicts.of_outcome("fail")
        if fact.shown == ShownState.OPEN and not fact.owner and fact.severity in ("critical", "high")
    ]
    if nobody:
        yield Step(
            ngettext(
                "Assign %(number)s open finding to an owner",
                "Assign %(number)s open findings to an owner",
                len(nobody),
            )
            % {"number": len(nobody)},
            gettext("%(severities)s without an owner") % {"severities": _by_severity(nobody)},
            gettext("Now"),
        )


def _decisions(facts: ReportFacts, now: datetime) -> Iterator[Step]:
    register = facts.of(exceptions.PART).exceptions
    if waiting := [row for row in register if row.state in UNDECIDED]:
        yield Step(
            ngettext(
                "Decide on %(number)s exception",
                "Decide on %(number)s exceptions",
                len(waiting),
            )
            % {"number": len(waiting)},
            gettext("No. %(numbers)s") % {"numbers": _numbers(waiting)},
            gettext("Now"),
        )
    # A failure is counted once, even if several exceptions cover it: `fact.exception` is the one that ends last.
    covers = Counter(fact.exception for fact in facts.of(results.PART).of_outcome("fail"))
    ending = [row for row in register if covers[row.number] and now < row.ends_at <= now + DECISIONS]
    if ending:
        covered = sum(covers[row.number] for row in ending)
        failures = ngettext("%(number)s failure", "%(number)s failures", covered) % {"number": covered}
        detail = gettext("No. %(numbers)s: %(failures)s")
        if len(ending) > 1:
            detail = gettext("No. %(numbers)s: %(failures)s. The last of these exceptions ends on %(day)s")
        yield Step(
            ngettext(
                "Fix the failures covered by %(number)s exception that ends soon, or request a new exception",
                "Fix the failures covered by %(number)s exceptions that end soon, or request new exceptions",
                len(ending),
            )
            % {"number": len(ending)},
            detail
            % {
                "numbers": _numbers(ending),
                "failures": failures,
                "day": _day(max(row.ends_at for row in ending)),
            },
            _day(min(row.ends_at for row in ending)),
        )


def _numbers(rows: Sequence[ExceptionFact]) -> str:
    """Return a text that lists the first exceptions by their numbers, with an ellipsis if there are more exceptions."""
    numbers = ", ".join(str(row.number) for row in rows[:MAX_NUMBERS])
    return f"{numbers} …" if len(rows) > MAX_NUMBERS else numbers


def _answers(facts: ReportFacts, now: datetime) -> Iterator[Step]:
    rows = facts.of(attestations.PART).attestations
    standings = Counter(row.standing for row in rows)
    if number := standings["not met"]:
        yield Step(
            ngettext(
                "Meet the requirements of %(number)s manual control that was answered with “not met”",
                "Meet the requirements of %(number)s manual controls that were answered with “not met”",
                number,
            )
            % {"number": number},
            _by_severity([row for row in rows if row.standing == "not met"]),
            gettext("Now"),
        )
    if number := len(rows) - standings["met"] - standings["not met"]:
        parts = [
            f"{count} {gettext(standing)}"
            for standing, count in standings.most_common()
            if standing not in ("met", "not met")
        ]
        yield Step(
            ngettext("Answer %(number)s manual verdict", "Answer %(number)s manual verdicts", number)
            % {"number": number},
            ", ".join(parts),
            gettext("Now"),
        )
    ending = [row.valid_until for row in rows if row.standing == "met" and row.valid_until]
    if soon := [at for at in ending if now < at <= now + DECISIONS]:
        yield Step(
            ngettext("Renew %(number)s attestation", "Renew %(number)s attestations", len(soon))
            % {"number": len(soon)},
            ngettext("Valid until %(day)s", "The last one is valid until %(day)s", len(soon))
            % {"day": _day(max(soon))},
            _day(min(soon)),
        )


def _unknown(facts: ReportFacts) -> Iterator[Step]:
    verdicts = facts.of(results.PART)
    if number := verdicts.counts.get("unknown", 0):
        unknown = verdicts.of_outcome("unknown")
        known_with = Counter(fact.known_with for fact in unknown if fact.known_with).most_common(1)
        detail = gettext("The full report has the reasons")
        if known_with:
            step, solved = in_language(known_with[0][0]), known_with[0][1]
            detail = (
                step
                if solved == number
                else gettext("For %(number)s of them: %(step)s") % {"number": solved, "step": step}
            )
        yield Step(
            ngettext(
                "Resolve the cause of %(number)s unknown verdict",
                "Resolve the causes of %(number)s unknown verdicts",
                number,
            )
            % {"number": number},
            detail,
            gettext("Now"),
        )


def _by_severity(findings: list[Any]) -> str:
    return severity_list(Counter(fact.severity for fact in findings))


def _day(at: datetime) -> str:
    return dated(at, "j F Y")


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    shown, more = truncate(steps(facts), MAX_STEPS)
    return {"steps": [replace(step, detail=shortened(step.detail)) for step in shown], "steps_more": more}


def shortened(detail: str) -> str:
    """Cut the detail of a step to at most `MAX_DETAIL` characters. No word, such as a permission, is cut."""
    if len(detail) <= MAX_DETAIL:
        return detail
    words, _, _ = detail[: MAX_DETAIL - 1].rpartition(" ")
    return f"{words.rstrip(',')} …"


PART = Part(
    "next_steps",
    gettext_noop("What is next"),
    gather=no_facts,
    context=_context,
    is_numbered=False,
    kinds=("executive",),
    position=90,
)
