"""The verdicts of a report: current verdicts, or the verdicts of an earlier assessment, reconstructed from changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from assessments.display.names import Names
from assessments.display.observed import on_one_line
from assessments.display.sentences import sentence
from assessments.display.subjects import subject_text
from assessments.evaluate import digest
from assessments.fixes_of_findings import FindingFixes
from assessments.models import Assessment, EvidenceItem, Finding, FindingChange, Unit
from assessments.selectors import findings as current_findings
from assessments.selectors import last_units
from assessments.unknown import needed_for
from portal.reports.facts import FindingFact
from portal.treatment.due_dates import due_date
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict of a finding at one moment. `is_current`: the verdict has not changed since that moment."""

    outcome: str
    observed: dict[str, Any]
    reason: str
    changed_at: datetime
    failing_since: datetime | None
    is_current: bool


def finding_facts(
    tenant: Tenant,
    assessment: Assessment,
    *,
    historic: bool,
    unit_names: dict[str, str],
    names: Names,
    read_at: Mapping[str, datetime],
) -> list[FindingFact]:
    """Return the findings as they were at the end of the assessment, most severe first, without treatment.

    `historic`: reconstruct the verdicts, because a later assessment exists. `unit_names`: {`Finding.unit`: name}.
    `read_at`: {`Finding.unit`: when the subscription or directory was last read}.
    """
    zone = ZoneInfo(tenant.timezone)
    as_of = assessment.ended_at or assessment.created_at
    if historic:
        rows = list(_reconstructed(tenant, assessment))
    else:
        rows = [(finding, _current(finding)) for finding in current_findings(tenant)]
    collected = _collection_times({sha for finding, _ in rows for sha in finding.evidence}, tenant)
    fixes = FindingFixes(tenant)
    last = last_units(tenant.pk, unit_names)
    facts = []
    for finding, verdict in rows:
        where = fixes.facts(finding.subject, verdict.observed)
        evidence = tuple(finding.evidence) if verdict.is_current else ()
        due = None
        if verdict.outcome == "fail":
            due = due_date(tenant.due_days, finding.severity, verdict.failing_since)
        facts.append(
            FindingFact(
                id=str(finding.pk),
                control=finding.control,
                severity=finding.severity,
                subject=finding.subject,
                subject_name=subject_text(finding.subject, finding.subject_name, names),
                subject_type=finding.subject_type,
                resource_group=finding.resource_group,
                unit=finding.unit,
                unit_name=unit_names.get(finding.unit, finding.unit),
                outcome=verdict.outcome,
                reason=sentence(verdict.reason, names),
                expected=sentence(finding.expected, names),
                observed=verdict.observed,
                observed_text=on_one_line(
                    verdict.observed, names, zone, finding.remarks if verdict.is_current else ()
                ),
                observed_sha256=finding.observed_sha256 if verdict.is_current else digest(verdict.observed),
                unknown_because=finding.unknown_because if verdict.is_current else "",
                remarks=tuple(sentence(str(remark), names) for remark in finding.remarks)
                if verdict.is_current
                else (),
                evidence=evidence,
                first_seen_at=finding.first_seen_at,
                changed_at=verdict.changed_at,
                collected_at=max((collected[sha] for sha in evidence if sha in collected), default=None),
                failing_since=verdict.failing_since,
                due_at=due,
                overdue_days=max(0, (as_of - due).days) if due else 0,
                fix=fixes.text(finding.control, where) if verdict.outcome == "fail" else "",
                directory=where.directory,
                cloud=where.cloud,
                subscription=where.subscription_name,
                known_with=_known_with(finding, verdict, last.get(finding.unit), unit_names),
                confirmed_at=read_at.get(finding.unit) if verdict.outcome != "unknown" else None,
            )
        )
    return facts


def _known_with(
    finding: Finding,
    verdict: Verdict,
    unit: Unit | None,
    unit_names: Mapping[str, str],
) -> str:
    """Return what would make an unknown verdict known; empty for all other verdicts, and for verdicts that have changed
    since.
    """
    if verdict.outcome != Finding.Outcome.UNKNOWN or not verdict.is_current:
        return ""
    place = unit_names.get(finding.unit, "")
    gaps, coverage = (unit.gaps, unit.coverage) if unit is not None else ([], {})
    needed = needed_for(finding.control, finding.unknown_because, gaps, place, coverage)
    return needed.sentence if needed else ""


def _current(finding: Finding) -> Verdict:
    return Verdict(
        finding.outcome, finding.observed, finding.reason, finding.changed_at, finding.failing_since, True
    )


def _reconstructed(tenant: Tenant, assessment: Assessment) -> Iterator[tuple[Finding, Verdict]]:
    """Yield each finding that existed at the end of the assessment, with the verdict that it had then."""
    history: dict[Any, list[FindingChange]] = {}
    newest: dict[Any, int] = {}
    rows = FindingChange.objects.filter(tenant=tenant).select_related("assessment")
    for change in rows.order_by("assessment__number").iterator(chunk_size=2000):
        newest[change.finding_id] = change.assessment.number
        if change.assessment.number <= assessment.number:
            history.setdefault(change.finding_id, []).append(change)
    for finding in current_findings(tenant, gone=True).iterator(chunk_size=2000):
        changes = history.get(finding.pk)
        if not changes or changes[-1].after_outcome == "gone":
            continue
        last = changes[-1]
        changed_at = last.at
        failing_since: datetime | None = None
        for change in changes:
            if change.before_outcome != change.after_outcome:
                changed_at = change.at
                if change.after_outcome == "fail":
                    failing_since = failing_since or change.at
                elif change.after_outcome != "unknown":
                    failing_since = None
        yield (
            finding,
            Verdict(
                last.after_outcome,
                last.after_observed or {},
                last.reason,
                changed_at,
                failing_since,
                is_current=newest[finding.pk] <= assessment.number,
            ),
        )


def _collection_times(hashes: set[str], tenant: Tenant) -> dict[str, datetime]:
    """Return {hash of a piece of evidence: when Surety first read exactly this content}."""
    rows = EvidenceItem.objects.filter(tenant=tenant, sha256__in=hashes)
    return dict(rows.values_list("sha256", "collected_at"))
