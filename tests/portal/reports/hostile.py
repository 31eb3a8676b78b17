"""PDF files that keep a parser busy, use up its memory, or make it fail. Two have 60 MB, all others less than 1 MB."""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Callable, Mapping

from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.signing.sign import _signer

CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
BASE = {1: CATALOGUE, 2: PAGES, 3: PAGE}


def pdf(objects: Mapping[int, bytes], *, prev: bytes = b"", first: bytes = b"") -> bytes:
    """Return a PDF file with a cross-reference table.

    `prev` is the trailer's entry for an earlier table. `first` is written before the objects.
    """
    out = bytearray(b"%PDF-1.7\n" + first)
    places = {}
    for number, content in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (max(objects) + 1)
    for number in range(1, max(objects) + 1):
        out += b"%010d 00000 n \n" % places[number]
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (max(objects) + 1, prev)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def repeated_fields(depth: int = 40, *, first: bytes = b"") -> bytes:
    """Form fields, each of which lists the same child four times. The file has 2.5 KB, but `4 ** depth` paths lead to
    the leaf.
    """
    form = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [4 0 R 4 0 R 4 0 R 4 0 R] >> >>"
    nodes = {
        number: b"<< /T (a) /Kids [%s] >>" % b" ".join([b"%d 0 R" % (number + 1)] * 4)
        for number in range(4, 4 + depth)
    }
    leaf = {4 + depth: b"<< /FT /Sig /T (a) >>"}
    return pdf({**BASE, 1: form, **nodes, **leaf}, first=first)


def cyclic_fields() -> bytes:
    form = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [4 0 R] >> >>"
    return pdf({**BASE, 1: form, 4: b"<< /T (a) /Kids [4 0 R 4 0 R] >>"})


