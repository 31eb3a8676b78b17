"""The machine-readable files inside the PDF: results as JSON and CSV, the evidence manifest, OSCAL."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from assessments.models import EvidenceItem, Unit
from portal.reports.facts import FindingFact, ReportFacts
from portal.reports.oscal import assessment_results
from portal.spreadsheets import BYTE_ORDER_MARK, escape_formula
from tenants.models import Tenant

RESULTS_FORMAT = "surety-results/1"
MANIFEST_FORMAT = "surety-evidence-manifest/1"
COLUMNS = (
    "section", "control", "title", "severity", "outcome", "subscription_or_directory", "unit", "subject_name",
    "subject", "subject_type", "resource_group", "reason", "expected", "observed", "observed_sha256",
    "unknown_because", "evidence_sha256", "collected_at", "first_seen_at", "changed_at", "failing_since",
    "due_at", "overdue_days", "state", "owner", "exception", "acknowledged",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attached:
    """A file for the PDF. `relationship` is PDF/A-3's (Data, Supplement, Source, Alternative)."""

    name: str
    description: str
    content: bytes
    relationship: str = "Data"

    @property
    def sha256(self) -> str:
        """SHA-256 of the content, lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()


def attach(
    facts: ReportFacts, tenant: Tenant, manifests: Iterable[tuple[Unit, Mapping[str, Any]]]
) -> tuple[ReportFacts, list[Attached]]:
    """The files, and the facts with the hashes of manifest and results filled in."""
    manifest = Attached(
        "evidence-manifest.json",
        "Every document that was read and every piece of evidence, by its SHA-256",
        _json(evidence_manifest(facts, tenant, manifests)),
        "Source",
    )
    facts = replace(facts, integrity=replace(facts.integrity, evidence_sha256=manifest.sha256))
    results = Attached(
        "results.json",
        "All results, exceptions, attestations and what was read, as JSON",
        _json(results_of(facts)),
    )
    facts = replace(facts, integrity=replace(facts.integrity, results_sha256=results.sha256))
    table = Attached("results.csv", "All results, one verdict a row", results_csv(facts))
    oscal = Attached(
        "oscal-assessment-results.json",
        "The results in NIST's OSCAL 1.1.2, assessment results model",
        _json(assessment_results(facts)),
        "Alternative",
    )
    return facts, [results, table, manifest, oscal]


def results_of(facts: ReportFacts) -> dict[str, Any]:
    """`results.json`: the facts as they are, with the format's name."""
    return {"format": RESULTS_FORMAT, **asdict(facts)}


def evidence_manifest(
    facts: ReportFacts, tenant: Tenant, manifests: Iterable[tuple[Unit, Mapping[str, Any]]]
) -> dict[str, Any]:
    """The manifests of the units, and source, time and request of every piece of evidence that is cited.

    An evidence hash is the SHA-256 of the content as canonical JSON (sorted keys, no blanks, UTF-8).
    """
    units = []
    hashes = {sha for fact in facts.findings for sha in fact.evidence}
    for unit, content in manifests:
        units.append(
            {"name": unit.name, "manifest_sha256": unit.manifest.sha256 if unit.manifest else "", **content}
        )
        hashes |= {
            sha
            for scopes in content.get("answers", {}).values()
            for documents in scopes.values()
            for _, shas in documents
            for sha in shas
        }
    items = EvidenceItem.objects.filter(tenant=tenant, sha256__in=hashes).order_by("sha256")
    fields = ("sha256", "source", "collection", "document_id", "api_version", "request_id", "collected_at")
    return {
        "format": MANIFEST_FORMAT,
        "report": facts.identity.report_id,
        "assessment": facts.identity.assessment_number,
        "hash": "SHA-256 over canonical JSON: sorted keys, no blanks, UTF-8",
        "evidence": list(items.values(*fields)),
        "units": units,
    }


def results_csv(facts: ReportFacts) -> bytes:
    """A row for each verdict, UTF-8 with a byte order mark (spreadsheets need it)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for section in facts.sections:
        for control in section.controls:
            for fact in control.findings:
                writer.writerow(_cell(value) for value in _row(section.name, control.title, fact))
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def _row(section: str, title: str, fact: FindingFact) -> list[Any]:
    return [
        section, fact.control, title, fact.severity, fact.outcome, fact.unit_name, fact.unit, fact.subject_name,
        fact.subject, fact.subject_type, fact.resource_group, fact.reason, fact.expected,
        json.dumps(fact.observed, sort_keys=True, ensure_ascii=False, default=_plain), fact.observed_sha256,
        fact.unknown_because, " ".join(fact.evidence), fact.collected_at, fact.first_seen_at, fact.changed_at,
        fact.failing_since, fact.due_at, fact.overdue_days or "",
        fact.shown, fact.owner, fact.exception, fact.acknowledged,
    ]  # fmt: skip


def _cell(value: Any) -> str:
    return escape_formula(_plain(value) if isinstance(value, date) else "" if value is None else str(value))


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, default=_plain) + "\n").encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(f"{type(value).__name__} has no place in a report's attachment")
