"""Conclusion of the exceptions register: what exceptions cover, when they end, and who decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.template.defaultfilters import pluralize

from portal.reports.facts import ExceptionFact
from portal.reports.parts import exceptions, identity, results
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.reports.presentation import SEVERITIES
from portal.treatment.models import FindingException

_State = FindingException.State
IN_FORCE: Final = frozenset(str(_State(state).label) for state in FindingException.IN_FORCE)
_REQUESTED: Final = str(_State.REQUESTED.label)
_RETURNED: Final = str(_State.RETURNED.label)
# A returned exception still covers unchanged findings, and awaits a new decision.
UNDECIDED: Final = frozenset({_REQUESTED, _RETURNED})
_SOON: Final = (30, 90)


def _observations(register: Sequence[ExceptionFact], now: datetime) -> Iterator[str]:
    """Yield what an auditor looks at first, as sentences."""
    active = [row for row in register if row.state in IN_FORCE]
    decided = [row for row in register if row.decided_at is not None]
    own = [row.number for row in decided if row.decided_by == row.requested_by]
    if decided and not own:
        yield f"Somebody other than the requester decided on all {len(decided)} decided exceptions."
    elif own:
        yield (
            f"The requester decided on exception{pluralize(len(own))} {', '.join(map(str, own))}, which Surety does "
            "not allow: ask the provider."
        )
    if returned := sum(row.state == _RETURNED for row in register):
        yield (
            f"{returned} exception{pluralize(returned)} in force {pluralize(returned, 'was,were')} returned for a new "
            f"decision. Until then, {pluralize(returned, 'it covers,they cover')} only unchanged findings."
        )
    for days in _SOON if active else ():
        ending = [row for row in active if row.ends_at <= now + timedelta(days=days)]
        yield (
            f"{len(ending) or 'No'} exception{pluralize(len(ending))} in force {pluralize(len(ending), 'ends,end')} "
            f"within {days} days."
        )
    without = sum(not row.compensating_control for row in active)
    if active:
        yield (
            f"{without or 'No'} exception{pluralize(without)} in force {pluralize(without, 'names,name')} no"
            " compensating control."
        )
    changed = sum(row.changed for row in active)
    if changed:
        yield (
            f"{changed} failing verdict{pluralize(changed)} in the scope of an exception "
            f"{pluralize(changed, 'is,are')} not covered, because the observed value differs from the approved one."
        )


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
        "ended": sum(row.state not in {*IN_FORCE, _REQUESTED} for row in register),
        "covered_total": covered.total(),
        "failing_total": failing.total(),
        "covered_rows": [(name, failing[name], covered[name]) for name in SEVERITIES],
        "observations": list(_observations(register, facts.of(identity.PART).treated_at)) if register else [],
    }


PART = Part("exceptions_overview", "Conclusion", gather=no_facts, context=_context, is_numbered=False)
