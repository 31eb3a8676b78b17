"""Write the machine-readable files inside the PDF: results as JSON and CSV, the evidence manifest, and OSCAL.

The files are written as streams, because a report can have hundreds of thousands of verdicts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import batched, chain, islice
from typing import Any, Final

from assessments.models import Assessment, EvidenceItem, Unit
from portal.files.spreadsheets import BYTE_ORDER_MARK, csv_chunks, escape_formula
from portal.reports.attachment_files import (
    ALWAYS_LISTED,
    Attachment,
    AttachmentWriter,
    Lines,
    shallow,
    timestamp,
    write_json,
)
from portal.reports.facts.evidence import stored_evidence
from portal.reports.facts.finding_store import columns_of
from portal.reports.facts.sections import ControlFact, SectionFact
from portal.reports.facts.units import report_units
from portal.reports.kinds import KINDS
from portal.reports.parts import identity, integrity, results
from portal.reports.parts.comparison import comparison_table
from portal.reports.parts.exceptions import exceptions_table
from portal.reports.parts.framework import framework_table
from portal.reports.parts.part import ReportFacts
from portal.reports.parts.period import period_table
from portal.reports.parts.resource_changes import CSV_FILE, ResourceChanges, resource_changes_table
from portal.reports.reperformance.inputs import JUDGING, SHORT_HASH, judging_of
from tenants.models import Tenant

RESULTS_FORMAT: Final = "surety-results/1"
MANIFEST_FORMAT: Final = "surety-evidence-manifest/1"
LARGE_MANIFEST_FORMAT: Final = "surety-evidence-manifest/2"
COLUMNS: Final = (
    "section", "control", "title", "severity", "outcome", "subscription_or_directory", "unit", "subject_name",
    "subject", "subject_type", "resource_group", "reason", "expected", "observed", "observed_sha256",
    "unknown_because", "evidence_sha256", "collected_at", "first_seen_at", "changed_at", "failing_since",
    "due_at", "overdue_days", "state", "owner", "exception", "acknowledged", "fix",
    "known_with", "confirmed_at", "remarks",
)  # fmt: skip

_JSON: Final = "application/json"
_CSV: Final = "text/csv"
_ROWS_PER_WRITE: Final = 500
# Maximum number of escaped texts that are kept in memory while `results.csv` is written (`_Escaped`).
_SHARED_CELLS: Final = 20_000

_OSCAL: Final = "oscal-assessment-results.json"
# Small CSV files: {name of the file: (description, function that returns header and rows)}.
_TABLES: Final[
    Mapping[str, tuple[str, Callable[[ReportFacts], tuple[Sequence[str], Iterable[Sequence[object]]]]]]
] = {
    "framework.csv": (
        "Every requirement of the report’s framework with its result, as CSV with one row for each requirement",
        framework_table,
    ),
    "exceptions.csv": ("Every exception, as CSV with one row for each exception", exceptions_table),
    "period.csv": (
        "What happened in the period: failing days, changed verdicts and treatments, as CSV",
        period_table,
    ),
    CSV_FILE: (
        "Every change of a resource with actors, verdicts and review, as CSV with one row for each changed property",
        resource_changes_table,
    ),
    "changes.csv": (
        "Every finding that differs between the assessments, as CSV with one row for each finding",
        comparison_table,
    ),
}

# A unit and the content of its manifest.
type UnitManifest = tuple[Unit, Mapping[str, Any]]


def attach(
    facts: ReportFacts, tenant: Tenant, manifests: Callable[[], Iterable[UnitManifest]]
) -> tuple[ReportFacts, list[Attachment]]:
    """Return the attachments, and a copy of the facts that has the hashes of the attachments.

    The kind of report decides which files are attached. `results.json` lists the hashes of all other files, except the
    OSCAL file: that file refers to `results.json`. `manifests` returns the units with their manifests
    (`unit_manifests`), and is called twice.
    """
    names = KINDS[facts.of(identity.PART).identity.kind].attachments
    cited: set[bytes] = set()
    files: dict[str, Attachment] = {}
    if "results.csv" in names:
        table = write_results_csv(facts, cited)
        files["results.csv"] = table.attachment(
            "results.csv", "All verdicts, as CSV with one row for each verdict", _CSV
        )
    else:
        for control in facts.of(results.PART).controls:
            for evidence, _ in columns_of(control.findings, "evidence", "id"):
                cited.update(map(bytes.fromhex, evidence))
    # Write the manifest even if it is not attached, because the results state its hash.
    manifest = write_manifest(facts, tenant, manifests, cited).attachment(
        "evidence-manifest.json",
        "Every document that was read and every item of evidence, with its SHA-256",
        _JSON,
        "Source",
    )
    files[manifest.name] = manifest
    for name, (description, rows) in _TABLES.items():
        if name in names:
            out = AttachmentWriter()
            header, lines = rows(facts)
            for piece in csv_chunks(chain([header], lines)):
                out.write(piece)
            files[name] = out.attachment(name, description, _CSV)
    facts = _with_hashes(
        facts,
        evidence_sha256=manifest.sha256,
        attachments={name: files[name].sha256 for name in names if name in files},
    )
    results_file = write_results_json(facts).attachment(
        "results.json", "Verdicts, exceptions, attestations and collections, as JSON", _JSON
    )
    files[results_file.name] = results_file
    facts = _with_hashes(facts, results_sha256=results_file.sha256)
    if _OSCAL in names:
        document = AttachmentWriter()
        # Import the classes of OSCAL here, because only workers that write this file need them.
        from portal.reports.attachments.oscal import assessment_results

        write_json(document, assessment_results(facts))
        files[_OSCAL] = document.attachment(
            _OSCAL, "The results in the assessment results model of NIST’s OSCAL 1.1.2", _JSON, "Alternative"
        )
    return facts, [files[name] for name in names]


def _with_hashes(facts: ReportFacts, **hashes: Any) -> ReportFacts:
    updated = replace(facts.of(integrity.PART).integrity, **hashes)
    return facts.replace(integrity.PART, integrity.IntegrityFacts(updated))


def unit_manifests(assessment: Assessment) -> Callable[[], Iterator[UnitManifest]]:
    """Return a function that reads the manifests of the assessment's units each time it is called."""
    return lambda: _unit_manifests(assessment)


