"""Gathers the facts of a report by selectors, inside the tenant's scope. Renders and writes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from assessments.controls.declare import Control
from assessments.controls.registry import SECTIONS, catalogue, catalogue_hash
from assessments.models import Assessment, EvidenceItem, Finding, FindingChange, Unit
from assessments.selectors import assessments as assessments_of
from assessments.selectors import ledger
from assessments.version import VERSION
from portal.reports.facts import (
    ChangeFact,
    ControlFact,
    FindingFact,
    Identity,
    Integrity,
    ReportFacts,
    SectionFact,
    UnitFact,
)  # fmt: skip
from portal.reports.models import Report
from portal.reports.scope_facts import (
    current_units,
    excluded_subscriptions,
    gap_facts,
    principals_of,
    resource_types,
    unit_facts,
)  # fmt: skip
from portal.reports.sign import planned_level
from portal.reports.signing_identity import SigningIdentity
from portal.reports.treatment_facts import treat
from portal.reports.verdict_facts import finding_facts
from portal.treatment.scores import summarize_treated
from tenants import journal
from tenants.models import Tenant

ENDED = (Assessment.State.FINISHED, Assessment.State.CANCELLED)


def gather(report: Report, signing: SigningIdentity) -> ReportFacts:
    """All ten parts of the report, as of its assessment."""
    tenant, assessment = report.tenant, report.assessment
    newer = assessments_of(tenant).filter(number__gt=assessment.number, started_at__isnull=False)
    historic = newer.exists()
    units = current_units(assessment)
    rows = unit_facts(units)
    names = {row.scope_id: row.name for row in rows}
    treated = treat(
        tenant,
        finding_facts(tenant, assessment, historic=historic, unit_names=names),
        at=moment_of(assessment) if historic else timezone.now(),
        historic=historic,
    )
    findings = treated.findings
    summaries = summarize_treated(
        (section_of(f.control), f.severity, f.outcome, f.shown, 1) for f in findings
    )
    summary, adjusted = summaries["raw"], summaries["adjusted"]
    own = [unit for unit in units if unit.assessment_id == assessment.pk]
    previous = assessments_of(tenant).filter(number__lt=assessment.number, state__in=ENDED).first()
    return ReportFacts(
        identity=_identity(report, signing),
        principals=tuple(principals_of(tenant)),
        units=tuple(rows),
        excluded=tuple(excluded_subscriptions(tenant, units)),
        gaps=tuple(gap_facts(units)),
        resource_types=tuple(resource_types(tenant)),
        sections=tuple(_sections(findings, summaries, rows, assessment.parameters)),
        frameworks=_frameworks(),
        score=summary["score"],
        coverage=summary["coverage"],
        counts=summary["counts"],
        open_by_severity=summary["open"],
        # JSON of the database keeps no order: the gravest first.
        due_days={key: tenant.due_days[key] for key in Finding.Severity.values if key in tenant.due_days},
        changes=tuple(_changes(assessment)),
        previous=f"assessment {previous.number} of {previous.created_at:%Y-%m-%d}" if previous else "",
        requests=sum(unit.requests for unit in own),
        throttled=sum(unit.throttled for unit in own),
        started_at=assessment.started_at,
        ended_at=assessment.ended_at,
        historic=historic,
        integrity=_integrity(tenant, findings),
        treated_at=treated.at,
        adjusted=adjusted["score"],
        adjusted_counts=adjusted["counts"],
        states=summaries["states"],
        exceptions=treated.exceptions,
        attestations=treated.attestations,
        collections=ledger(units)["collections"],
    )


def _identity(report: Report, signing: SigningIdentity) -> Identity:
    tenant, assessment = report.tenant, report.assessment
    return Identity(
        report_id=str(report.pk),
        number=report.number,
        title=report.title,
        customer=tenant.name,
        provider=tenant.organization.name,
        requested_by=report.requested_as,
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
    )


def section_of(slug: str) -> str:
    """The section of a control, also of one that the catalogue no longer has."""
    known = catalogue().get(slug)
    return known.section if known else slug.partition("-")[0]


def _sections(
    findings: list[FindingFact], summaries: dict[str, Any], units: list[UnitFact], overrides: dict[str, Any]
) -> list[SectionFact]:
    by_control: dict[str, list[FindingFact]] = defaultdict(list)
    for fact in findings:
        by_control[fact.control].append(fact)
    facts: dict[str, list[ControlFact]] = {key: [] for key in SECTIONS}
    for control in catalogue().values():
        rows = by_control.pop(control.slug, [])
        facts[control.section].append(_control(control, rows, units, overrides.get(control.slug, {})))
    for slug, rows in sorted(by_control.items()):
        facts.setdefault(section_of(slug), []).append(_retired(slug, rows))
    sections = []
    for key, controls in facts.items():
        if not controls:
            continue
        nothing: dict[str, Any] = {"score": None, "coverage": None, "counts": {}}
        numbers = summaries["raw"]["sections"].get(key, nothing)
        sections.append(
            SectionFact(
                key=key,
                name=SECTIONS.get(key, key.title()),
                score=numbers["score"],
                adjusted=summaries["adjusted"]["sections"].get(key, nothing)["score"],
                coverage=numbers["coverage"],
                counts=numbers["counts"],
                controls=tuple(controls),
            )
        )
    return sections


_ORDER = ("fail", "unknown", "manual", "pass", "not_applicable")


def _sorted(rows: list[FindingFact]) -> tuple[FindingFact, ...]:
    return tuple(
        sorted(
            rows, key=lambda f: (_ORDER.index(f.outcome), -f.overdue_days, f.unit_name, f.subject.casefold())
        )
    )


def _control(
    control: Control, rows: list[FindingFact], units: list[UnitFact], override: dict[str, Any]
) -> ControlFact:
    kind = str(control.unit)
    missing = ""
    if not rows:
        judged = [unit for unit in units if unit.kind == kind]
        missing = (
            f"none of the {len(judged)} {'directories' if kind == 'directory' else 'subscriptions'} has a verdict"
            if judged
            else f"no {kind} was assessed"
        )
    parameters = {p.name: override.get(p.name, p.default) for p in control.parameters}
    return ControlFact(
        slug=control.slug,
        title=control.title,
        section=control.section,
        severity=str(control.severity),
        judged=control.judged,
        why=control.why,
        expected=control.expected_with(parameters),
        automated=not control.is_manual,
        references=control.references.by_framework(),
        parameters=parameters,
        counts=dict(Counter(fact.outcome for fact in rows)),
        not_evaluated=missing,
        findings=_sorted(rows),
    )


def _retired(slug: str, rows: list[FindingFact]) -> ControlFact:
    """A control that the catalogue of this version no longer has, with the verdicts that still stand."""
    return ControlFact(
        slug=slug,
        title=f"{slug} (no longer in the catalogue)",
        section=section_of(slug),
        severity=rows[0].severity,
        judged="",
        why="",
        expected=rows[0].expected,
        automated=True,
        references={},
        parameters={},
        counts=dict(Counter(fact.outcome for fact in rows)),
        not_evaluated="",
        findings=_sorted(rows),
    )


def _frameworks() -> tuple[tuple[str, int], ...]:
    """(framework, number of controls that refer to it)."""
    counted: Counter[str] = Counter()
    for control in catalogue().values():
        counted.update(control.references.by_framework().keys())
    return tuple(counted.items())


def _changes(assessment: Assessment) -> list[ChangeFact]:
    rows = FindingChange.objects.filter(assessment=assessment).select_related("finding")
    changes = []
    for row in rows.order_by("finding__severity_rank", "finding__control", "finding__subject_name"):
        if row.before_outcome == row.after_outcome:
            continue
        known = catalogue().get(row.finding.control)
        changes.append(
            ChangeFact(
                control=row.finding.control,
                title=known.title if known else row.finding.control,
                severity=row.finding.severity,
                subject_name=row.finding.subject_name,
                subject=row.finding.subject,
                before=row.before_outcome,
                after=row.after_outcome,
                reason=row.reason,
                at=row.at,
            )
        )
    return changes


def _integrity(tenant: Tenant, findings: list[FindingFact]) -> Integrity:
    head = journal.head(tenant)
    problems = journal.verify(tenant, head)
    cited = {sha for fact in findings for sha in fact.evidence}
    held = EvidenceItem.objects.filter(tenant=tenant, sha256__in=cited).count()
    missing = [f"{len(cited) - held} pieces of evidence that verdicts cite are not held."]
    return Integrity(
        journal_sequence=head.sequence,
        journal_hash=head.hash,
        journal_problems=tuple(
            [problem.message for problem in problems] + (missing if held != len(cited) else [])
        ),
        evidence_items=held,
    )


def unit_manifests(assessment: Assessment) -> list[tuple[Unit, dict[str, Any]]]:
    """(unit, its manifest) of each unit that has one: every document and the evidence that holds its parts."""
    return [(unit, unit.manifest.content) for unit in current_units(assessment) if unit.manifest is not None]


def moment_of(assessment: Assessment) -> datetime:
    """The time whose findings a report on this assessment states."""
    return assessment.ended_at or assessment.created_at
