"""Files to embed in a PDF. Each file is compressed into a temporary file and hashed piece by piece, so that the
whole uncompressed content is never in memory at once.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

ALWAYS_LISTED: Final = ("fail", "unknown", "manual")
"""`results.json` lists every verdict with one of these outcomes, even in a large report."""
# Compressed content of more than this many bytes is moved from memory to a temporary file.
_IN_MEMORY: Final = 2**20
_COMPRESSION: Final = 9


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to embed in the PDF. `relationship` is its `AFRelationship` of PDF/A-3: Data, Supplement, Source or
    Alternative.

    `compressed` is a file with the content in the format of zlib (Flate in PDF). `size` and the hashes are of the
    uncompressed content: `sha256` in lower-case hex, and `md5` as 16 bytes, PDF's checksum of an embedded file.
    """

    name: str
    description: str
    media_type: str
    relationship: str
    compressed: IO[bytes]
    size: int
    sha256: str
    md5: bytes

    @property
    def deflated(self) -> bytes:
        """The compressed content."""
        self.compressed.seek(0)
        return self.compressed.read()

    @property
    def content(self) -> bytes:
        """The whole content, which may be very large."""
        return zlib.decompress(self.deflated)


class AttachmentWriter:
    """A writer of an attachment's content, piece by piece."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="surety-report-")  # noqa: SIM115 - ends with the report
        self._compressor = zlib.compressobj(_COMPRESSION, memLevel=zlib.DEF_MEM_LEVEL + 1)
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0

    def write(self, content: bytes) -> None:
        """Compress the bytes and append them to the content."""
        self._sha256.update(content)
        self._md5.update(content)
        self._size += len(content)
        self._file.write(self._compressor.compress(content))

    def attachment(
        self, name: str, description: str, media_type: str, relationship: str = "Data"
    ) -> Attachment:
        """Return the attachment. Nothing can be written afterwards."""
        self._file.write(self._compressor.flush())
        return Attachment(
            name,
            description,
            media_type,
            relationship,
            self._file,
            self._size,
            self._sha256.hexdigest(),
            self._md5.digest(),
        )


class Lines:
    """A list in JSON. Each item is written on a line of its own as soon as it exists.

    If `is_flat` is set, no item may contain `Lines`, and the keys of all mappings in the items are sorted.
    """

    def __init__(self, items: Iterable[Any], *, is_flat: bool = False) -> None:
        self.items, self.is_flat = items, is_flat


def write_json(out: AttachmentWriter, content: Mapping[str, Any]) -> None:
    """Write compact JSON with UTC times.

    Mappings that contain mappings or `Lines` keep the order of their keys. All other mappings, and all mappings in
    plain lists or flat `Lines`, get sorted keys.
    """
    pending: list[str] = []
    length = 0
    for piece in chain(_pieces(content), ("\n",)):
        pending.append(piece)
        length += len(piece)
        if length > _IN_MEMORY:
            out.write("".join(pending).encode())
            pending.clear()
            length = 0
    out.write("".join(pending).encode())


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and any(isinstance(item, Lines | Mapping) for item in value.values()):
        opening = "{"
        for key, item in value.items():
            yield f"{opening}{encode(key)}:"
            yield from _pieces(item)
            opening = ",\n"
        yield "}"
    elif isinstance(value, Lines):
        opening = "[\n"
        for item in value.items:
            yield opening
            if value.is_flat:
                yield encode(item)
            else:
                yield from _pieces(item)
            opening = ",\n"
        yield "[]" if opening == "[\n" else "]"
    else:
        yield encode(value)


def shallow(value: Any) -> dict[str, Any]:
    """Return {field: value} of a dataclass, without copying the values."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return shallow(value)
    return dict(value) if isinstance(value, Mapping) else timestamp(value)


encode: Final[Callable[[Any], str]] = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
).encode


@lru_cache(maxsize=4096)
def timestamp(value: Any) -> str:
    """Return a time as ``2026-11-25T12:00:00Z``."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(f"Cannot write {type(value).__name__} to a report's attachment.")
