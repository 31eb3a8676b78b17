"""Findings as a table for a spreadsheet: CSV and XLSX, row by row, whatever their number.

A cell that a spreadsheet would take for a formula begins with an apostrophe in CSV (OWASP, "CSV Injection")
and is text in XLSX. What XLSX cannot hold (control characters; more than 32,767 characters in a cell) is left
out, and the cell says so.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import IO, Any, Final

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from assessments.controls.registry import SECTIONS, catalogue
from assessments.models import Finding
from portal.reports.formulas import FORMULA
from portal.treatment.states import DUE, Shown, due_at, shown_state
from portal.web.components.vocabulary import STATES
from tenants.models import Tenant

CHUNK: Final = 2000
MOST_CHARACTERS: Final = 32_767
_CUT: Final = " … (cut)"
# What XML 1.0 has no way to say.
_UNFIT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

HEADERS: Final = (
    "Finding",
    "Control",
    "Title",
    "Section",
    "Severity",
    "Verdict",
    "State",
    "Subject",
    "Subject id",
    "Resource type",
    "Subscription or directory",
    "Resource group",
    "What was found",
    "Expected",
    "Observed",
    "Owner",
    "Owner's address",
    "Acknowledged by",
    "Plan",
    "Planned for",
    "Due",
    "Exception",
    "Exception until",
    "Attested until",
    "Failing since",
    "First seen",
    "Verdict since",
)


def exported(rows: QuerySet[Finding], now: datetime) -> QuerySet[Any]:
    """The findings with all that `cells` reads, and no more at once than a chunk."""
    people = ("treatment__owner", "treatment__acknowledged_by", "treatment__exception")
    return rows.select_related(*people).annotate(shown=shown_state(now)).defer("evidence", "remarks")


def table(rows: QuerySet[Any], tenant: Tenant, units: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """The header, then a row of values a finding: text, moments, days, None."""
    yield HEADERS
    for found in rows.iterator(chunk_size=CHUNK):
        yield cells(found, tenant, units)


def cells(found: Any, tenant: Tenant, units: Mapping[str, str]) -> tuple[Any, ...]:
    control = catalogue().get(found.control)
    held = getattr(found, "treatment", None)
    owner = held.owner if held else None
    acknowledged = held if held and found.shown == Shown.ACKNOWLEDGED else None
    excepted = held if held and found.shown == Shown.EXCEPTED else None
    # One that is asked anew, because something else is observed now, has no answer.
    answered = held if held and found.shown in (Shown.ATTESTED, Shown.NOT_MET, Shown.LAPSED) else None
    return (
        str(found.pk),
        found.control,
        control.title if control else found.control,
        SECTIONS.get(found.section, found.section),
        found.severity,
        found.outcome,
        STATES[found.shown].label,
        units.get(found.subject.lower(), found.subject_name),
        found.subject,
        found.subject_type,
        units.get(found.unit, found.unit),
        found.resource_group,
        found.reason,
        found.expected,
        json.dumps(found.observed, ensure_ascii=False, sort_keys=True),
        owner.get_full_name() if owner else None,
        owner.email if owner else None,
        acknowledged.acknowledged_by.email if acknowledged and acknowledged.acknowledged_by else None,
        acknowledged.plan if acknowledged else None,
        acknowledged.planned_for if acknowledged else None,
        due_at(tenant, found) if found.shown in DUE else None,
        str(excepted.exception) if excepted and excepted.exception else None,
        excepted.excepted_until if excepted else None,
        answered.attested_until if answered else None,
        found.failing_since,
        found.first_seen_at,
        found.changed_at,
    )


class _Echo:
    """What csv writes a line to, and gets it back from."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterator[tuple[Any, ...]]) -> Iterator[bytes]:
    """The table as UTF-8 CSV with a byte order mark, which spreadsheets need; some lines at a time."""
    writer = csv.writer(_Echo())
    lines = io.StringIO("\ufeff")
    lines.seek(0, io.SEEK_END)
    for number, row in enumerate(rows, 1):
        lines.write(writer.writerow([_plain(value) for value in row]))
        if number % 200 == 0:
            yield lines.getvalue().encode()
            lines = io.StringIO()
    yield lines.getvalue().encode()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).encode("utf-8", "replace").decode()
    return f"'{text}" if text.startswith(FORMULA) else text


def write_xlsx(rows: Iterator[tuple[Any, ...]], into: IO[bytes], title: str) -> None:
    """The table as a workbook of one sheet; rows go to a temporary file as they come."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        sheet.append([_cell(sheet, value, bold=number == 0) for value in row])
    book.save(into)


def _cell(sheet: Any, value: Any, *, bold: bool) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        # Excel knows no zones: UTC, as everywhere.
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, date):
        return value
    text = _UNFIT.sub("\ufffd", str(value))
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - len(_CUT)] + _CUT
    if not bold and not text.startswith(FORMULA):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
