"""Files with lists of customers: their encodings and separators, and files that are refused with an explanation."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.files import csv_input
from portal.files.csv_input import MAX_LINES, CsvFile
from portal.imports.columns import LAYOUT
from tenants.errors import InvalidInput
from tests.processor_time import at_most

ID = "72f988bf-86f1-41af-91ab-2d7cd011db47"
TEXT = f"name,directory_id\nMüller & Söhne,{ID}\n"


def read(content: bytes) -> CsvFile:
    return csv_input.read(content, LAYOUT)


def cells(file: CsvFile) -> list[dict[str, str]]:
    return [line.cells for line in file.lines]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_separators(encoding: str, name: str, separator: str, end: str) -> None:
    text = TEXT.replace(",", separator).replace("\n", end)
    file = read(text.encode(encoding))
    assert cells(file) == [{"name": "Müller & Söhne", "directory_id": ID}]
    assert file.notes[0].startswith(f"Read as {name}")


def test_line_that_names_the_separator_is_skipped() -> None:
    assert len(read(f"sep=;\r\nname;directory_id\r\nContoso;{ID}\r\n".encode()).lines) == 1
    assert len(read(f"sep=,\nname,directory_id\nContoso,{ID}\n".encode()).lines) == 1


def test_empty_lines_quotes_and_spaces() -> None:
    text = f'\n Name ; Tenant ID ;Labels;;\n\n;;\n"Con;toso"; {ID} ; gold | north \n"say ""hi""";{ID};\n'
    file = read(text.encode())
    assert cells(file) == [
        {"name": "Con;toso", "directory_id": ID, "labels": "gold | north"},
        {"name": 'say "hi"', "directory_id": ID},
    ]
    assert [line.number for line in file.lines] == [5, 6]
    assert file.notes[1] == "3 empty lines were skipped."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (b"name,directory_id\n", "no customer"),
        (b"Contoso,Berlin\nFabrikam,Bonn\n", "The first line must name the columns"),
        (b"name:directory_id\nContoso:x\n", "separated by commas, semicolons, tabs or vertical bars"),
        (b"name directory_id\nContoso x\n", "separated by commas, semicolons, tabs or vertical bars"),
        (b"name,labels\nContoso,gold\n", "The column “directory_id” is missing".encode()),
        (b"name,directory_id,colour\nContoso,x,red\n", "Surety does not know the column “colour”"),
        (b"name,directory_id,name\nContoso,x,y\n", "exists twice"),
        (b"name,,directory_id\nContoso,,x\n", "A column has no name"),
        (b'name,directory_id\n"Contoso,x\n', "Line 2 cannot be read"),
        (b'name,directory_id\n"Contoso" Ltd,x\n', "quotation mark"),
        (b"PK\x03\x04" + bytes(50), "This is an Excel workbook"),
        (bytes(range(256)) * 4, "This is not a text file"),
        (b"\xff\xfe\x00\xd8", "This is not a text file"),
        (b"name,directory_id\nContoso\x00,x\n", "This is not a text file"),
    ],
)
def test_refused_files_say_what_to_do(content: bytes, words: str | bytes) -> None:
    with pytest.raises(InvalidInput) as error:
        read(content)
    wanted = words.decode() if isinstance(words, bytes) else words
    assert wanted in error.value.message
    assert error.value.message.endswith(".")


def test_a_secret_in_a_file_without_a_header_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as error:
        read(b"Contoso,72f988bf-86f1-41af-91ab-2d7cd011db47,Q~secret\n")
    assert "Contoso" in error.value.message
    assert "Q~secret" not in error.value.message


@pytest.mark.parametrize("begin", [b"", b"name,directory_id", b"name,directory_id\na,b\n"])
def test_millions_of_empty_cells_are_refused_quickly(begin: bytes) -> None:
    with at_most(1), pytest.raises(InvalidInput, match="more than 200,000 cells"):
        read(begin + b"," * 1_000_000)


def test_a_hundred_thousand_lines_are_refused_quickly() -> None:
    with at_most(1), pytest.raises(InvalidInput, match="too many lines"):
        read(b"name,directory_id\n" + f"Contoso,{ID}\n".encode() * 100_000)
    with pytest.raises(InvalidInput, match="too many lines"):
        read(b"name,directory_id\n" + f"Contoso,{ID}\n".encode() * (MAX_LINES + 1))
    assert len(read(b"name,directory_id\n" + f"Contoso,{ID}\n".encode() * MAX_LINES).lines) == MAX_LINES
    with pytest.raises(InvalidInput, match="larger than 20 MiB"):
        read(b"x" * (20 * 2**20 + 1))


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-x", "@SUM(A1)", '" =HYPERLINK(1)"', "＝1"])  # noqa: RUF001
def test_formula_is_an_error_of_its_line(cell: str) -> None:
    file = read(f"name,directory_id\n{cell},{ID}\nContoso,{ID}\n".encode())
    assert ", like a formula" in file.lines[0].problem
    assert file.lines[1].problem == ""


def test_other_errors_of_one_line() -> None:
    head = "name,directory_id,client_id,client_secret\n"
    file = read(
        f'{head}Contoso,{ID},,,x\n"Con\ntoso",{ID}\n{"x" * 5001},{ID}\nContoso,{ID},a,=~secret\n'.encode()
    )
    problems = [line.problem for line in file.lines]
    assert "but the header has" in problems[0]
    assert "line break" in problems[1]
    assert "more than 5000 characters" in problems[2]
    assert problems[3] == ""  # A secret may begin like a formula.
    assert "secret" not in repr(file.lines[3])


below_header = st.text(max_size=300).map(lambda text: f"name,directory_id\n{text}".encode())


@given(st.binary(max_size=300) | below_header)
def test_every_file_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        assert all(line.cells or line.problem for line in read(content).lines)
