"""Check an uploaded file, and unpack it if it is compressed with gzip."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from typing import Final

from assessments.scan_files.facts import refused

MIB: Final = 2**20
MAX_BYTES: Final = 32 * MIB
"""Maximum size of a file as it is uploaded."""
MAX_UNPACKED: Final = 128 * MIB
"""Maximum size of a file after unpacking."""
_GZIP: Final = b"\x1f\x8b"
_PIECE: Final = MIB
_OTHERS: Final = {
    b"PK\x03\x04": "This is a ZIP archive or an Excel workbook. Unpack it, or export the report as XML or CSV.",
    b"%PDF": "This is a PDF. Export the report as XML or CSV.",
    b"\xd0\xcf\x11\xe0": "This is an Excel workbook. Export the report as XML or CSV.",
    b"7z\xbc\xaf": "This is a 7z archive. Unpack it first.",
    b"BZh": "This file is compressed with bzip2. Unpack it first.",
    b"\xfd7zXZ": "This file is compressed with xz. Unpack it first.",
}


def unpacked(content: bytes) -> bytes:
    """Return the unpacked content of a file. Raise InvalidInput for a file that is too large, empty or damaged, and for
    a PDF, a workbook or an archive.
    """
    if len(content) > MAX_BYTES:
        raise refused(
            f"The file is larger than {MAX_BYTES // MIB} MiB. Compress it with gzip, or export fewer machines into"
            " each file."
        )
    if not content.strip():
        raise refused("The file is empty. Export the report again.")
    if content.startswith(_GZIP):
        content = _gunzipped(content)
        if content.startswith(_GZIP):
            raise refused("The file is compressed twice. Unpack it once, then upload it again.")
    for start, message in _OTHERS.items():
        if content.startswith(start):
            raise refused(message)
    if len(content) > MAX_UNPACKED:
        raise _too_large()
    if not content.strip():
        raise refused("The file is empty. Export the report again.")
    return content


def as_text(content: bytes) -> str:
    """Decode the text of a file. A file with a byte order mark of UTF-16 is decoded as UTF-16. Any other file is
    decoded as UTF-8 or, if it is not valid UTF-8, as Windows-1252.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise refused("This is not a text file. Export the report as XML or CSV, in UTF-8.")


def _gunzipped(content: bytes) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > MAX_UNPACKED:
                    raise _too_large()
                pieces.append(piece)
    except (OSError, EOFError, zlib.error):
        raise refused(
            "The compressed file is damaged or incomplete. Compress it again, then upload it."
        ) from None
    return b"".join(pieces)


def _too_large() -> Exception:
    return refused(
        f"The file is larger than {MAX_UNPACKED // MIB} MiB after unpacking. Export fewer machines into each file."
    )
