"""The kinds of files that are taken as evidence, and how each is recognized by its content alone."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

import puremagic

from tenants.errors import InvalidInput, invalid

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON: Final = "application/json"
CSV: Final = "text/csv"
TEXT: Final = "text/plain"
# Of a package's list of what its parts are: some lines for each of them.
_MAX_CONTENT_TYPES_BYTES: Final = 1024 * 1024


class Kind(NamedTuple):
    """`fits(content)`: it is of this kind, begins as such and is not an archive at the same time."""

    content_type: str
    endings: tuple[str, ...]
    words: str
    fits: Callable[[bytes], bool]


def recognize(content: bytes, name: str) -> str:
    """The content type of what is taken. InvalidInput for everything else, and where the name says otherwise."""
    ending = name.rpartition(".")[2].lower()
    kind = next((kind for kind in KINDS if ending in kind.endings), None)
    if kind is None:
        raise _refused(f"{name} has an ending that is not taken.")
    if not kind.fits(content):
        raise _refused(f"The content of {name} is not {kind.words}.")
    return kind.content_type


def _refused(what: str) -> InvalidInput:
    return invalid(
        "files",
        f"{what} Evidence can be PDF, PNG, JPEG, DOCX or XLSX without macros, or UTF-8 text, CSV or JSON.",
        code="file_kind",
    )


def _magic(content: bytes) -> set[str]:
    """What its first and last bytes say that it is, by puremagic."""
    try:
        return {match.mime_type for match in puremagic.magic_string(content) if match.mime_type}
    except puremagic.PureError:
        return set()


def _starts(content: bytes, content_type: str, *signatures: bytes) -> bool:
    # From its very first byte: readers of PDF accept a header anywhere in the first kilobyte, which is how
    # one file is two. An archive is read from its end.
    return (
        content.startswith(signatures)
        and content_type in _magic(content)
        and not zipfile.is_zipfile(io.BytesIO(content))
    )


def _is_pdf(content: bytes) -> bool:
    return _starts(content, PDF, b"%PDF-") and b"%%EOF" in content[-2048:]


def _is_png(content: bytes) -> bool:
    return _starts(content, PNG, b"\x89PNG\r\n\x1a\n") and content.endswith(b"IEND\xaeB`\x82")


def _is_jpeg(content: bytes) -> bool:
    return _starts(content, JPEG, b"\xff\xd8\xff") and b"\xff\xd9" in content[-65536:]


def _office(part: str, main: str) -> Callable[[bytes], bool]:
    """An Office Open XML package (ECMA-376, part 2): nothing before it, the main part there, no macros.

    Programs are told by their parts' names, and by what the package says that its parts are, whatever they are
    called. Excel keeps the settings of printers in binary parts.
    """

    def fits(content: bytes) -> bool:
        if not content.startswith(b"PK\x03\x04") or main not in _magic(content):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                entries = {entry.filename.lower(): entry for entry in package.infolist()}
                with package.open(entries["[content_types].xml"]) as file:
                    types = file.read(_MAX_CONTENT_TYPES_BYTES + 1)
        except (
            KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError
        ):  # fmt: skip
            return False
        parts = [name for name in entries if not name.startswith("xl/printersettings/")]
        programs = any(name.endswith((".bin", ".exe", ".dll", ".js", ".vbs")) for name in parts)
        return part in entries and not programs and _is_harmless(types)

    return fits


def _is_harmless(types: bytes) -> bool:
    """Whether a package's list of content types, whole and in UTF-8, names no macros."""
    if len(types) > _MAX_CONTENT_TYPES_BYTES or not _is_text(types):
        return False
    return not any(word in types.lower() for word in (b"macroenabled", b"vbaproject", b"vbadata", b"&#"))


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any((ord(char) < 32 and char not in "\t\n\r\f") or ord(char) == 127 for char in set(text))


def _is_json(content: bytes) -> bool:
    if not _is_text(content):
        return False
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


KINDS: Final = (
    Kind(PDF, ("pdf",), "a whole PDF", _is_pdf),
    Kind(PNG, ("png",), "a whole PNG", _is_png),
    Kind(JPEG, ("jpg", "jpeg"), "a whole JPEG", _is_jpeg),
    Kind(DOCX, ("docx",), "a Word document without macros", _office("word/document.xml", DOCX)),
    Kind(XLSX, ("xlsx",), "an Excel workbook without macros", _office("xl/workbook.xml", XLSX)),
    Kind(JSON, ("json",), "JSON in UTF-8", _is_json),
    Kind(CSV, ("csv",), "text in UTF-8", _is_text),
    Kind(TEXT, ("txt", "log", "md"), "text in UTF-8", _is_text),
)
