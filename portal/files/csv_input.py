"""Read a CSV file whose encoding and separator are not known. The caller checks the values of the cells.

Spreadsheets save CSV as UTF-8 with or without a byte order mark, as UTF-16 (“Unicode text”), or in the code page of the
computer. The separator is a comma, a semicolon, a tab or a vertical bar.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from portal.files.spreadsheets import is_formula
from tenants.errors import InvalidInput, invalid

MAX_LINES: Final = 2_000
MAX_BYTES: Final = 20 * 1024 * 1024
MAX_CELL: Final = 5_000
# The maximum number of cells of a file, empty cells included. It is high, because spreadsheets add empty cells at the
# end of lines.
MAX_CELLS: Final = 200_000
MAX_HEADER: Final = 5_000
SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEP_LINE: Final = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a kind of file.

    `singular` and `plural` name what a line describes, such as “customer”. `aliases` maps other names in the header to
    columns. Cells of `free` columns may contain control characters and begin like a formula.
    """

    singular: str
    plural: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    aliases: Mapping[str, str]
    free: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A line with cells by column, or with a problem. `repr` leaves out the cells, which may contain a secret."""

    number: int
    cells: dict[str, str] = field(repr=False)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """The lines below the header. `encoding` and `separator` are words for people. `empty` is the number of empty
    lines, which are skipped.
    """

    encoding: str
    separator: str
    lines: tuple[Line, ...]
    empty: int

    @property
    def notes(self) -> list[str]:
        """Sentences about the file: its encoding, its separator and skipped lines."""
        found = [f"Read as {self.encoding}, with a {self.separator} between cells."]
        if self.empty:
            found.append(
                "1 empty line was skipped." if self.empty == 1 else f"{self.empty} empty lines were skipped."
            )
        return found


def read(content: bytes, layout: Layout) -> CsvFile:
    """Return the lines of a file. If the file cannot be used, raise InvalidInput with a sentence that says what to
    do.
    """
    if len(content) > MAX_BYTES:
        raise _problem(
            f"The file is larger than {MAX_BYTES // 2**20} MiB. Split the file into several files."
        )
    text, encoding = _decode(content)
    # Refuse a very long file quickly. Quoted cells may contain line breaks, so four line breaks per permitted line are
    # accepted here.
    if text.count("\n") > 4 * MAX_LINES or text.count("\r") > 4 * MAX_LINES:
        raise _too_long(layout)
    first = _first_line(text)
    hint = _SEP_LINE.fullmatch(first)
    separator = hint[1] if hint and hint[1] in SEPARATORS else _separator(first, layout)
    # Count the cells before reading, because millions of empty cells would occupy the web server for minutes.
    if text.count(separator) > MAX_CELLS:
        raise _problem(
            f"The file has more than {MAX_CELLS:,} cells. Delete the empty columns, then save the file again."
        )
    records = _records(text, separator)
    header: list[str] | None = None
    lines: list[Line] = []
    empty = 0
    for number, cells in records:
        if not any(cells):
            empty += 1
        elif header is None:
            if _SEP_LINE.fullmatch(separator.join(cells)) or (hint and cells[0].casefold() == "sep="):
                continue
            header = _header(cells, layout)
        else:
            lines.append(_line(number, header, cells, layout))
            if len(lines) > MAX_LINES:
                raise _too_long(layout)
    if header is None:
        raise _problem(
            f"The file is empty. The first line must name the columns, at least {','.join(layout.required)}."
        )
    if not lines:
        raise _problem(
            f"The file has a header but no {layout.singular}. Add a line for each {layout.singular}."
        )
    return CsvFile(encoding, SEPARATORS[separator], tuple(lines), empty)


def _decode(content: bytes) -> tuple[str, str]:
    """Return the decoded text and the name of its encoding. Raise InvalidInput if no encoding fits, or if the decoded
    text contains the character NUL.
    """
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _problem("This is an Excel workbook. Save it as “CSV UTF-8” and use that file.")
    for mark, encoding, name in (
        (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
        (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    ):
        if content.startswith(mark):
            candidates = [(encoding, name)]
            break
    else:
        candidates = [("utf-8", "UTF-8")]
        begin = content[:200]
        if begin.count(0) > len(begin) // 4:  # Latin letters in UTF-16: every second byte is 0.
            is_little = content[1:2] == b"\x00"
            candidates = [("utf-16-le" if is_little else "utf-16-be", "UTF-16")]
        else:
            candidates.append(("cp1252", "Windows-1252 (check names with accents or umlauts)"))
    for encoding, name in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, name
    raise _problem("This is not a text file. Save the table as “CSV UTF-8” and use that file.")


def _first_line(text: str) -> str:
    """Return the beginning of the first line that is not empty."""
    return re.split(r"[\r\n]", text.lstrip()[:MAX_HEADER], maxsplit=1)[0]


def _separator(first: str, layout: Layout) -> str:
    """Return the separator that splits the first line, the header, into the largest number of known columns."""

    def known(separator: str) -> int:
        return sum(_column(cell, layout) in layout.columns for cell in first.split(separator))

    return max(SEPARATORS, key=known)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield, for each record, the number of its first line, and its cells without surrounding spaces."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _problem(
                f"Line {number} cannot be read ({error}). Check the quotation marks in this line. Put a cell that"
                " contains a quotation mark into quotation marks, and write the quotation mark inside it twice."
            ) from None
        yield number, [cell.strip() for cell in cells]


def _column(cell: str, layout: Layout) -> str:
    name = re.sub(r"[\s_-]+", "_", cell.strip().strip('"').casefold())
    return layout.aliases.get(name, name)


def _header(cells: list[str], layout: Layout) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()  # Spreadsheets write empty cells at the end.
    names = [_column(cell, layout) for cell in cells]
    known = ", ".join(layout.columns)
    missing = [name for name in layout.required if name not in names]
    # Quote only the first cell: if the file has no header, any other cell of this line may be a secret.
    if missing and not any(name in layout.columns for name in names):
        raise _problem(
            f"The first line must name the columns, but begins with “{cells[0][:80]}”. Start the file with a line of"
            f" these names, separated by commas, semicolons, tabs or vertical bars: {known}."
        )
    if missing:
        raise _problem(f"The column “{missing[0]}” is missing. The file can have these columns: {known}.")
    for name in names:
        if name not in layout.columns:
            raise _problem(
                f"Surety does not know the column “{name[:60]}”. Remove it, or rename it to one of: {known}."
                if name
                else "A column has no name. Name the column in the first line, or remove the column."
            )
        if names.count(name) > 1:
            raise _problem(f"The column “{name}” exists twice. Remove one of the two columns.")
    return names


def _line(number: int, header: list[str], cells: list[str], layout: Layout) -> Line:
    if any(cells[len(header) :]):
        return Line(
            number,
            {},
            f"The line has {len(cells)} cells, but the header has {len(header)}. Put a cell that contains the"
            " separator into quotation marks.",
        )
    found = {name: cell for name, cell in zip(header, cells, strict=False) if cell}
    for name, cell in found.items():
        if len(cell) > MAX_CELL:
            return Line(number, {}, f"The cell “{name}” has more than {MAX_CELL} characters. Shorten it.")
        # Cells are exported to spreadsheets again, so they must not begin like a formula.
        if name not in layout.free and is_formula(cell):
            return Line(
                number, {}, f"The cell “{name}” begins with {cell[:1]}, like a formula. Enter a plain text."
            )
        if name not in layout.free and not cell.isprintable():
            return Line(
                number, {}, f"The cell “{name}” contains a line break or a control character. Remove it."
            )
    return Line(number, found)


def _too_long(layout: Layout) -> InvalidInput:
    return _problem(
        f"The file has too many lines. Split the file into several files of at most {MAX_LINES:,} {layout.plural}."
    )


def _problem(message: str) -> InvalidInput:
    return invalid("file", message, code="file_unusable")
