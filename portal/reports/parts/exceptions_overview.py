"""The conclusion of the exceptions register. It says what exceptions cover, when they end, and who decided
about them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext, gettext_noop, ngettext

from portal.reports.facts.presentation import SEVERITIES
from portal.reports.facts.shared import ExceptionFact
from portal.reports.parts import exceptions, identity, results, scope
from portal.reports.parts.exceptions import IN_FORCE
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.treatment.models import FindingException

_State = FindingException.State
_REQUESTED: Final = str(_State.REQUESTED.label)
_RETURNED: Final = str(_State.RETURNED.label)
# The state of an approved exception that has not started yet.
_APPROVED: Final = str(_State.APPROVED.label)
# States in which an exception awaits a decision. A returned exception is in force meanwhile: it still covers unchanged
# findings.
UNDECIDED: Final = frozenset({_REQUESTED, _RETURNED})
_SOON: Final = timedelta(days=30)
_LATER: Final = timedelta(days=90)


def _observations(register: Sequence[ExceptionFact], now: datetime) -> Iterator[str]:
    """Yield the facts about exceptions that auditors look for first, as sentences. An example is whether people decided
    about their own requests.
    """
    active = [row for row in register if row.state in IN_FORCE]
    decided = [row for row in register if row.decided_at is not None]
    own = [row.number for row in decided if row.decided_by == row.requested_by]
    if decided and not own:
        if len(decided) == 1:
            yield gettext("One exception was decided. Someone other than the requester decided it.")
        else:
            yield gettext(
                "Each of the %(number)s decided exceptions was decided by someone other than its requester."
            ) % {"number": len(decided)}
    elif own:
        yield ngettext(
            "The requester decided on exception %(numbers)s, although Surety does not allow this. Ask the provider"
            " for the reason.",
            "The requester decided on exceptions %(numbers)s, although Surety does not allow this. Ask the provider"
            " for the reason.",
            len(own),
        ) % {"numbers": ", ".join(map(str, own))}
    if returned := sum(row.state == _RETURNED for row in register):
        yield ngettext(
            "%(number)s exception in force was returned for a new decision. Until then, it covers only unchanged"
            " findings.",
            "%(number)s exceptions in force were returned for a new decision. Until then, they cover only unchanged"
            " findings.",
            returned,
        ) % {"number": returned}
    if active:
        yield from _endings(active, now)
    if active:
        without = sum(not row.compensating_control for row in active)
        sentence = ngettext(
            "%(number)s exception in force names no compensating control.",
            "%(number)s exceptions in force name no compensating control.",
            without,
        )
        yield (sentence if without else gettext("All exceptions in force name a compensating control.")) % {
            "number": without
        }
    if changed := sum(row.changed for row in active):
        yield ngettext(
            "%(number)s failing verdict in the scope of an exception is not covered, because no approval of its"
            " observed value is stored.",
            "%(number)s failing verdicts in the scope of an exception are not covered, because no approval of their"
            " observed values is stored.",
            changed,
        ) % {"number": changed}


def _endings(active: Sequence[ExceptionFact], now: datetime) -> Iterator[str]:
    """Yield sentences on how many exceptions end within 30 days, and how many in 31 to 90 days."""
    soon = sum(row.ends_at <= now + _SOON for row in active)
    later = sum(now + _SOON < row.ends_at <= now + _LATER for row in active)
    numbers = {"soon": _SOON.days, "next": _SOON.days + 1, "later": _LATER.days}
    if soon:
        yield ngettext(
            "%(number)s exception in force ends within %(soon)s days.",
            "%(number)s exceptions in force end within %(soon)s days.",
            soon,
        ) % {**numbers, "number": soon}
    if later:
        yield ngettext(
            "%(number)s exception in force ends in %(next)s to %(later)s days.",
            "%(number)s exceptions in force end in %(next)s to %(later)s days.",
            later,
        ) % {**numbers, "number": later}
    elif soon:
        yield gettext("No other exceptions in force end within %(later)s days.") % numbers
    else:
        yield gettext("No exceptions in force end within %(later)s days.") % numbers


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    register = facts.of(exceptions.PART).exceptions
    failing: Counter[str] = Counter()
    covered: Counter[str] = Counter()
    for fact in facts.of(results.PART).of_outcome("fail"):
        failing[fact.severity] += 1
        covered[fact.severity] += fact.exception is not None
    return {
        "in_force": sum(row.state in IN_FORCE for row in register),
        "waiting": sum(row.state == _REQUESTED for row in register),
        "later": sum(row.state == _APPROVED for row in register),
        "ended": sum(row.state not in {*IN_FORCE, _REQUESTED, _APPROVED} for row in register),
        "covered_total": covered.total(),
        "failing_total": failing.total(),
        "is_unknown": facts.of(scope.PART).nothing_read and not failing,
        "incomplete": sum(unit.reached != "completely" for unit in facts.of(scope.PART).units),
        "covered_rows": [(name, failing[name], covered[name]) for name in SEVERITIES],
        "observations": list(_observations(register, facts.of(identity.PART).treated_at)) if register else [],
    }


PART = Part(
    "exceptions_overview",
    gettext_noop("Conclusion"),
    gather=no_facts,
    context=_context,
    is_numbered=False,
    kinds=("exceptions",),
    position=40,
)
