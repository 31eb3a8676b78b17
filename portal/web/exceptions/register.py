"""The register of exceptions as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from portal.treatment.matching import in_words
from portal.treatment.models import FindingException
from portal.web.exceptions.rows import Described, what
from tenants.models import Person

HEAD: Final = (
    "number", "state", "returned because", "scope", "about", "rule", "findings", "changed", "maximum",
    "reason", "compensating control", "starts (UTC)", "ends (UTC)", "requested by", "requested at (UTC)",
    "decided by", "decided at (UTC)", "decision note", "ended by", "ended at (UTC)", "end note",
)  # fmt: skip
# What a spreadsheet would take for a formula. Source: OWASP, "CSV Injection".
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Iterable[Described]) -> str:
    """Rows of the register with a heading; UTF-8 with a mark, so that Excel reads it as such."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for found in rows:
        writer.writerow([_cell(value) for value in _values(found)])
    return "\ufeff" + out.getvalue()


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


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    text = f"{value.name} <{value.email}>" if isinstance(value, Person) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