def cyclic_pages() -> bytes:
    return pdf({**BASE, 2: b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"})


def cyclic_attachments() -> bytes:
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 4 0 R >> >>"
    return pdf({**BASE, 1: catalogue, 4: b"<< /Kids [4 0 R 4 0 R 4 0 R 4 0 R] >>"})


def long_string(size: int = 60_000_000) -> bytes:
    """A hexadecimal string of 60 MB where a parser expects a dictionary."""
    return pdf(
        {**BASE, 4: b"<" + b"a" * size + b">", 1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>"}
    )


def damaged_previous_table() -> bytes:
    return pdf(BASE, prev=b"/Prev 99999999999999999999")


def previous_table_in_an_object() -> bytes:
    return pdf(BASE, prev=b"/Prev 12")


def previous_table_is_a_name() -> bytes:
    return pdf(BASE, prev=b"/Prev /Nowhere")


def previous_table_loop() -> bytes:
    data = pdf(BASE, prev=b"/Prev 0000000000")
    return data.replace(b"/Prev 0000000000", b"/Prev %010d" % data.rindex(b"xref\n0 "))


def compressed_bomb() -> bytes:
    """An object stream that is compressed twice: less than 1 KB becomes 300 MB."""
    content = zlib.compress(zlib.compress(bytes(300_000_000), 9), 9)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream"
    return _with_reference_stream(stream % (len(content), content))


def _with_reference_stream(object_stream: bytes) -> bytes:
    """Return a file whose catalogue is in the object stream."""
    out = bytearray(b"%PDF-1.7\n")
    stream_at = len(out)
    out += b"4 0 obj\n%s\nendobj\n" % object_stream
    start = len(out)
    rows = [(0, 0, 255), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, stream_at, 0), (1, start, 0)]
    table = b"".join(
        kind.to_bytes(1) + place.to_bytes(8) + generation.to_bytes(2) for kind, place, generation in rows
    )
    out += (
        b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 8 2] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        % (len(table), table)
    )
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def deep_arrays(depth: int = 200_000) -> bytes:
    return pdf(
        {**BASE, 1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm %s%s >>" % (b"[" * depth, b"]" * depth)}
    )


def signature_place(digits: bytes) -> bytes:
    """Return a file that has these digits in the place of a signature."""
    head = b"%PDF-1.7\n1 0 obj\n<< /Contents <"
    start = len(head) + len(digits) + 1
    tail = b"\n/ByteRange [0 %010d %010d %010d] >>\nendobj\n%%%%EOF\n"
    length = len(tail % (0, 0, 0))
    return head + digits + b">" + tail % (len(head) - 1, start, length)


def element(tag: int, content: bytes) -> bytes:
    """Return a DER element whose length is encoded in three bytes."""
    return bytes([tag, 0x83]) + len(content).to_bytes(3) + content


def long_identifier(size: int = 126_000) -> bytes:
    """A signature whose container has an object identifier with one component (arc) of thousands of digits."""
    identifier = element(6, b"\xff" * size + b"\x01")
    digits = element(0x30, identifier + b"\xa0\x00").hex().upper().encode()
    return signature_place(digits.ljust(max(48_000, len(digits)), b"0"))


def many_ranges() -> bytes:
    """A file of 60 MB that repeats the beginning of a byte range."""
    return b"%PDF-1.7\n" + b">\n/ByteRange [" * 4_300_000


HOSTILE = {
    "fields that list one node many times": repeated_fields,
    "fields in a circle": cyclic_fields,
    "pages in a circle": cyclic_pages,
    "attachments in a circle": cyclic_attachments,
    "a string of 60 MB": long_string,
    "a damaged place of the previous table": damaged_previous_table,
    "a previous table inside of an object": previous_table_in_an_object,
    "a previous table that is a name": previous_table_is_a_name,
    "cross-reference tables in a circle": previous_table_loop,
    "a stream of gigabytes": compressed_bomb,
    "200,000 arrays in each other": deep_arrays,
    "an identifier of 126,000 bytes": long_identifier,
    "an identifier of 70,000 bytes": lambda: long_identifier(70_000),
    "60 MB of byte ranges": many_ranges,
}


# Damaged values of /Prev and /XRefStm, in which parsers expect the offset of another cross-reference table or stream.
DAMAGED_PLACES: dict[str, bytes] = {
    "beyond the end": b"99999",
    "far beyond the end": b"9" * 40,
    "negative": b"-1",
    "zero": b"0",
    "the header": b"1",
    "inside of an object": b"12",
    "inside of a number": b"15",
    "a fraction": b"12.5",
    "an exponent": b"1e9",
    "signs": b"+-7",
    "a name": b"/Nowhere",
    "an empty name": b"/",
    "a string": b"(12)",
    "an open string": b"(12",
    "a hexadecimal string": b"<31 32>",
    "an odd hexadecimal string": b"<3",
    "no hexadecimal string": b"<zz>",
    "an array": b"[12]",
    "an open array": b"[[[",
    "a dictionary": b"<< /Prev 12 >>",
    "an open dictionary": b"<<",
    "null": b"null",
    "true": b"true",
    "nothing": b"",
    "an unknown word": b"previous",
    "a missing object": b"77 0 R",
    "the catalogue": b"1 0 R",
    "the free object": b"0 65535 R",
    "an endless generation": b"1 99999999999999999999 R",
    "binary": bytes(range(0x80, 0x90)),
    "NUL": b"\0\0",
    "not UTF-8": b"\xff\xfe(\xc3\x28",
    "a comment": b"% 12",
    "two numbers": b"12 13",
    "two entries": b"12 /Prev 13",
}


def damaged_place(case: str, key: bytes = b"/Prev", *, first: bytes = b"") -> bytes:
    """Return a file whose trailer has the value `DAMAGED_PLACES[case]` for `key`."""
    return pdf(BASE, prev=key + b" " + DAMAGED_PLACES[case], first=first)


def signed(identity: SigningIdentity, make: Callable[[bytes], bytes]) -> bytes:
    """Return the file that `make` builds, correctly signed with the identity. Signing does not parse the file.

    `make` gets the bytes of the signature's object and returns a file with these bytes before all other objects. The
    length and place of these bytes must be the same in each call.
    """
    digits = 20_000
    template = b"98 0 obj\n<<\n/Contents <%s>\n/ByteRange [0 %06d %06d %06d]\n>>\nendobj\n"
    blank = make(template % (b"0" * digits, 0, 0, 0))
    start = blank.index(b"<000")
    end = start + digits + 2
    data = make(template % (b"0" * digits, start, end, len(blank) - end))
    digest = hashlib.sha256(data[:start] + data[end:]).digest()
    signature = run_in_own_thread(
        lambda: asyncio.run(
            _signer(identity, [], "", "B-B").async_sign(digest, "sha256", use_pades=True, is_pdf_sig=True)
        )
    )
    return data[: start + 1] + signature.dump().hex().upper().encode().ljust(digits, b"0") + data[end - 1 :]


def signed_repeated_fields(identity: SigningIdentity) -> bytes:
    """Return the file of `repeated_fields`, correctly signed with the identity."""
    return signed(identity, lambda first: repeated_fields(first=first))


def signed_damaged_place(identity: SigningIdentity, case: str, key: bytes) -> bytes:
    """Return the file of `damaged_place` with a correct signature. Without one, it would not be parsed."""
    return signed(identity, lambda first: damaged_place(case, key, first=first))
