"""The part “Top risks”, which shows the failing controls to fix first, and what their failures make possible."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop

from portal.queries.tenant_overview.fix_next import urgency
from portal.reports.facts.sections import ControlFact
from portal.reports.facts.shared import FindingFact
from portal.reports.parts import exposure, results
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.treatment.naming import control_problem
from portal.treatment.states import ShownState

MAX_RISKS: Final = 5


@dataclass(frozen=True, slots=True)
class Risk:
    """The open failures of one control that have the same severity. A control can be in several risks, because the
    context of a resource can change the severity of a failure.

    - `why`: what these failures make possible
    - `of`: number of all applicable verdicts of the control
    - `days`: for how many days the control's findings failed, added up (`portal.reports.parts.exposure`)
    - `owner`: the most frequent owner, empty if all are unassigned; `more_owners`: number of other owners
    - `unassigned`: number of failures without an owner
    """

    control: ControlFact
    severity: str
    problem: str
    why: str
    open: int
    of: int
    failing_since: datetime | None
    due_at: datetime | None
    overdue: int
    days: float
    owner: str
    more_owners: int
    unassigned: int


def risks(facts: ReportFacts) -> list[Risk]:
    """Return the open failures by control and severity, in the order of “Fix next” on the page of the customer."""
    found, days = [], exposure.days_of(facts)
    for control in facts.of(results.PART).controls:
        by_severity: dict[str, list[FindingFact]] = defaultdict(list)
        for finding in control.of_outcome("fail"):
            if finding.shown == ShownState.OPEN:
                by_severity[finding.severity].append(finding)
        found += [
            _risk(control, severity, failures, days.get(control.slug, 0.0))
            for severity, failures in by_severity.items()
        ]
    return sorted(found, key=lambda risk: urgency(risk.severity, risk.open, risk.control.slug))


def _risk(control: ControlFact, severity: str, failures: Sequence[FindingFact], days: float) -> Risk:
    owners = Counter(finding.owner for finding in failures if finding.owner).most_common()
    return Risk(
        control=control,
        severity=severity,
        problem=control_problem(control.slug),
        why=control.why,
        open=len(failures),
        of=sum(number for outcome, number in control.counts.items() if outcome != "not_applicable"),
        failing_since=min((f.failing_since for f in failures if f.failing_since), default=None),
        due_at=min((f.due_at for f in failures if f.due_at), default=None),
        overdue=sum(finding.overdue_days > 0 for finding in failures),
        days=days,
        owner=owners[0][0].partition(" <")[0] if owners else "",
        more_owners=max(0, len(owners) - 1),
        unassigned=sum(not finding.owner for finding in failures),
    )


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found = risks(facts)
    shown = found[:MAX_RISKS]
    # Count controls, not rows: a control whose failures have several severities has several rows.
    more = {risk.control.slug for risk in found} - {risk.control.slug for risk in shown}
    return {
        "risks": shown,
        "risks_more": len(more),
        "acknowledged": facts.of(results.PART).states.get(ShownState.ACKNOWLEDGED, 0),
    }


PART = Part(
    "risks",
    gettext_noop("Top risks"),
    gather=no_facts,
    context=_context,
    is_numbered=False,
    kinds=("executive",),
    position=60,
)
