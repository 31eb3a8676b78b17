"""The data that several parts of a report need, read from the database once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from assessments.controls.registry import known_controls
from assessments.display.names import Names
from assessments.models import Assessment, Unit
from assessments.presentation.finding_names import all_names
from assessments.selectors import assessments
from portal.queries.audit_room import Period
from portal.queries.subscriptions import unit_names
from portal.reports.facts.people import PersonLabel, person_id_label, person_label
from portal.reports.facts.shared import FindingFact, UnitFact
from portal.reports.facts.treatments import TreatmentFacts, treatment_facts
from portal.reports.facts.units import read_times, report_units, unit_facts
from portal.reports.facts.verdicts import finding_facts
from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.models import Report
from portal.treatment.scores import summarize_treated
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class ReportSource:
    """The data from which the parts gather their facts.

    If `historic` is set, a later assessment exists, so everything is reconstructed as of the end of the report's
    assessment. `names` has the stored names of people, groups, applications and roles, and of subscriptions and
    directories. In a report without names, it has only the names of subscriptions and directories. `units` and
    `unit_facts` have the same order. `summaries` comes from `portal.treatment.scores.summarize_treated`.
    """

    report: Report
    signing: SigningIdentity
    historic: bool
    units: list[Unit]
    unit_facts: list[UnitFact]
    treatment: TreatmentFacts
    names: Names
    summaries: dict[str, Any]

    @property
    def tenant(self) -> Tenant:
        """The customer that the report is about."""
        return self.report.tenant

    @property
    def assessment(self) -> Assessment:
        """The assessment that the report is about."""
        return self.report.assessment

    @property
    def label(self) -> PersonLabel:
        """The function that returns the text for a person in the report: name and email address, or the id."""
        return _person_label(self.report)

    @property
    def findings(self) -> Sequence[FindingFact]:
        """All findings with their treatment, control by control.

        Each iteration reads the temporary file again. To count findings, use `treatment.counts`.
        """
        return self.treatment.findings


@dataclass(frozen=True, slots=True)
class Baseline:
    """The earlier assessment with which a report compares its own assessment. `treatment` has the verdicts and the
    treatment at the end of the earlier assessment.

    `summaries` is the result of `portal.treatment.scores.summarize_treated`.
    """

    assessment: Assessment
    treatment: TreatmentFacts
    summaries: dict[str, Any]


def read_source(report: Report, signing: SigningIdentity) -> ReportSource:
    """Read the data of a report from the database. Call inside the tenant's scope."""
    newer = assessments(report.tenant).filter(number__gt=report.assessment.number, started_at__isnull=False)
    historic = newer.exists()
    source = _read(report, signing, historic=historic)
    if not historic and newer.exists():
        # While the data was read, another assessment began, for example one that the watch started. It may have changed
        # verdicts, so read the data again, as of the end of the report's assessment.
        source = _read(report, signing, historic=True)
    return source


def _read(report: Report, signing: SigningIdentity, *, historic: bool) -> ReportSource:
    tenant, assessment = report.tenant, report.assessment
    units = report_units(assessment)
    at = as_of(assessment) if historic else timezone.now()
    read_at = read_times(assessment)
    rows = unit_facts(units, read_at, at)
    places = _place_names(tenant, rows)
    names = all_names(tenant, places) if not report.without_names else Names((), places)
    treatment = treatment_facts(
        tenant,
        finding_facts(
            tenant, assessment, at=at, historic=historic, unit_names=places, names=names, read_at=read_at
        ),
        at=at,
        historic=historic,
        label=_person_label(report),
    )
    return ReportSource(report, signing, historic, units, rows, treatment, names, _summaries(treatment))


def read_baseline(source: ReportSource) -> Baseline | None:
    """Return the earlier assessment with which the report compares its own assessment, or None if there is none.

    The verdicts and treatments are reconstructed as they were at the end of the earlier assessment.
    """
    number = source.report.baseline_number
    if number is None:
        return None
    assessment = Assessment.objects.get(tenant=source.tenant, number=number)
    at, read_at = as_of(assessment), read_times(assessment)
    rows = unit_facts(report_units(assessment), read_at, at)
    places = _place_names(source.tenant, rows)
    treatment = treatment_facts(
        source.tenant,
        finding_facts(
            source.tenant,
            assessment,
            at=at,
            historic=True,
            unit_names=places,
            names=source.names,
            read_at=read_at,
        ),
        at=at,
        historic=True,
        label=_person_label(source.report),
    )
    return Baseline(assessment, treatment, _summaries(treatment))


def _place_names(tenant: Tenant, rows: Sequence[UnitFact]) -> dict[str, str]:
    """Return {scope id: name} of the subscriptions and directories, including subscriptions and directories that are
    not assessed any more.
    """
    known = {scope_id: name for scope_id, name in unit_names(tenant).items() if name}
    return known | {row.scope_id: row.name for row in rows}


def _person_label(report: Report) -> PersonLabel:
    return person_id_label if report.without_names else person_label


def _summaries(treatment: TreatmentFacts) -> dict[str, Any]:
    return summarize_treated(
        (section_of(key.control), key.severity, key.outcome, key.shown, number)
        for key, number in treatment.counts.items()
    )


def period_of(report: Report) -> Period | None:
    """Return the period that the report covers, or None for a report without a period."""
    if report.period_first is None or report.period_last is None:
        return None
    return Period(report.period_first, report.period_last)


def as_of(assessment: Assessment) -> datetime:
    """Return the time as of which a report on this assessment shows verdicts: the end of the assessment. While the
    assessment runs, return the time at which it was created.
    """
    return assessment.ended_at or assessment.created_at


def section_of(slug: str) -> str:
    """Return the control's section, also for a control that is no longer in the catalogue."""
    control = known_controls().get(slug)
    return control.section if control else slug.partition("-")[0]
