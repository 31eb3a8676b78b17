"""The machine-readable files inside a portfolio report: results as JSON with their schema, and a table as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from portal.files.spreadsheets import csv_file
from portal.portfolio_reports.facts import CustomerFact, PortfolioFacts
from portal.reports.attachment_files import Attachment, AttachmentWriter, encode, shallow, timestamp
from portal.reports.facts.presentation import SEVERITIES

FORMAT: Final = "surety-portfolio/1"
RESULTS, TABLE, SCHEMA = "results.json", "customers.csv", "results.schema.json"
SCHEMA_FILE: Final = Path(__file__).with_name(SCHEMA)
COLUMNS: Final = (
    "customer", "id", "labels", "state", "reason", "read_at", "assessment", "score", "difference", "coverage",
    *(f"open_{name}" for name in SEVERITIES), "overdue", "overdue_in_30_days", "unknown", "to_attest",
    "exceptions_pending", "exceptions_ending", "most_urgent", "next", "controls_not_judged",
)  # fmt: skip


def attach(facts: PortfolioFacts) -> tuple[PortfolioFacts, list[Attachment]]:
    """Return a copy of the facts that has the hashes of the attachments. Also return the attachments themselves."""
    table, schema, results = AttachmentWriter(), AttachmentWriter(), AttachmentWriter()
    table.write(csv_file(COLUMNS, _rows(facts)))
    schema.write(SCHEMA_FILE.read_bytes())
    files = [
        table.attachment(TABLE, "The figures of the customers as CSV, one row for each customer", "text/csv"),
        schema.attachment(
            SCHEMA, "The schema of results.json (JSON Schema 2020-12)", "application/json", "Supplement"
        ),
    ]
    facts = _with_hashes(facts, attachments={file.name: file.sha256 for file in files})
    results.write(results_json(facts))
    written = results.attachment(RESULTS, "Everything that the report states, as JSON", "application/json")
    return _with_hashes(facts, results_sha256=written.sha256), [written, *files]


def results_json(facts: PortfolioFacts) -> bytes:
    """Return `results.json`. Each line begins with a key and contains its whole value. Verifiers rely on this."""
    content: dict[str, Any] = {"format": FORMAT, **shallow(facts)}
    content["integrity"] = {
        key: value for key, value in asdict(facts.integrity).items() if key != "results_sha256"
    }
    lines = ",\n".join(f"{encode(key)}:{encode(content[key])}" for key in sorted(content))
    return f"{{{lines}}}\n".encode()


def _with_hashes(facts: PortfolioFacts, **hashes: Any) -> PortfolioFacts:
    return replace(facts, integrity=replace(facts.integrity, **hashes))


def _rows(facts: PortfolioFacts) -> Iterator[tuple[object, ...]]:
    for row in facts.customers:
        yield (
            row.name, row.id, ", ".join(row.labels), row.state, row.reason,
            timestamp(row.read_at) if row.read_at else "", row.assessment, _percent(row.score),
            _percent(row.difference),
            _percent(row.coverage), *_open(row), row.overdue, row.overdue_soon, row.unknown, row.to_attest,
            row.exceptions_pending, row.exceptions_ending, row.urgent, row.action, row.not_judged,
        )  # fmt: skip


def _open(row: CustomerFact) -> Iterator[int | None]:
    return (row.open[name] if row.open else None for name in SEVERITIES)


def _percent(value: float | None) -> float | None:
    """Return the value with one decimal. It stays a number, because in a CSV file a text such as “-2.0” gets an
    apostrophe (`portal.files.spreadsheets`).
    """
    return None if value is None else round(value, 1)
