"""The findings of a customer as they were at the end of a past UTC day, from the stored changes and treatments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from assessments.models import Assessment
from assessments.presentation.finding_names import all_names
from portal.reports.facts.shared import FindingFact
from portal.reports.facts.source import as_of
from portal.reports.facts.treatments import TreatmentFacts, treatment_facts
from portal.reports.facts.units import read_times, report_units, unit_facts
from portal.reports.facts.verdicts import finding_facts
from portal.treatment.naming import control_problem
from tenants.models import Tenant
from tenants.values.days import start_of_day

COLUMNS: Final = (
    "Control", "Problem", "Severity", "Resource", "Resource id", "Subscription or directory", "Verdict", "State",
    "Reason", "Observed", "Failing since", "Exception", "Owner", "Acknowledged by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PastFindings:
    """The findings at the time `at`, with the treatment that they had then.

    The verdicts come from `assessment`, the last assessment that had ended by `at`. `ended_at` is the end of this
    assessment.
    """

    assessment: Assessment
    ended_at: datetime
    at: datetime
    treatment: TreatmentFacts

    @property
    def outcomes(self) -> Mapping[str, int]:
        """{verdict: number of findings}."""
        return _sums((key.outcome, number) for key, number in self.treatment.counts.items())

    @property
    def states(self) -> Mapping[str, int]:
        """{state after treatment: number of findings}."""
        return _sums((key.shown, number) for key, number in self.treatment.counts.items())

    @property
    def failing(self) -> Mapping[str, int]:
        """{severity: number of failing verdicts}."""
        rows = self.treatment.counts.items()
        return _sums((key.severity, number) for key, number in rows if key.outcome == "fail")


def _sums(rows: Iterator[tuple[str, int]]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for key, number in rows:
        found[key] += number
    return found


def assessment_on(tenant: Tenant, day: date, now: datetime) -> Assessment | None:
    """Return the last assessment that ended before the end of `day` in UTC, or before `now` if that is earlier.

    Return None if there is no such assessment, or if its details were deleted under the retention policy. For an
    auditor, the assessment may have ended before the review period, because its verdicts still apply to the first days
    of the period.
    """
    # Use the base manager. For an auditor, the usual manager leaves out assessments from before the review period.
    rows = Assessment._base_manager.filter(
        tenant=tenant,
        ended_at__lt=_end_of(day, now),
        state__in=(Assessment.State.FINISHED, Assessment.State.CANCELLED),
    )
    found = rows.exclude(summary={}).order_by("-number").first()
    return None if found is None or found.details_deleted_at is not None else found


def _end_of(day: date, now: datetime) -> datetime:
    return min(start_of_day(day) + timedelta(days=1), now)


def past_findings(tenant: Tenant, day: date, now: datetime) -> PastFindings | None:
    """Return the findings at the end of the UTC day. Return None if `assessment_on` finds no assessment.

    Call inside the tenant's scope.
    """
    assessment = assessment_on(tenant, day, now)
    if assessment is None:
        return None
    at, read_at = _end_of(day, now), read_times(assessment)
    places = {row.scope_id: row.name for row in unit_facts(report_units(assessment), read_at, at)}
    verdicts = finding_facts(
        tenant,
        assessment,
        at=at,
        historic=True,
        unit_names=places,
        names=all_names(tenant, places),
        read_at=read_at,
    )
    treatment = treatment_facts(tenant, verdicts, at=at, historic=True)
    return PastFindings(assessment, as_of(assessment), at, treatment)


def table(rows: Iterator[FindingFact]) -> Iterator[tuple[object, ...]]:
    """Yield the header and the rows of the CSV export of past findings."""
    yield COLUMNS
    for row in rows:
        yield (
            row.control, control_problem(row.control), row.severity, row.subject_name, row.subject, row.unit_name,
            row.outcome, row.shown, row.reason, row.observed_text,
            f"{row.failing_since:%Y-%m-%d %H:%M} UTC" if row.failing_since else "", row.exception or "",
            row.owner, row.acknowledged,
        )  # fmt: skip