def _unit_manifests(assessment: Assessment) -> Iterator[UnitManifest]:
    """Yield the units that have a manifest, each with the content of its manifest. The content is read only when the
    unit is yielded.

    A manifest names, for every collected document, the evidence that contains parts of it.
    """
    for unit in report_units(assessment):
        if unit.manifest is not None:
            rows = EvidenceItem.objects.filter(tenant=assessment.tenant_id, pk=unit.manifest.pk)
            yield unit, rows.values_list("content", flat=True).get()


def write_results_json(facts: ReportFacts) -> AttachmentWriter:
    """Write `results.json`, which has the facts of all parts of the report, and each verdict on a line of its own.

    In a large report, each control lists at most `ResultsFacts.listed_at_most` verdicts that pass, and at most the same
    number of verdicts that are not applicable. `findings_not_listed` is {outcome: number of unlisted verdicts}.
    """
    out = AttachmentWriter()
    limit = facts.of(results.PART).listed_at_most
    content = {"format": RESULTS_FORMAT, **facts.values()}
    changes: ResourceChanges | None = content.get("resource_changes")
    if changes is not None:
        listed = Lines(changes.changes, is_flat=True)
        content["resource_changes"] = dict(sorted({**shallow(changes), "changes": listed}.items()))
    sections: Iterable[SectionFact] = content["sections"]
    content["sections"] = Lines(_section(section, limit) for section in sections)
    write_json(out, dict(sorted(content.items())))
    return out


