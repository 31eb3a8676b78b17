"""Tables that are opened in spreadsheets: CSV whose cells no program takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from portal.reports.formulas import FORMULA
from tenants.models import Person


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The rows under a heading; UTF-8 with a mark, so that Excel reads it as such."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return "\ufeff" + out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    text = f"{value.name} <{value.email}>" if isinstance(value, Person) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
