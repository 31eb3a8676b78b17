"""Write findings as a JSON array with one object per line. Programs can read the array as a whole or line by line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from portal.queries.findings.export import Exported

_PER_BLOCK = 200


def findings_json(rows: Iterable[Exported]) -> Iterator[bytes]:
    """Yield a JSON array of objects with the keys of `export.COLUMNS`. Times are ISO 8601 in UTC; empty values are
    null.
    """
    return json_array(map(finding_object, rows))


def finding_object(row: Exported) -> dict[str, Any]:
    """Return a finding as an object with the keys of `export.COLUMNS`. Times are datetime objects, and empty values are
    None.
    """
    return row.fields | {
        "requirements": _requirements(row),
        "evidence": row.finding.evidence,
        "remarks": row.remarks,
    }


def _requirements(row: Exported) -> list[dict[str, str]]:
    return [
        {"framework": one.framework, "number": one.number, "degree": str(one.degree)}
        for one in row.references
    ]


def json_array(objects: Iterable[Any]) -> Iterator[bytes]:
    """Yield a JSON array, some lines at a time."""
    lines: list[str] = []
    opening = "[\n"
    for item in objects:
        lines.append(opening + json.dumps(item, ensure_ascii=False, separators=(",", ":"), default=_plain))
        opening = ",\n"
        if len(lines) == _PER_BLOCK:
            yield _encoded(lines)
            lines = []
    lines.append("[]\n" if opening == "[\n" else "\n]\n")
    yield _encoded(lines)


def _encoded(lines: list[str]) -> bytes:
    # Replace lone surrogates, which cannot be encoded in UTF-8.
    return "".join(lines).encode("utf-8", "replace")


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
