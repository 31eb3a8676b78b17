"""Read the end of a signed file, to find the objects and offsets to which an appended update refers (ISO 32000-1, 7.5.6
and 7.5.8).

`portal.reports.signing.sign` wrote the last revision of the file, so the structure of this revision is known, and no
PDF parser is needed.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import Final

_MAX_TABLE_BYTES: Final = 1024 * 1024
# The length of a row of a cross-reference stream in bytes: the sum of the widths of its fields (/W [ 1 8 2 ]).
_ROW_BYTES: Final = 11
_END: Final = re.compile(rb"\nstartxref\n(\d{1,12})\n%%EOF\n\Z")
_NUMBERS: Final = re.compile(rb"/Index \[ ?([\d ]+?) ?\]")
_TABLE: Final = re.compile(rb"\d{1,9} 0 obj\n(<<\n.{1,2000}?\n>>)\nstream\n", re.DOTALL)


class UnknownForm(Exception):
    """The signed file does not have the form that Surety writes, so nothing can be appended to it. The message says
    why.
    """


@dataclass(frozen=True, slots=True)
class FileState:
    """The objects and offsets to which the next update refers.

    `size` is the number of the next object, `table` the offset of the last cross-reference stream. `catalogue`, `form`
    and `page` are the numbers of three objects: the catalogue, the interactive form (AcroForm), and the page with the
    signature fields. `objects` has the content of these objects. `identifiers` are the two strings of the file
    identifier. `store` is the object number of the document security store (DSS), or 0 if there is none.
    `certificates`, `ocsps` and `crls` are the object numbers in the lists of the DSS, and `related` has the VRI
    dictionaries of the DSS.
    """

    end: int
    size: int
    table: int
    info: int
    catalogue: int
    form: int
    page: int
    identifiers: tuple[bytes, bytes]
    objects: dict[int, bytes] = field(default_factory=dict)
    store: int = 0
    certificates: tuple[int, ...] = ()
    ocsps: tuple[int, ...] = ()
    crls: tuple[int, ...] = ()
    related: bytes = b""
    stamps: int = 0


def signed_state(data: bytes, end: int) -> FileState:
    """Return the objects and offsets of the signed file `data[:end]` to which the first update after the signature must
    refer. Raise UnknownForm if the file does not have the structure that Surety writes.

    Only the last revision of the signed file is read. Signing wrote it, so it contains all that signing changed: the
    catalogue, the interactive form (AcroForm) and the page with the signature's field.
    """
    found = _END.search(data, max(0, end - 64), end)
    if found is None:
        raise UnknownForm("its end is not that of a file that Surety has signed")
    table = int(found.group(1))
    dictionary, content = _table(data, table, end)
    offsets = _offsets(dictionary, content)
    catalogue = _reference(dictionary, b"Root")
    identifiers = re.search(rb"/ID \[ <([0-9a-f]{2,256})> <([0-9a-f]{2,256})> \]", dictionary)
    if identifiers is None:
        raise UnknownForm("it has no file identifier")
    objects = {catalogue: _object(data, offsets, catalogue, end)}
    form = _reference(objects[catalogue], b"AcroForm")
    objects[form] = _object(data, offsets, form, end)
    fields = re.search(rb"\n/Fields \[ (\d{1,9}) 0 R \]\n", objects[form])
    if fields is None:
        raise UnknownForm("its form has not exactly one field")
    page = _reference(_object(data, offsets, int(fields.group(1)), end), b"P")
    objects[page] = _object(data, offsets, page, end)
    if objects[page].count(b"\n/Annots [ ") != 1:
        raise UnknownForm("its page with the signature has no list of annotations")
    return FileState(
        end=end,
        size=_number(dictionary, b"Size"),
        table=table,
        info=_reference(dictionary, b"Info"),
        catalogue=catalogue,
        form=form,
        page=page,
        identifiers=(identifiers.group(1), identifiers.group(2)),
        objects=objects,
    )


def _table(data: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    """Return the dictionary and the content of the cross-reference stream at the offset."""
    found = _TABLE.match(data, at, end)
    if found is None or b"\n/Type /XRef\n" not in found.group(1):
        raise UnknownForm("it has no cross-reference stream at its end")
    dictionary = found.group(1)
    length = _number(dictionary, b"Length")
    if length > _MAX_TABLE_BYTES:
        raise UnknownForm("its cross-reference stream is too large")
    content = data[found.end() : found.end() + length]
    if b"\n/Filter /FlateDecode\n" in dictionary:
        content = zlib.decompressobj().decompress(content, _MAX_TABLE_BYTES)
    return dictionary, content


def _offsets(dictionary: bytes, content: bytes) -> dict[int, int]:
    index = _NUMBERS.search(dictionary)
    if index is None or b"\n/W [ 1 8 2 ]\n" not in dictionary:
        raise UnknownForm("its cross-reference stream has an unknown form")
    numbers = [int(number) for number in index.group(1).split()]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    # Check the number of objects before listing the objects, because a hostile file could state huge ranges.
    if sum(count for _, count in pairs) * _ROW_BYTES != len(content):
        raise UnknownForm("its cross-reference stream does not have as many rows as it lists objects")
    objects = [number for first, count in pairs for number in range(first, first + count)]
    rows = [content[at : at + _ROW_BYTES] for at in range(0, len(content), _ROW_BYTES)]
    return {
        number: int.from_bytes(row[1:9])
        for number, row in zip(objects, rows, strict=True)
        if row[:1] == b"\x01"
    }


def _object(data: bytes, offsets: dict[int, int], number: int, end: int) -> bytes:
    at = offsets.get(number, -1)
    head = b"%d 0 obj\n" % number
    stop = data.find(b"\nendobj\n", at, end) if at >= 0 else -1
    if stop < 0 or not data.startswith(head, at):
        raise UnknownForm(f"its object {number} is not where it should be")
    return data[at + len(head) : stop]


def _reference(dictionary: bytes, name: bytes) -> int:
    found = re.search(rb"\n/%s (\d{1,9}) 0 R\n" % name, dictionary)
    if found is None:
        raise UnknownForm(f"it has no /{name.decode()}")
    return int(found.group(1))


def _number(dictionary: bytes, name: bytes) -> int:
    found = re.search(rb"\n/%s (\d{1,9})\n" % name, dictionary)
    if found is None:
        raise UnknownForm(f"it has no /{name.decode()}")
    return int(found.group(1))
