"""The part “Basis of this report” of a short report. It says what was assessed, what the report does not say, and how
to check the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from portal.reports.parts import identity, scope
from portal.reports.parts.part import Part, ReportFacts, no_facts


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    found, number = facts.of(scope.PART), facts.of(identity.PART).identity.assessment_number
    return {
        "controls_total": found.judged_controls,
        "directories": sum(unit.kind == "directory" for unit in found.units),
        "subscriptions": sum(unit.kind == "subscription" for unit in found.units),
        "older": sum(unit.assessment_number != number for unit in found.units),
        "incomplete": sum(unit.reached != "completely" for unit in found.units),
    }


PART = Part(
    "basis",
    gettext_noop("Basis of this report"),
    gather=no_facts,
    context=_context,
    is_numbered=False,
    kinds=("executive",),
    position=100,
)
