"""Register of exceptions as a CSV file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from portal.files.spreadsheets import csv_file
from portal.treatment.matching import describe_rule
from portal.treatment.models import FindingException
from portal.web.exceptions.rows import ExceptionSummary, title_of

HEADER: Final = (
    "number",
    "state",
    "returned because",
    "scope",
    "about",
    "rule",
    "findings",
    "changed",
    "maximum",
    "reason",
    "compensating control",
    "starts (UTC)",
    "ends (UTC)",
    "requested by",
    "requested at (UTC)",
    "decided by",
    "decided at (UTC)",
    "decision note",
    "ended by",
    "ended at (UTC)",
    "end note",
)


def register_csv(summaries: Iterable[ExceptionSummary]) -> bytes:
    """Return the register as CSV: a header, then one line for each exception."""
    return csv_file(HEADER, map(_row, summaries))


def _row(summary: ExceptionSummary) -> list[object]:
    found = summary.exception
    is_rule = found.scope == FindingException.Scope.RULE
    return [
        found.number,
        found.state,
        found.returned_because,
        found.scope,
        title_of(summary),
        describe_rule(found, places={found.unit: summary.place}) if is_rule else "",
        summary.findings,
        summary.changed,
        found.maximum,
        found.reason,
        found.compensating_control,
        found.starts_at,
        found.ends_at,
        found.requested_by,
        found.requested_at,
        found.decided_by,
        found.decided_at,
        found.decision_note,
        found.ended_by,
        found.ended_at,
        found.end_note,
    ]
