"""The part “Identity”, which states the number, customer, time and signature of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from assessments.controls.registry import catalogue, catalogue_hash
from assessments.version import VERSION
from portal.reports.branding.selectors import BrandingFact, fact_of
from portal.reports.facts.people import person_id_label
from portal.reports.facts.source import ReportSource
from portal.reports.kinds import KINDS, WITH_COVER
from portal.reports.models import Report
from portal.reports.parts.part import HASH, Part, ReportFacts, in_schema
from portal.reports.signatures.stamps import planned_level
from tenants.models import Language, Paper


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts that identify the report, such as its customer and number, and the signature that it will get.

    `kind` is a key of `portal.reports.kinds`. `level` and `signer` describe the signature that the report gets after it
    is rendered.
    """

    report_id: str = field(metadata=in_schema(format="uuid"))
    number: int = field(metadata=in_schema(minimum=1))
    kind: str = field(metadata=in_schema(enum=list(KINDS)))
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
    catalogue_hash: str = field(metadata=in_schema("SHA-256 of the catalogue of controls", pattern=HASH))
    catalogue_changed: bool = field(
        metadata=in_schema("Whether the catalogue of controls has changed since the assessment")
    )
    assessment_id: str = field(metadata=in_schema(format="uuid"))
    assessment_number: int = field(metadata=in_schema(minimum=1))
    level: str = field(
        metadata=in_schema("PAdES level of the signature", enum=["B-B", "B-T", "B-LT", "B-LTA"])
    )
    signer: str
    signer_fingerprint: str = field(
        metadata=in_schema("SHA-256 of the certificate", pattern="^[0-9a-f]{64}$")
    )
    self_made: bool = field(metadata=in_schema("The certificate is self-signed"))
    without_names: bool
    paper: str = field(default="a4", metadata=in_schema(enum=list(Paper.values)))
    branding: BrandingFact | None = None
    language: str = field(
        default="en", metadata=in_schema("Language of the pages", enum=list(Language.values))
    )


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """The facts of the part.

    `historic` states whether a later assessment exists. `treated_at` is the time as of which the report shows
    treatments. If `historic` is set, this is the end of the report's assessment. Otherwise, it is the time at which the
    report was built.
    """

    identity: Identity
    historic: bool = field(
        metadata=in_schema(
            "Whether a later assessment exists. If so, verdicts and treatments in the report"
            " were reconstructed"
        )
    )
    treated_at: datetime = field(metadata=in_schema("The report states treatments as they were at this time"))


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


PART = Part(
    "identity",
    gettext_noop("Identity"),
    gather=_gather,
    context=_context,
    kinds=WITH_COVER,
    position=110,
)