def _section(section: SectionFact, limit: int | None) -> dict[str, Any]:
    controls = Lines(_control(control, limit) for control in section.controls)
    return dict(sorted({**shallow(section), "controls": controls}.items()))


def _control(control: ControlFact, limit: int | None) -> dict[str, Any]:
    others = {outcome: control.counts.get(outcome, 0) for outcome in ("pass", "not_applicable")}
    listed = chain(
        control.of_outcome(*ALWAYS_LISTED),
        *(islice(control.of_outcome(outcome), limit) for outcome in others),
    )
    hidden = {
        outcome: number - limit for outcome, number in others.items() if limit is not None and number > limit
    }
    found = {**shallow(control), "findings": Lines(listed, is_flat=True), "findings_not_listed": hidden}
    return dict(sorted(found.items()))


def write_manifest(
    facts: ReportFacts, tenant: Tenant, manifests: Callable[[], Iterable[UnitManifest]], cited: set[bytes]
) -> AttachmentWriter:
    """Write `evidence-manifest.json`: the units' manifests, and the source, time and request id of each cited item of
    evidence.

    The hash of evidence is the SHA-256 of its content as canonical JSON (sorted keys, no blanks, UTF-8).
    `manifest_sha256` is the hash of a unit's manifest, computed in the same way. The key `judging` has the data for
    judging verdicts again (`portal.reports.reperformance`).

    In a large report, the manifests cite evidence by its index in the list `evidence` instead of its hash, because
    hashes cannot be compressed. But `manifest_sha256` is always the hash of the manifest with hashes. So replace the
    indexes by the hashes before you compute the hash of a manifest.
    """
    hashes, judging = set(cited), []
    for unit, content in manifests():
        hashes.update(_hashes(content))
        judging.append(judging_of(unit))
    places: dict[bytes, int] | None = {} if facts.of(results.PART).listed_at_most is not None else None
    report = facts.of(identity.PART).identity
    out = AttachmentWriter()
    write_json(
        out,
        {
            "format": MANIFEST_FORMAT if places is None else LARGE_MANIFEST_FORMAT,
            "report": report.report_id,
            "assessment": report.assessment_number,
            "hash": "SHA-256 over canonical JSON: sorted keys, no blanks, UTF-8",
            "evidence": Lines(_evidence(tenant, hashes, places), is_flat=True),
            "units": Lines(_manifest(unit, content, places) for unit, content in manifests()),
            JUDGING: Lines(judging),
        },
    )
    return out


def _hashes(content: Mapping[str, Any]) -> Iterator[bytes]:
    for scopes in content.get("answers", {}).values():
        for documents in scopes.values():
            for _, shas in documents:
                yield from map(bytes.fromhex, shas)


def _evidence(
    tenant: Tenant, hashes: set[bytes], places: dict[bytes, int] | None
) -> Iterator[dict[str, Any]]:
    """Yield the stored evidence, sorted by document, because neighbouring items with equal properties compress well.

    Fills `places` with {hash: index in the list}, unless `places` is None.
    """
    fields = ("sha256", "source", "collection", "document_id", "api_version", "request_id", "collected_at")
    rows = stored_evidence(tenant, hashes).order_by("collection", "document_id", "sha256")
    for place, row in enumerate(rows.values(*fields).iterator(chunk_size=2000)):
        if places is not None:
            places[bytes.fromhex(row["sha256"])] = place
        row["collected_at"] = timestamp(row["collected_at"])
        yield row


def _manifest(unit: Unit, content: Mapping[str, Any], places: Mapping[bytes, int] | None) -> dict[str, Any]:
    """Return a unit's manifest for `evidence-manifest.json`.

    Evidence is cited by its index in `places` (see `_evidence`) or, if it has no index, by its hash.
    """
    own = {"name": unit.name, "manifest_sha256": unit.manifest.sha256 if unit.manifest else ""}
    if places is None:
        return {**content, **own}
    answers = {
        collection: {
            scope: [
                (document, [places.get(bytes.fromhex(sha), sha) for sha in shas])
                for document, shas in documents
            ]
            for scope, documents in scopes.items()
        }
        for collection, scopes in content.get("answers", {}).items()
    }
    return {**content, **own, "answers": answers}


