"""Write tables for spreadsheets as CSV and XLSX, in which no cell is a formula.

Names in Azure are untrusted text. In CSV, a cell that begins like a formula gets a leading apostrophe (OWASP, "CSV
Injection"). In XLSX, such a cell is stored as text.

Spreadsheet programs in many countries expect semicolons between cells. Such programs may split a text of a CSV file at
semicolons, tabs and line breaks. So a part between these characters also gets an apostrophe if it is a formula that
calls a function or a program, or refers to another sheet or file.

Times are in UTC. In XLSX, control characters are replaced, and texts above 32,767 characters end with “(cut)”.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, islice, zip_longest
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from tenants.models import Person

# Spreadsheets treat a cell that begins with one of these as a formula. The last four are full-width forms of East Asian
# keyboards.
FORMULA_PREFIXES: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
# Separators other than the comma that a spreadsheet may use.
_SEPARATORS: Final = (";", "\t", "\n", "\r")
# One of `_SEPARATORS`, and any further separators, spaces, quotation marks and invisible characters up to the next
# cell.
_BETWEEN_CELLS: Final = re.compile(
    r"[;\t\n\r][;\s\"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*+"
)
# A formula that calls a function or a program, or refers to another sheet or file. Other formulas do no harm. For
# example, a spreadsheet may take `-g name` for a formula, but at worst shows another value in the cell.
_CALL: Final = re.compile(r"[^;\t\n\r(|!（｜！]*+[(|!（｜！]")  # noqa: RUF001
MAX_CELL_CHARACTERS: Final = 32_767
BYTE_ORDER_MARK: Final = "\ufeff"
_ROWS_PER_CHUNK: Final = 200
_ROWS_FOR_WIDTHS: Final = 200
_MIN_WIDTH: Final = 8
_MAX_WIDTH: Final = 60
_CUT: Final = " … (cut)"
# Characters that XML 1.0 cannot represent.
_NOT_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escape_formula(text: str) -> str:
    """Return the text with a leading apostrophe if a spreadsheet would treat it as a formula.

    A spreadsheet with another separator than the comma may split the text into several cells. So each further cell gets
    a leading apostrophe too, if it is a formula that matches `_CALL`.
    """
    begin = "'" if is_formula(text) else ""
    if any(separator in text for separator in _SEPARATORS):
        text = _BETWEEN_CELLS.sub(_quoted, text)
    return f"{begin}{text}"


def _quoted(between: re.Match[str]) -> str:
    """Return the characters between two cells, with an apostrophe at the end if the second cell is a formula that
    matches `_CALL`.
    """
    text, end = between.string, between.end()
    calls = text.startswith(FORMULA_PREFIXES, end) and _CALL.match(text, end)
    return f"{between[0]}'" if calls else between[0]


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet may evaluate the text as a formula.

    Spreadsheets may ignore leading spaces and invisible characters.
    """
    if text[:1].isalnum() or text[:1] == "/":
        return False  # Return early for most cells, because a report has millions of cells.
    begin = next((place for place, letter in enumerate(text) if not _is_skipped(letter)), len(text))
    return text.startswith(FORMULA_PREFIXES) or text.startswith(FORMULA_PREFIXES, begin)


def _is_skipped(letter: str) -> bool:
    """Return whether a spreadsheet may remove this character from the beginning of a cell when it imports a file."""
    return letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf")


def csv_chunks(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield the rows as UTF-8 CSV, some lines at a time.

    The first bytes are a byte order mark. Without this mark, Excel does not read the file as UTF-8.
    """
    lines = io.StringIO()
    lines.write(BYTE_ORDER_MARK)
    writer = csv.writer(lines)
    for number, row in enumerate(rows, 1):
        writer.writerow([_csv_cell(value) for value in row])
        if number % _ROWS_PER_CHUNK == 0:
            yield lines.getvalue().encode()
            lines.seek(0)
            lines.truncate()
    yield lines.getvalue().encode()


def csv_file(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return the header and the rows as one CSV file. Use this function only for small tables."""
    return b"".join(csv_chunks([header, *rows]))


def write_xlsx(rows: Iterable[Sequence[object]], file: IO[bytes], title: str) -> None:
    """Write a workbook with one sheet. Its first row is the header, with filters.

    Rows are buffered in a temporary file. The widths of columns must be known before the rows are written. So the
    widths fit only the header and the first rows, up to a limit.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    remaining = iter(rows)
    first = list(islice(remaining, _ROWS_FOR_WIDTHS))
    for number, column in enumerate(zip_longest(*first), 1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(column)
    count = 0
    for count, row in enumerate(chain(first, remaining), 1):
        sheet.append([_xlsx_cell(sheet, value, bold=count == 1) for value in row])
    if first:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(first[0]))}{count}"
    book.save(file)


def _width(column: Iterable[object]) -> float:
    """Return the width of a column in characters. A time is as wide as “2026-11-27 12:00:00”."""
    texts = (
        "0000-00-00 00:00:00" if isinstance(value, datetime) else _text(value)
        for value in column
        if value is not None
    )
    longest = max((len(line) for text in texts for line in text[:_MAX_WIDTH].split("\n")), default=0)
    return min(_MAX_WIDTH, max(_MIN_WIDTH, longest)) + 2


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)  # A negative number is not a formula. With an apostrophe, it would become a text.
    # A lone surrogate cannot be encoded in UTF-8.
    return escape_formula(_text(value).encode("utf-8", "replace").decode())


def _xlsx_cell(sheet: Any, value: object, *, bold: bool) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        # Excel cannot store time zones.
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value  # A number stays a number, so that spreadsheets can calculate with it.
    text = _NOT_XML.sub("\ufffd", _text(value))
    if len(text) > MAX_CELL_CHARACTERS:
        text = text[: MAX_CELL_CHARACTERS - len(_CUT)] + _CUT
    if not bold and not is_formula(text):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _text(value: object) -> str:
    return f"{value.name} <{value.email}>" if isinstance(value, Person) else str(value)
