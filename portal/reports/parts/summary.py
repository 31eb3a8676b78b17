"""The part “Summary”, which shows scores, verdicts by section, and failures by severity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

from assessments.scoring import WEIGHTS
from portal.reports.facts.presentation import SEVERITIES, outcome_bar
from portal.reports.parts import changes, results, scope
from portal.reports.parts.conclusion import first_step
from portal.reports.parts.part import Part, ReportFacts, no_facts


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    verdicts = facts.of(results.PART)
    due_days = facts.of(changes.PART).due_days
    found = facts.of(scope.PART)
    units = found.units
    return {
        "archived_at": found.customer_archived_at,
        "first_step": first_step(facts),
        "bar": outcome_bar(verdicts.counts),
        "severities": [
            (name, verdicts.open_by_severity.get(name, 0), due_days.get(name)) for name in SEVERITIES
        ],
        "weights": ", ".join(f"{gettext(name.capitalize()).lower()} {WEIGHTS[name]}" for name in SEVERITIES),
        "controls_total": found.judged_controls,
        "not_judged": found.not_judged,
        "directories": sum(unit.kind == "directory" for unit in units),
        "subscriptions": sum(unit.kind == "subscription" for unit in units),
        "incomplete": sum(unit.reached != "completely" for unit in units),
        "overdue_total": len(verdicts.overdue),
    }


PART = Part(
    "summary",
    gettext_noop("Summary"),
    gather=no_facts,
    context=_context,
    is_numbered=False,
    kinds=("full", "period"),
    position=10,
)
