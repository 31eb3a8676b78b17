"""The register of exceptions as a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from portal.spreadsheets import csv_file
from portal.treatment.matching import in_words
from portal.treatment.models import FindingException
from portal.web.exceptions.rows import Described, what

HEAD: Final = (
    "number", "state", "returned because", "scope", "about", "rule", "findings", "changed", "maximum",
    "reason", "compensating control", "starts (UTC)", "ends (UTC)", "requested by", "requested at (UTC)",
    "decided by", "decided at (UTC)", "decision note", "ended by", "ended at (UTC)", "end note",
)  # fmt: skip


def as_csv(rows: Iterable[Described]) -> bytes:
    """Rows of the register with a heading."""
    return csv_file(HEAD, map(_values, rows))


def _values(one: Described) -> list[object]:
    found = one.it
    is_rule = found.scope == FindingException.Scope.RULE
    return [
        found.number, found.state, found.returned_because, found.scope, what(one),
        in_words(found) if is_rule else "", one.findings, one.changed, found.maximum,
        found.reason, found.compensating_control, found.starts_at, found.ends_at,
        found.requested_by, found.requested_at, found.decided_by, found.decided_at, found.decision_note,
        found.ended_by, found.ended_at, found.end_note,
    ]  # fmt: skip
