"""The verdicts that a report states: the present ones, or those of an earlier assessment, from its changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessments.evaluate import digest
from assessments.models import Assessment, EvidenceItem, Finding, FindingChange
from assessments.selectors import findings as present_findings
from portal.reports.facts import FindingFact
from portal.treatment.due_dates import due_date
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Verdict:
    """What decides a finding at one moment."""

    outcome: str
    observed: dict[str, Any]
    reason: str
    changed_at: datetime
    failing_since: datetime | None
    is_present: bool


def finding_facts(
    tenant: Tenant, assessment: Assessment, *, historic: bool, unit_names: dict[str, str]
) -> list[FindingFact]:
    """The findings as of the assessment, gravest first. For an earlier one the verdicts are rebuilt."""
    as_of = assessment.ended_at or assessment.created_at
    if historic:
        rows = list(_earlier(tenant, assessment))
    else:
        rows = [(finding, _present(finding)) for finding in present_findings(tenant)]
    collected = _collected({sha for finding, _ in rows for sha in finding.evidence}, tenant)
    facts = []
    for finding, verdict in rows:
        evidence = tuple(finding.evidence) if verdict.is_present else ()
        due = None
        if verdict.outcome == "fail":
            due = due_date(tenant.due_days, finding.severity, verdict.failing_since)
        facts.append(
            FindingFact(
                id=str(finding.pk),
                control=finding.control,
                severity=finding.severity,
                subject=finding.subject,
                subject_name=finding.subject_name,
                subject_type=finding.subject_type,
                resource_group=finding.resource_group,
                unit=finding.unit,
                unit_name=unit_names.get(finding.unit, finding.unit),
                outcome=verdict.outcome,
                reason=verdict.reason,
                expected=finding.expected,
                observed=verdict.observed,
                observed_sha256=(finding.observed_sha256 if verdict.is_present else digest(verdict.observed)),
                unknown_because=finding.unknown_because if verdict.is_present else "",
                remarks=tuple(map(str, finding.remarks)) if verdict.is_present else (),
                evidence=evidence,
                first_seen_at=finding.first_seen_at,
                changed_at=verdict.changed_at,
                collected_at=max((collected[sha] for sha in evidence if sha in collected), default=None),
                failing_since=verdict.failing_since,
                due_at=due,
                overdue_days=max(0, (as_of - due).days) if due else 0,
            )
        )
    return facts


def _present(finding: Finding) -> Verdict:
    return Verdict(
        finding.outcome, finding.observed, finding.reason, finding.changed_at, finding.failing_since, True
    )


def _earlier(tenant: Tenant, assessment: Assessment) -> Iterator[tuple[Finding, Verdict]]:
    """Each finding that existed then, with the verdict that the changes up to then leave it with."""
    history: dict[Any, list[FindingChange]] = {}
    newest: dict[Any, int] = {}
    rows = FindingChange.objects.filter(tenant=tenant).select_related("assessment")
    for change in rows.order_by("assessment__number").iterator(chunk_size=2000):
        newest[change.finding_id] = change.assessment.number
        if change.assessment.number <= assessment.number:
            history.setdefault(change.finding_id, []).append(change)
    for finding in present_findings(tenant, gone=True).iterator(chunk_size=2000):
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
        is_present = newest[finding.pk] <= assessment.number
        yield (
            finding,
            Verdict(
                last.after_outcome,
                last.after_observed or {},
                last.reason,
                changed_at,
                failing_since,
                is_present,
            ),
        )


def _collected(hashes: set[str], tenant: Tenant) -> dict[str, datetime]:
    """When each piece of evidence was first read exactly so."""
    rows = EvidenceItem.objects.filter(tenant=tenant, sha256__in=hashes)
    return dict(rows.values_list("sha256", "collected_at"))
