"""The part “Covered failures”, which lists all failing verdicts that an exception covers, grouped by exception."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop

from portal.reports.facts.presentation import truncate
from portal.reports.facts.shared import FindingFact
from portal.reports.parts import exceptions, results
from portal.reports.parts.part import Part, ReportFacts, no_facts
from portal.treatment.naming import control_problem

MAX_PER_EXCEPTION = 60


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    by_number: dict[int, list[FindingFact]] = defaultdict(list)
    for fact in facts.of(results.PART).of_outcome("fail"):
        if fact.exception is not None:
            by_number[fact.exception].append(fact)
    register = facts.of(exceptions.PART).exceptions
    groups = []
    for row in register:
        if row.number in by_number:
            shown, more = truncate(by_number[row.number], MAX_PER_EXCEPTION)
            groups.append((row, [(control_problem(fact.control), fact) for fact in shown], more))
    listed = sum(map(len, by_number.values()))
    return {"covered_groups": groups, "covered_again": sum(row.covers for row in register) > listed}


PART = Part(
    "covered_failures",
    gettext_noop("Covered failures"),
    gather=no_facts,
    context=_context,
    kinds=("exceptions",),
    position=210,
)
