"""Compute the result of a framework's requirement from the findings of the controls that refer to the requirement. A
finding counts in its shown state, which includes its treatment.

The counts come from the same query as the list of findings. So each count equals the length of the list to which it
links.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import TextChoices

from assessments.frameworks.framework import Framework
from assessments.presentation.not_judged import recorded_overrides
from portal.queries.findings.facet_counts import FacetCounts
from portal.queries.findings.filters import FindingFilter
from portal.queries.frameworks.coverage import Coverage, NumberCoverage, framework_coverage
from portal.queries.portfolio.by_tenant import latest_assessments
from portal.treatment.selectors.findings import visible_findings
from portal.treatment.states import ShownState
from tenants.models import Tenant

# {kind of count: the words that follow the number on pages}
COUNT_LABELS: Final[Mapping[str, str]] = {
    "failing": "failing",
    "unknown": "unknown",
    "unanswered": "without an answer",
    "excepted": "excepted",
    "passing": "passing",
    "attested": "attested",
    "not_applicable": "not applicable",
}

type StatesByControl = Mapping[str, Mapping[str, int]]


class Result(TextChoices):
    """The possible results of a requirement; docs/frameworks.md says when each applies."""

    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Unknown"
    UNANSWERED = "unanswered", "Unanswered"
    EXCEPTED = "excepted", "Excepted"
    PARTLY = "partly", "No failure found, partly assessed"
    ATTESTED = "attested", "Attested"
    MET = "met", "Met"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    NOT_ASSESSED = "not_assessed", "Not assessed"
    NOT_COVERED = "not_covered", "Not covered"


# {kind of count: the shown states that it counts}
STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "failing": (ShownState.OPEN, ShownState.ACKNOWLEDGED, ShownState.NOT_MET),
    "unknown": (ShownState.UNKNOWN,),
    "unanswered": (ShownState.MANUAL, ShownState.LAPSED),
    "excepted": (ShownState.EXCEPTED,),
    "passing": (ShownState.PASSING, ShownState.RESOLVED),
    "attested": (ShownState.ATTESTED,),
    "not_applicable": (ShownState.NOT_APPLICABLE,),
}


@dataclass(frozen=True, slots=True)
class NumberResult:
    """A requirement with its result. `counts` is {key of `STATES`: number of findings}, without zeros."""

    covered: NumberCoverage
    result: Result
    counts: Mapping[str, int]


def number_result(covered: NumberCoverage, states: StatesByControl) -> NumberResult:
    """Return the result of a requirement. `states` is {control: {shown state: number of findings}}.

    Controls in `covered.switched_off` no longer apply, but their findings can still exist. These findings count too,
    except those that are not applicable.
    """
    found = [states.get(answer.control.slug, {}) for answer in covered.answers]
    standing = [
        {**states.get(control.slug, {}), ShownState.NOT_APPLICABLE: 0} for control in covered.switched_off
    ]
    counts = {
        kind: count
        for kind, names in STATES.items()
        if (count := sum(row.get(name, 0) for row in (*found, *standing) for name in names))
    }
    has_findings = [any(row.get(name) for names in STATES.values() for name in names) for row in found]
    return NumberResult(covered, _result(covered, counts, has_findings), counts)


def _result(covered: NumberCoverage, counts: Mapping[str, int], has_findings: Sequence[bool]) -> Result:
    if not covered.answers and not counts:
        return Result.NOT_COVERED
    if not any(has_findings) and not counts:
        return Result.NOT_ASSESSED
    if counts.get("failing"):
        return Result.FAILED
    # If a control has no findings, it was not evaluated yet. So the result is unknown and not a pass.
    if counts.get("unknown") or not all(has_findings):
        return Result.UNKNOWN
    if counts.get("unanswered"):
        return Result.UNANSWERED
    if counts.get("excepted"):
        return Result.EXCEPTED
    if not covered.is_full:
        return Result.PARTLY
    if set(counts) == {"not_applicable"}:
        return Result.NOT_APPLICABLE
    return Result.ATTESTED if covered.coverage is Coverage.ATTESTED else Result.MET


def number_results(
    framework: Framework, states: StatesByControl, overrides: Mapping[str, Mapping[str, Any]]
) -> list[NumberResult]:
    """Return the result of every requirement of the framework, in the order of the framework."""
    return [number_result(covered, states) for covered in framework_coverage(framework, overrides)]


def count_by_result(results: Sequence[NumberResult]) -> dict[str, int]:
    """Return {result: number of requirements}, in the order of the results, without zeros."""
    counted = Counter(str(row.result) for row in results)
    return {str(result): counted[result] for result in Result if counted[result]}


@dataclass(frozen=True, slots=True)
class TenantStates:
    """The findings that the person for whom the scope was opened may see, counted by control and state.

    `overrides` are the parameter values with which the controls judged the findings.
    """

    states: StatesByControl
    overrides: Mapping[str, Mapping[str, Any]]

    def results(self, framework: Framework) -> list[NumberResult]:
        """Return the result of every requirement of the framework."""
        return number_results(framework, self.states, self.overrides)


def tenant_states(tenant: Tenant, now: datetime) -> TenantStates:
    """Read the counts that the results of all frameworks need, for a person who can see all findings."""
    everything = FindingFilter.parse({}, tenant, now)
    counted = FacetCounts.of(visible_findings(tenant), everything, complete=True, wanted=())
    last = latest_assessments([tenant.pk], ended=True).get(tenant.pk)
    return TenantStates(
        states={group.control: group.states for group in counted.groups},
        overrides=recorded_overrides(last) if last else {},
    )
