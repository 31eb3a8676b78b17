"""Spreadsheets: no cell is a formula, every text survives, and memory stays bounded."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from portal.files.spreadsheets import (
    FORMULA_PREFIXES,
    MAX_CELL_CHARACTERS,
    csv_chunks,
    csv_file,
    escape_formula,
    write_xlsx,
)
from tests.processor_time import at_most

AWKWARD_TEXTS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "a\x00b\x0b",
    'a,b"c\nd',
    "ü\U0001f600",
    "\ud800",
    "x" * 40_000,
    "\nx",
    "＝1",  # noqa: RUF001
]


def lines() -> Iterator[tuple[Any, ...]]:
    yield ("Text", "Moment", "Day", "None")
    for text in AWKWARD_TEXTS:
        yield (text, datetime(2026, 11, 25, 12, tzinfo=UTC), date(2026, 11, 25), None)


def test_unusual_texts_survive_in_csv() -> None:
    text = b"".join(csv_chunks(lines())).decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["Text"] for row in found] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "'\rx", "a\x00b\x0b", "a,b\"c\nd", "ü\U0001f600", "?", "x" * 40_000,
        "'\nx", "'＝1",  # noqa: RUF001
    ]  # fmt: skip
    assert {(row["Moment"], row["Day"], row["None"]) for row in found} == {
        ("2026-11-25 12:00:00", "2026-11-25", "")
    }


def test_negative_numbers_stay_numbers_in_csv() -> None:
    text = b"".join(csv_chunks([("Difference", "Text"), (-2, "-2"), (-1.5, "-1.5"), (3, "3")])).decode(
        "utf-8-sig"
    )
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [
        ["-2", "'-2"],
        ["-1.5", "'-1.5"],
        ["3", "3"],
    ]


def test_numbers_are_numbers_in_xlsx() -> None:
    file = io.BytesIO()
    write_xlsx([("Count", "Share", "Text", "Flag"), (3, -1.5, "3", True)], file, "Numbers")
    row = next(load_workbook(file)["Numbers"].iter_rows(min_row=2))
    assert [(cell.value, cell.data_type) for cell in row] == [
        (3, "n"),
        (-1.5, "n"),
        ("3", "s"),
        ("True", "s"),
    ]


@pytest.mark.parametrize(
    "before", [" ", "   ", "\t", "\r", "\r\n", "\n ", "\ufeff", "\u200b", "\xa0", "\u3000", " \ufeff\t", "\0"]
)
def test_formulas_behind_invisible_characters_are_escaped(before: str) -> None:
    for formula in ("=1+1", "+1", "-1", "@SUM(A1)"):
        again = "'" if "(" in formula and {"\t", "\r", "\n"} & set(before) else ""
        assert escape_formula(before + formula) == f"'{before}{again}{formula}"
    if before.strip("\t\r\n") == before:
        assert escape_formula(f"{before}Contoso") == f"{before}Contoso"


@pytest.mark.parametrize("formula", ["=A(1)", "+cmd|' /C calc'!A0", "-A(1)", "@A(1)", "＝A(1)"])  # noqa: RUF001
@pytest.mark.parametrize("between", [";", "; ", ';"', "\t", "\n", "\r\n", ";\u200b", ";;", ';";'])
def test_no_cell_is_a_formula_with_another_separator(between: str, formula: str) -> None:
    """Some spreadsheet programs, such as Excel with German settings, split the lines of a CSV file at semicolons."""
    text = csv_file(["Name", "Other"], [("Contoso", f"a{between}{formula};b")]).decode("utf-8-sig")
    for separator in (",", ";", "\t"):
        cells = [
            cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row
        ]
        assert not [cell for cell in cells if cell.lstrip(" \u200b\r\n\t").startswith(FORMULA_PREFIXES)]
    assert escape_formula(f"a{between}{formula}") == f"a{between}'{formula}"
    assert escape_formula(f"a{between}b{formula}") == f"a{between}b{formula}"


def test_commands_on_several_lines_stay_as_they_are() -> None:
    for text in ("az x \\\n  --name 'a' \\\n  --query b", '{\n  "@odata.type": "#c",\n  "d": -1\n}', "a; -1"):
        assert escape_formula(text) == text


def test_escaping_takes_linear_time() -> None:
    with at_most(2):
        for text in (";" * 200_000, '\n "' * 70_000, ";=x" * 70_000):
            assert escape_formula(f"a{text}") == f"a{text}"


def test_unusual_texts_survive_in_xlsx() -> None:
    into = io.BytesIO()
    write_xlsx(lines(), into, "Findings")
    rows = list(load_workbook(io.BytesIO(into.getvalue())).active.iter_rows(min_row=2, values_only=True))
    texts = [str(row[0]) for row in rows]
    assert texts[:4] == ["=1+1", "+1", "-1", "@SUM(A1)"]
    assert texts[6] == "a\ufffdb\ufffd"
    assert texts[7:10] == ['a,b"c\nd', "ü\U0001f600", "\ufffd"]
    assert len(texts[10]) == MAX_CELL_CHARACTERS
    assert texts[10].endswith("(cut)")
    # Excel's times have no time zone. A date is stored as the midnight at which it begins.
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC).replace(tzinfo=None)
    assert {row[1:] for row in rows} == {(noon, noon.replace(hour=0), None)}


@pytest.mark.slow(seconds=1)
def test_rows_are_not_kept_in_memory() -> None:
    """Ten times as many rows need about the same memory."""

    def peak(count: int, write: Callable[[Iterator[tuple[Any, ...]]], None]) -> int:
        tracemalloc.start()
        write(tuple(f"column {column} row {number}" for column in range(27)) for number in range(count))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    def through_csv(rows: Iterator[tuple[Any, ...]]) -> None:
        for _ in csv_chunks(rows):
            pass

    assert peak(5000, through_csv) < 2 * peak(500, through_csv)


@pytest.mark.parametrize("number", range(len(FORMULA_PREFIXES)))
def test_only_a_leading_formula_character_is_escaped(number: int) -> None:
    prefix = FORMULA_PREFIXES[number]
    assert escape_formula(f"{prefix}1") == f"'{prefix}1"
    assert escape_formula(f"a{prefix}1") == f"a{prefix}1"


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"]
)
def test_no_cell_of_a_csv_file_is_a_formula(text: str) -> None:
    content = csv_file(["a"], [[text]]).decode("utf-8-sig")
    (row,) = list(csv.reader(io.StringIO(content, newline="")))[1:]
    assert row == [f"'{text}"]
