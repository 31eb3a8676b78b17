"""The part “Identity”, which states the number, customer, time and signature of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from assessments.controls.registry import catalogue, catalogue_hash
from assessments.version import VERSION
from portal.reports.branding.selectors import BrandingFact, fact_of
from portal.reports.facts.people import person_id_label
from portal.reports.facts.source import ReportSource
from portal.reports.models import Report
from portal.reports.parts.part import Part, ReportFacts
from portal.reports.signatures.stamps import planned_level


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts that identify the report, such as its customer and number, and the signature that it will get.

    `kind` is a key of `portal.reports.kinds`. `level` and `signer` describe the signature that the report gets after it
    is rendered.
    """

    report_id: str
    number: int
    kind: str
    kind_name: str
    title: str
    customer: str
    provider: str
    requested_by: str
    created_at: datetime
    as_of: datetime
    classification: str
    product_version: str
    assessed_with: str
    catalogue_hash: str
    catalogue_changed: bool
    assessment_id: str
    assessment_number: int
    level: str
    signer: str
    signer_fingerprint: str
    self_made: bool
    without_names: bool
    paper: str = "a4"
    branding: BrandingFact | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """The facts of the part.

    `historic` states whether a later assessment exists. `treated_at` is the time as of which the report shows
    treatments. If `historic` is set, this is the end of the report's assessment. Otherwise, it is the time at which the
    report was built.
    """

    identity: Identity
    historic: bool
    treated_at: datetime


def _gather(source: ReportSource) -> IdentityFacts:
    report, assessment, signing = source.report, source.assessment, source.signing
    identity = Identity(
        report_id=str(report.pk),
        number=report.number,
        kind=report.kind,
        kind_name=report.kind_name,
        title=report.title,
        customer=source.tenant.name,
        provider=source.tenant.organization.name,
        requested_by=_requested_by(report),
        created_at=report.created_at,
        as_of=report.as_of,
        classification=report.classification,
        product_version=VERSION,
        assessed_with=assessment.product_version,
        catalogue_hash=assessment.catalogue_hash,
        catalogue_changed=assessment.catalogue_hash != catalogue_hash(),
        assessment_id=str(assessment.pk),
        assessment_number=assessment.number,
        level=planned_level(),
        signer=signing.name,
        signer_fingerprint=signing.fingerprint,
        self_made=signing.self_signed,
        without_names=report.without_names,
        paper=report.paper,
        branding=fact_of(report.branding) if report.branding else None,
        language=report.language,
    )
    return IdentityFacts(identity, source.historic, source.treatment.at)


def _requested_by(report: Report) -> str:
    """Return the person or worker that requested the report. A report without names states the person's id."""
    if report.without_names and report.requested_by is not None:
        return person_id_label(report.requested_by)
    return report.requested_as


def _context(facts: ReportFacts) -> Mapping[str, Any]:
    return {"controls_total": len(catalogue())}


PART = Part("identity", gettext_noop("Identity"), gather=_gather, context=_context)
