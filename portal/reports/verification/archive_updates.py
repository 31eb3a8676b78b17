"""The updates that Surety appends to a signed file for the levels B-LT and B-LTA, and the only form that they may have.

Two kinds of incremental updates (ISO 32000-2, 7.5.6) are permitted after a certification that permits no changes
(ISO 32000-2, 12.8.2.2; ETSI EN 319 142-1, 5.4 and 6.3):

- validation data: a document security store (DSS) with certificates, OCSP answers and CRLs;
- a document time stamp over everything before it.

    validation_update(state, digits, data)             the bytes of an update with validation data
    stamp_update(state)                                the bytes of an update with a place for a time stamp
    read_updates(data, end, digits) -> [Update]        the updates of a file

The data of an update determine each of its bytes. `read_updates` takes the data from the file, writes the update again
and compares the bytes. So an update cannot contain anything else, and no PDF parser has to read the file. The form does
not depend on the version of a library, so files can be verified in later decades.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from portal.reports.verification.archive_state import FileState, UnknownForm, signed_state

# Hexadecimal digits that are reserved for the container of a document time stamp.
STAMP_DIGITS: Final = 32_000
MAX_UPDATES: Final = 64
# The maximum number of certificates, OCSP answers and CRLs in one update, and the maximum size of each.
MAX_ITEMS: Final = 40
MAX_ITEM_BYTES: Final = 4 * 1024 * 1024
_REFERENCES: Final = {
    name: re.compile(rb"\n/%s \[((?: \d{1,9} 0 R)+) \]\n" % name) for name in (b"Certs", b"OCSPs", b"CRLs")
}
_STREAM: Final = re.compile(rb"(\d{1,9}) 0 obj\n<< /Length (\d{1,9}) >>\nstream\n")


class ForeignUpdate(Exception):
    """The file was changed after signing in a way that is not permitted. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class ValidationData:
    """Certificates, OCSP answers and CRLs (DER)."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentStamp:
    """A document time stamp in an update.

    `digits` are the hexadecimal digits of the time stamp. `start` is the offset of the update, and `end` the offset
    after the update. `digest` is the SHA-256 of all bytes of the file up to `end`, except the digits and the brackets
    around them.
    """

    digits: bytes
    digest: bytes
    start: int
    end: int

    @classmethod
    def of(cls, data: bytes | bytearray, first: int, start: int, end: int | None = None) -> DocumentStamp:
        """Return the time stamp whose digits begin at `first`, in the update from `start` to `end`."""
        last = first + STAMP_DIGITS
        end = len(data) if end is None else end
        with memoryview(data) as view:
            digest = hashlib.sha256(view[: first - 1])
            digest.update(view[last + 1 : end])
        return cls(bytes(data[first:last]), digest.digest(), start, end)


type Update = ValidationData | DocumentStamp


def validation_update(state: FileState, digits: bytes, data: ValidationData) -> tuple[bytes, FileState]:
    """Return an update with validation data, and the state of the file after this update.

    The data are about the signature or time stamp whose hexadecimal digits are `digits`.
    """
    store = state.store or state.size
    first = state.size + (0 if state.store else 1)
    groups = (data.certificates, data.ocsps, data.crls)
    numbers: list[tuple[int, ...]] = []
    streams: dict[int, bytes] = {}
    for group in groups:
        numbers.append(tuple(range(first, first + len(group))))
        streams |= dict(zip(numbers[-1], map(_stream, group), strict=True))
        first += len(group)
    # ISO 32000-2, 12.8.4.3: the key of a signature in the VRI dictionary is the SHA-1 of the signature's digits. SHA-1
    # suffices, because the key only identifies the signature.
    key = hashlib.sha1(digits, usedforsecurity=False).hexdigest().upper().encode()
    related = state.related + b"/%s <<\n/Type /VRI\n%s>>\n" % (
        key,
        _arrays(zip((b"Cert", b"OCSP", b"CRL"), numbers, strict=True)),
    )
    after = replace(
        state,
        size=first,
        store=store,
        certificates=state.certificates + numbers[0],
        ocsps=state.ocsps + numbers[1],
        crls=state.crls + numbers[2],
        related=related,
        objects=dict(state.objects),
    )
    lists = ((b"Certs", after.certificates), (b"OCSPs", after.ocsps), (b"CRLs", after.crls))
    objects = {store: b"<<\n/Type /DSS\n%s/VRI <<\n%s>>\n>>" % (_arrays(lists), related), **streams}
    if not state.store:
        catalogue = _with_entry(state.objects[state.catalogue], b"/DSS %d 0 R\n" % store)
        after.objects[state.catalogue] = objects[state.catalogue] = catalogue
    return _update(after, objects)


def stamp_update(state: FileState) -> tuple[bytes, int, FileState]:
    """Return an update with space for a document time stamp, the offset of this space in the update, and the state of
    the file after the update.

    The space is filled with zeros, which the digits of the time stamp will replace.
    """
    own, value = state.size, state.size + 1
    place = b"%d 0 R " % own
    form, page = state.objects[state.form], state.objects[state.page]
    objects = {
        own: (
            b"<<\n/FT /Sig\n/T (SuretyTimeStamp%d)\n/Type /Annot\n/Subtype /Widget\n/F 132\n/Rect [ 0 0 0 0 ]\n"
            b"/P %d 0 R\n/V %d 0 R\n>>" % (state.stamps + 1, state.page, value)
        ),
        value: b"",
        state.form: _with_last(form, b"\n/Fields [ ", place),
        state.page: _with_last(page, b"\n/Annots [ ", place),
    }
    after = replace(state, size=value + 1, stamps=state.stamps + 1, objects=dict(state.objects))
    after.objects[state.form], after.objects[state.page] = objects[state.form], objects[state.page]
    head = b"<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n/Contents <"
    before = state.end + len(_body(objects, own)) + len(b"%d 0 obj\n" % value) + len(head) - 1
    start = before + STAMP_DIGITS + 2
    objects[value] = b"%s%s>\n/ByteRange [0 %d %d %010d]\n>>" % (head, b"0" * STAMP_DIGITS, before, start, 0)
    length, _ = _update(after, objects)
    behind = state.end + len(length) - start
    objects[value] = objects[value].replace(b"%010d]\n>>" % 0, b"%10d]\n>>" % behind)
    update, after = _update(after, objects)
    return update, before + 1 - state.end, after


def read_updates(data: bytes, end: int, digits: bytes) -> list[Update]:
    """Return the updates after the signed file `data[:end]`. `digits` are the hexadecimal digits of its signature.

    Raises ForeignUpdate if anything else was appended.
    """
    if end == len(data):
        return []
    try:
        state = signed_state(data, end)
    except (UnknownForm, ValueError, zlib.error):
        raise ForeignUpdate(_extended(len(data) - end)) from None
    updates: list[Update] = []
    while state.end < len(data):
        if len(updates) >= MAX_UPDATES:
            raise ForeignUpdate(f"The file has more than {MAX_UPDATES} updates.")
        update, state = _read_stamp(data, state) or _read_validation_data(data, state, digits)
        if isinstance(update, DocumentStamp):
            digits = update.digits
        updates.append(update)
    return updates


def _read_stamp(data: bytes, state: FileState) -> tuple[Update, FileState] | None:
    expected, at, after = stamp_update(state)
    end = state.end + len(expected)
    first = state.end + at
    start = first + STAMP_DIGITS
    if data[state.end : first] != expected[:at] or data[start:end] != expected[at + STAMP_DIGITS :]:
        return None
    return DocumentStamp.of(data, first, state.end, end), after


def _read_validation_data(data: bytes, state: FileState, digits: bytes) -> tuple[Update, FileState]:
    foreign = ForeignUpdate(_extended(len(data) - state.end))
    head = b"%d 0 obj\n<<\n/Type /DSS\n" % (state.store or state.size)
    if not data.startswith(head, state.end):
        raise foreign
    stop = data.find(b"\nendobj\n", state.end)
    dictionary = data[state.end : stop]
    if stop < 0:
        raise foreign
    groups: list[tuple[bytes, ...]] = []
    at = stop + len(b"\nendobj\n")
    for name in (b"Certs", b"OCSPs", b"CRLs"):
        found = _REFERENCES[name].search(dictionary)
        numbers = [int(number) for number in found.group(1).split()[::3]] if found else []
        new = [number for number in numbers if number >= state.size]
        if len(new) > MAX_ITEMS:
            raise foreign
        items = []
        for _ in new:
            stream = _STREAM.match(data, at)
            length = int(stream.group(2)) if stream else 0
            if stream is None or length > MAX_ITEM_BYTES:
                raise foreign
            items.append(data[stream.end() : stream.end() + length])
            at = stream.end() + length + len(b"\nendstream\nendobj\n")
        groups.append(tuple(items))
    found_data = ValidationData(*groups)
    expected, after = validation_update(state, digits, found_data)
    if data[state.end : after.end] != expected:
        raise foreign
    return found_data, after


def _extended(number: int) -> str:
    what = "1 byte is" if number == 1 else f"{number} bytes are"
    return (
        f"The file was extended after it was signed, or a part after the signature was changed or cut off: {what}"
        " after the last permitted part. Only validation data and archive time stamps in the form that Surety"
        " writes may stand after the signature."
    )


def _update(state: FileState, objects: dict[int, bytes]) -> tuple[bytes, FileState]:
    """Return the bytes of an update with these objects, and the state after the update.

    `state` already refers to the objects. The update begins at the offset `state.end`.
    """
    body, places, at = [], {}, state.end
    for number, content in objects.items():
        places[number] = at
        body.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
        at += len(body[-1])
    own = state.size
    places[own] = at
    numbers = sorted(places)
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number == groups[-1][0] + groups[-1][1]:
            groups[-1][1] += 1
        else:
            groups.append([number, 1])
    entries = b"".join(b"\x01" + places[number].to_bytes(8) + b"\x00\x00" for number in numbers)
    # In `body`, the digits of a time stamp are still zeros, so the identifier does not depend on the time stamp.
    identifier = hashlib.sha256(b"".join([state.identifiers[1], *body])).hexdigest()[:32].encode()
    dictionary = (
        b"<<\n/Type /XRef\n/W [ 1 8 2 ]\n/Index [ %s ]\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n"
        b"/ID [ <%s> <%s> ]\n/Prev %d\n/Length %d\n>>"
    ) % (
        b" ".join(b"%d %d" % (first, count) for first, count in groups),
        own + 1,
        state.catalogue,
        state.info,
        state.identifiers[0],
        identifier,
        state.table,
        len(entries),
    )
    body.append(b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (own, dictionary, entries))
    body.append(b"startxref\n%d\n%%%%EOF\n" % at)
    content = b"".join(body)
    after = replace(
        state,
        end=state.end + len(content),
        size=own + 1,
        table=at,
        identifiers=(state.identifiers[0], identifier),
    )
    return content, after


def _body(objects: dict[int, bytes], number: int) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _arrays(lists: Iterable[tuple[bytes, tuple[int, ...]]]) -> bytes:
    """Return the entries of a PDF dictionary: for each pair of a name and object numbers, the name and a list of
    references to these objects. Pairs without object numbers are left out.
    """
    return b"".join(
        b"/%s [%s ]\n" % (name, b"".join(b" %d 0 R" % number for number in numbers))
        for name, numbers in lists
        if numbers
    )


def _with_entry(dictionary: bytes, entry: bytes) -> bytes:
    if not dictionary.endswith(b"\n>>"):
        raise UnknownForm("its catalogue has an unknown form")
    return dictionary[:-2] + entry + b">>"


def _with_last(dictionary: bytes, opening: bytes, item: bytes) -> bytes:
    """Return the dictionary with a further item in the list that starts with `opening`."""
    at = dictionary.index(opening) + len(opening)
    end = dictionary.index(b"]", at)
    return dictionary[:end] + item + dictionary[end:]
