"""The machine-readable files inside the PDF: results as JSON and CSV, the evidence manifest, OSCAL."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from assessments.models import Assessment, EvidenceItem, Unit
from portal.reports.facts import FindingFact
from portal.reports.kinds import KINDS
from portal.reports.oscal import assessment_results
from portal.reports.parts import identity, integrity, results
from portal.reports.parts.comparison import comparison_table
from portal.reports.parts.exceptions import exceptions_table
from portal.reports.parts.framework import framework_table
from portal.reports.parts.part import ReportFacts
from portal.reports.section_facts import ControlFact, SectionFact
from portal.reports.unit_facts import report_units
from portal.spreadsheets import BYTE_ORDER_MARK, csv_file, escape_formula
from tenants.models import Tenant

RESULTS_FORMAT: Final = "surety-results/1"
MANIFEST_FORMAT: Final = "surety-evidence-manifest/1"
COLUMNS: Final = (
    "section", "control", "title", "severity", "outcome", "subscription_or_directory", "unit", "subject_name",
    "subject", "subject_type", "resource_group", "reason", "expected", "observed", "observed_sha256",
    "unknown_because", "evidence_sha256", "collected_at", "first_seen_at", "changed_at", "failing_since",
    "due_at", "overdue_days", "state", "owner", "exception", "acknowledged", "fix",
    "known_with", "confirmed_at",
)  # fmt: skip

# A unit and the content of its manifest.
type UnitManifest = tuple[Unit, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to attach to the PDF. `relationship` is one of PDF/A-3: Data, Supplement, Source or Alternative."""

    name: str
    description: str
    content: bytes
    relationship: str = "Data"

    @property
    def sha256(self) -> str:
        """SHA-256 of the content, lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()


def attach(
    facts: ReportFacts, tenant: Tenant, manifests: Iterable[UnitManifest]
) -> tuple[ReportFacts, list[Attachment]]:
    """Return the facts, in which the hashes of manifest and results are now filled in, and the attachments."""
    manifest = Attachment(
        "evidence-manifest.json",
        "Every document read and every piece of evidence, with its SHA-256",
        json_file(evidence_manifest(facts, tenant, manifests)),
        "Source",
    )
    facts = _with_hashes(facts, evidence_sha256=manifest.sha256)
    results_file = Attachment(
        "results.json",
        "All verdicts, exceptions, attestations and collections, as JSON",
        results_json(facts),
    )
    facts = _with_hashes(facts, results_sha256=results_file.sha256)
    table = Attachment("results.csv", "All verdicts, one per row, as CSV", results_csv(facts))
    numbers = Attachment(
        "framework.csv",
        "Every number of the report’s framework with its result, one per row, as CSV",
        csv_file(*framework_table(facts)),
    )
    oscal = Attachment(
        "oscal-assessment-results.json",
        "The results in NIST’s OSCAL 1.1.2, assessment results model",
        json_file(assessment_results(facts)),
        "Alternative",
    )
    register = Attachment(
        "exceptions.csv", "Every exception, one per row, as CSV", csv_file(*exceptions_table(facts))
    )
    changes = Attachment(
        "changes.csv",
        "Every finding that differs between the assessments, one per row, as CSV",
        csv_file(*comparison_table(facts)),
    )
    files = [results_file, table, numbers, register, changes, manifest, oscal]
    attached = KINDS[facts.of(identity.PART).identity.kind].attachments
    return facts, [file for file in files if file.name in attached]


def _with_hashes(facts: ReportFacts, *, evidence_sha256: str = "", results_sha256: str = "") -> ReportFacts:
    current = facts.of(integrity.PART).integrity
    updated = replace(
        current,
        evidence_sha256=evidence_sha256 or current.evidence_sha256,
        results_sha256=results_sha256 or current.results_sha256,
    )
    return facts.replace(integrity.PART, integrity.IntegrityFacts(updated))


def unit_manifests(assessment: Assessment) -> list[UnitManifest]:
    """Return the units that have a manifest, each with the manifest's content.

    A manifest lists every collected document. For each document, it names the evidence that contains parts of the
    document.
    """
    units = report_units(assessment)
    return [(unit, unit.manifest.content) for unit in units if unit.manifest is not None]


def results_json(facts: ReportFacts) -> bytes:
    """Return `results.json`: the facts of all parts, with each verdict on a line of its own.

    Verdicts are encoded one by one: a copy of all facts as dicts would need gigabytes for 200,000 verdicts.
    """
    out = io.BytesIO()
    _write_json(out, {"format": RESULTS_FORMAT, **facts.values()})
    out.write(b"\n")
    return out.getvalue()


def _write_json(out: io.BytesIO, value: object) -> None:
    """Write the value as JSON with sorted keys. Lists of sections, controls and verdicts are written item by item."""
    if isinstance(value, dict):
        for number, (key, item) in enumerate(sorted(value.items())):
            out.write(f"{',' if number else '{'}\n{_ENCODER.encode(key)}: ".encode())
            if (
                isinstance(item, tuple)
                and item
                and isinstance(item[0], SectionFact | ControlFact | FindingFact)
            ):
                for place, row in enumerate(item):
                    out.write(b"," if place else b"[")
                    out.write(b"\n")
                    _write_json(out, row)
                out.write(b"]")
            else:
                out.write(_ENCODER.encode(item).encode())
        out.write(b"}")
    elif isinstance(value, SectionFact | ControlFact):
        _write_json(out, _plain(value))
    else:
        out.write(_ENCODER.encode(value).encode())


def evidence_manifest(
    facts: ReportFacts, tenant: Tenant, manifests: Iterable[UnitManifest]
) -> dict[str, Any]:
    """Return the units' manifests, and the source, time and request of each piece of evidence that a manifest or a
    verdict cites.

    An evidence hash is the SHA-256 of the content as canonical JSON (sorted keys, no blanks, UTF-8).
    """
    units = []
    hashes = {sha for fact in facts.of(results.PART).findings for sha in fact.evidence}
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
    report = facts.of(identity.PART).identity
    return {
        "format": MANIFEST_FORMAT,
        "report": report.report_id,
        "assessment": report.assessment_number,
        "hash": "SHA-256 over canonical JSON: sorted keys, no blanks, UTF-8",
        "evidence": list(items.values(*fields)),
        "units": units,
    }


def results_csv(facts: ReportFacts) -> bytes:
    """Return `results.csv`: one row per verdict, UTF-8 with a byte order mark, which spreadsheets need."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for section in facts.of(results.PART).sections:
        for control in section.controls:
            for fact in control.findings:
                writer.writerow(_cell(value) for value in _row(section.name, control.title, fact))
    return (BYTE_ORDER_MARK + out.getvalue()).encode()


def _row(section: str, title: str, fact: FindingFact) -> list[Any]:
    return [
        section, fact.control, title, fact.severity, fact.outcome, fact.unit_name, fact.unit, fact.subject_name,
        fact.subject, fact.subject_type, fact.resource_group, fact.reason, fact.expected,
        fact.observed_text, fact.observed_sha256,
        fact.unknown_because, " ".join(fact.evidence), fact.collected_at, fact.first_seen_at, fact.changed_at,
        fact.failing_since, fact.due_at, fact.overdue_days or "",
        fact.shown, fact.owner, fact.exception, fact.acknowledged, fact.fix, fact.known_with,
        fact.confirmed_at,
    ]  # fmt: skip


def _cell(value: Any) -> str:
    return escape_formula(
        _timestamp(value) if isinstance(value, date) else "" if value is None else str(value)
    )


def json_file(content: Mapping[str, Any]) -> bytes:
    """Return the content as JSON with sorted keys and UTC times."""
    return (
        json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, default=_timestamp) + "\n"
    ).encode()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return dict(value) if isinstance(value, Mapping) else _timestamp(value)


_ENCODER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain)


def _timestamp(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(f"Cannot write {type(value).__name__} to a report's attachment.")