def write_results_csv(facts: ReportFacts, cited: set[bytes]) -> AttachmentWriter:
    """Write `results.csv` with one row per verdict, in UTF-8 with a byte order mark, which spreadsheets need.

    Adds the hashes of cited evidence to `cited`. In a large report, the table has only 12 digits of each hash: whole
    hashes would make the file a third larger.
    """
    out, lines = AttachmentWriter(), io.StringIO()
    digits = SHORT_HASH if facts.of(results.PART).listed_at_most is not None else None
    lines.write(BYTE_ORDER_MARK)
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for rows in batched(_rows(facts, cited, digits), _ROWS_PER_WRITE):
        writer.writerows(rows)
        out.write(lines.getvalue().encode())
        lines.seek(0)
        lines.truncate()
    out.write(lines.getvalue().encode())
    return out


class _Escaped(dict[str, str]):
    """{text: the text escaped for a cell}, for texts that many verdicts share, so that each is escaped only once."""

    def __missing__(self, text: str) -> str:
        cell = escape_formula(text)
        if len(self) < _SHARED_CELLS:
            self[text] = cell
        return cell


def _rows(facts: ReportFacts, cited: set[bytes], digits: int | None) -> Iterator[list[object]]:
    shared = _Escaped()
    for section in facts.of(results.PART).sections:
        for control in section.controls:
            begin = shared[section.name], shared[control.slug], shared[control.title]
            for values in columns_of(control.findings, *_VALUES):
                yield _row(begin, values, shared, cited, digits)


# The fields of a finding in the order of the columns of results.csv. The columns section, control and title precede
# them.
_VALUES: Final = (
    "severity", "outcome", "unit_name", "unit", "subject_name", "subject", "subject_type", "resource_group", "reason",
    "expected", "observed_text", "observed_sha256", "unknown_because", "evidence", "collected_at", "first_seen_at",
    "changed_at", "failing_since", "due_at", "overdue_days", "shown", "owner", "exception", "acknowledged", "fix",
    "known_with", "confirmed_at", "remarks",
)  # fmt: skip


def _row(
    begin: tuple[str, str, str],
    values: tuple[Any, ...],
    shared: _Escaped,
    cited: set[bytes],
    digits: int | None,
) -> list[object]:
    """Return the cells of a verdict's row in results.csv. Add the hashes of its evidence to `cited`."""
    (
        severity, outcome, unit_name, unit, subject_name, subject, subject_type, resource_group, reason,
        expected, observed_text, observed_sha256, unknown_because, evidence, collected_at, first_seen_at,
        changed_at, failing_since, due_at, overdue_days, shown, owner, exception, acknowledged, fix,
        known_with, confirmed_at, remarks,
    ) = values  # fmt: skip
    cited.update(map(bytes.fromhex, evidence))
    return [
        *begin, shared[severity], shared[outcome], shared[unit_name], shared[unit], escape_formula(subject_name),
        escape_formula(subject), shared[subject_type], shared[resource_group], shared[reason], shared[expected],
        escape_formula(observed_text), observed_sha256[:digits], shared[unknown_because],
        " ".join([sha[:digits] for sha in evidence]), _time(collected_at), _time(first_seen_at), _time(changed_at),
        _time(failing_since), _time(due_at), overdue_days or "", shared[shown], shared[owner], exception,
        shared[acknowledged], shared[fix], shared[known_with], _time(confirmed_at),
        shared["\n".join(remarks)],
    ]  # fmt: skip


def _time(value: datetime | None) -> str:
    return "" if value is None else timestamp(value)
