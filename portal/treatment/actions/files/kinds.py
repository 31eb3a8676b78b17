"""Define the kinds of evidence files that are accepted, and recognize each kind by the content."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

import puremagic

from portal.treatment.actions.files.json_form import is_json
from tenants.errors import InvalidInput, invalid

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON: Final = "application/json"
CSV: Final = "text/csv"
TEXT: Final = "text/plain"
# Limits on the unpacked size of an Office package. XML is compressed to about a twentieth of its size, a zip bomb to
# about a thousandth.
MAX_EXPANDED_BYTES: Final = 200 * 1024 * 1024
MAX_PARTS: Final = 10_000
# Limit on the values in a JSON file, because checking millions of values would take seconds. Commas and opening
# brackets are counted instead of values.
MAX_JSON_VALUES: Final = 500_000
_CHUNK: Final = 1024 * 1024
# Errors that zipfile and zlib raise for a damaged package.
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError
)  # fmt: skip
# The compression methods of Office packages (ECMA-376, part 2, annex B). With these methods, one call of `read` unpacks
# at most the requested number of bytes. With bzip2, zipfile could turn one kilobyte into gigabytes before the size can
# be checked.
_METHODS: Final = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
# Limit on the size of the list of content types in an Office package.
_MAX_CONTENT_TYPES_BYTES: Final = 1024 * 1024


class Kind(NamedTuple):
    """A kind of file. `fits(content)` is true for content of this kind. A ZIP archive fits only the kinds of Office
    packages.
    """

    content_type: str
    endings: tuple[str, ...]
    words: str
    fits: Callable[[bytes], bool]


def recognize(content: bytes, name: str) -> str:
    """Return the content type. Raises InvalidInput if the kind is not accepted or the content does not
    match the extension of `name`.
    """
    ending = name.rpartition(".")[2].lower()
    kind = next((kind for kind in KINDS if ending in kind.endings), None)
    if kind is None:
        raise _refused(f"The file {name} has an extension that Surety does not accept.")
    if not kind.fits(content):
        raise _refused(f"The content of {name} is not {kind.words}.")
    if kind.content_type in (DOCX, XLSX):
        _refuse_expansion(content, name)
    return kind.content_type


def _refuse_expansion(content: bytes, name: str) -> None:
    """Unpack an Office package in memory, piece by piece, and refuse it if the unpacked size exceeds the limits.

    The sizes that the package states are not trusted; the unpacked bytes are counted.
    """
    left = MAX_EXPANDED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            for part in parts if len(parts) <= MAX_PARTS else ():
                with package.open(part) as file:
                    while left >= 0 and (piece := file.read(_CHUNK)):
                        left -= len(piece)
    except _DAMAGE:
        raise _refused(
            f"The parts of {name} cannot be unpacked. Save the document again, or export it as PDF."
        ) from None
    if left < 0 or len(parts) > MAX_PARTS:
        raise invalid(
            "files",
            f"Unpacked, {name} has more than {MAX_EXPANDED_BYTES // 2**20} MiB or {MAX_PARTS:,} parts. Upload a"
            " smaller document, or export it as PDF.",
            code="file_expands",
        )


def _refused(what: str) -> InvalidInput:
    return invalid(
        "files",
        f"{what} Evidence files can be PDF, PNG, JPEG, DOCX or XLSX without macros, or UTF-8 text, CSV or JSON.",
        code="file_kind",
    )


def _magic(content: bytes) -> set[str]:
    """Return the content types that puremagic recognizes by the first and last bytes."""
    try:
        return {match.mime_type for match in puremagic.magic_string(content) if match.mime_type}
    except puremagic.PureError:
        return set()


def _starts(content: bytes, content_type: str, *signatures: bytes) -> bool:
    # PDF readers accept the signature anywhere in the first kilobyte, and archives are read from the end. So one file
    # could be both a PDF and an archive. To exclude such files, require the signature at the first byte, and refuse
    # archives.
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
    """Return a function that recognizes Office Open XML packages (ECMA-376, part 2).

    The package must contain the file `part`, and puremagic must recognize the content type `main`. Macros and other
    programs are refused. They are recognized by the names of parts and by the declared content types. Excel's binary
    printer settings are allowed. Part names that differ only in case are refused, because Office and this check might
    read different parts.
    """

    def fits(content: bytes) -> bool:
        if not content.startswith(b"PK\x03\x04") or main not in _magic(content):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                listed = package.infolist()
                entries = {entry.filename.lower(): entry for entry in listed}
                if len(entries) < len(listed) or any(one.compress_type not in _METHODS for one in listed):
                    return False
                with package.open(entries["[content_types].xml"]) as file:
                    types = file.read(_MAX_CONTENT_TYPES_BYTES + 1)
        except (KeyError, *_DAMAGE):
            return False
        parts = [name for name in entries if not name.startswith("xl/printersettings/")]
        programs = any(name.endswith((".bin", ".exe", ".dll", ".js", ".vbs")) for name in parts)
        return part in entries and not programs and _is_harmless(types)

    return fits


def _is_harmless(types: bytes) -> bool:
    """Return whether the list of content types of a package is UTF-8 text, not longer than the limit, and declares no
    macros. Character references (`&#`) could hide such a declaration, so a list with references is refused.
    """
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
    if sum(content.count(sign) for sign in (b",", b"[", b"{")) > MAX_JSON_VALUES:
        raise _refused(
            f"A JSON file may have at most {MAX_JSON_VALUES:,} values. Split the file into smaller files."
        )
    return is_json(content)


KINDS: Final = (
    Kind(PDF, ("pdf",), "a complete PDF", _is_pdf),
    Kind(PNG, ("png",), "a complete PNG", _is_png),
    Kind(JPEG, ("jpg", "jpeg"), "a complete JPEG", _is_jpeg),
    Kind(DOCX, ("docx",), "a Word document without macros", _office("word/document.xml", DOCX)),
    Kind(XLSX, ("xlsx",), "an Excel workbook without macros", _office("xl/workbook.xml", XLSX)),
    Kind(JSON, ("json",), "JSON in UTF-8", _is_json),
    Kind(CSV, ("csv",), "text in UTF-8", _is_text),
    Kind(TEXT, ("txt", "log", "md"), "text in UTF-8", _is_text),
)
