"""Evidence files: accepted kinds, cleaned names, and the deletion of files without a row."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from portal.treatment.actions.files.kinds import DOCX, XLSX
from portal.treatment.actions.files.orphans import delete_orphan_files
from portal.treatment.actions.files.store import MAX_BYTES, clean_name, store_file
from portal.treatment.models import EvidenceFile
from portal.treatment.storage import evidence_storage
from tenants.errors import InvalidInput, NotFound
from tests import factories
from tests.portal.treatment.exception_cases import NOW, CustomerWithApprovers


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def archive(*names: str, before: bytes = b"", types: bytes = b"<x/>") -> bytes:
    """An archive with these parts; `types` is the content of its list of content types."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name in names:
            package.writestr(name, types if name == "[Content_Types].xml" else "<x/>")
    return before + file.getvalue()


def workbook(types: bytes) -> bytes:
    return archive("[Content_Types].xml", "xl/workbook.xml", "xl/printerSettings/p1.bin", types=types)


def bomb(*, lie: bool = False) -> bytes:
    """A document of about 200 KB that unpacks to more than 200 MiB. With `lie`, it states a size of 5 bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<x/>")
        with package.open("word/document.xml", "w", force_zip64=False) as part:
            for _ in range(201):
                part.write(b"\0" * 2**20)
    content = file.getvalue()
    size = struct.pack("<L", 201 * 2**20)
    return content.replace(size, struct.pack("<L", 5)) if lie else content


def damaged(compression: int) -> bytes:
    """A document with a damaged part: its bytes are not valid data of this compression method."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as package:
        package.writestr("[Content_Types].xml", "<x/>", zipfile.ZIP_STORED)
        package.writestr("word/document.xml", bytes(range(256)) * 8)
        start = package.getinfo("word/document.xml").header_offset + 30 + len("word/document.xml")
    content = bytearray(file.getvalue())
    content[start + 9 : start + 40] = b"\xff" * 31
    return bytes(content)


def document(compression: int) -> bytes:
    """A Word document whose main part is compressed with this method."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("[Content_Types].xml", "<x/>")
        package.writestr("word/document.xml", "<x/>", compression)
    return file.getvalue()


def twice(name: str, *compressions: int) -> bytes:
    """A Word document with several parts of the same name, one for each compression method."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("word/document.xml", "<x/>")
        package.writestr("[Content_Types].xml", "<x/>")
        for compression in compressions:
            with pytest.warns(UserWarning, match="Duplicate name"):
                package.writestr(name, b"<x/>", compression)
    return file.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\0" * 40 + b"\xff\xd9"
WORD = archive("[Content_Types].xml", "word/document.xml")
EXCEL = archive("[Content_Types].xml", "xl/workbook.xml")

TAKEN: dict[str, tuple[str, bytes, str]] = {
    "PDF": ("scan.pdf", PDF, "application/pdf"),
    "PNG": ("shot.PNG", PNG, "image/png"),
    "JPEG": ("photo.jpeg", JPEG, "image/jpeg"),
    "Word": ("letter.docx", WORD, DOCX),
    "Excel": ("list.xlsx", EXCEL, XLSX),
    "Excel with a printer": (
        "list.xlsx",
        workbook(b'<Default Extension="bin" ContentType="x.spreadsheetml.printerSettings"/>'),
        XLSX,
    ),
    "JSON": ("export.json", b'{"a": [1, "\xc3\xa4"]}', "application/json"),
    "CSV": ("list.csv", b"a;b\r\n1;2\r\n", "text/csv"),
    "text": ("note.txt", "Grüße\tan alle\n".encode(), "text/plain"),
    "text with a mark": ("note.md", b"\xef\xbb\xbf# x", "text/plain"),
    "markup is text": ("page.txt", b"<script>alert(1)</script>", "text/plain"),
}
# Contents that take long to make are functions, so that collecting the tests does not make them.
REFUSED: dict[str, tuple[str, bytes | Callable[[], bytes], str]] = {
    "nothing": ("empty.txt", b"", "empty"),
    "too big": ("big.txt", b"x" * (MAX_BYTES + 1), "larger than 10 MiB"),
    "a web page": ("page.html", b"<html></html>", "does not accept"),
    "a picture that can hold scripts": ("x.svg", b"<svg onload='x'/>", "does not accept"),
    "an archive": ("x.zip", archive("x"), "does not accept"),
    "a program called a picture": ("x.png", b"MZ" + b"\0" * 100, "not a complete PNG"),
    "markup called PDF": ("x.pdf", b"<html>%PDF-1.7 %%EOF</html>", "not a complete PDF"),
    "PDF called text": ("x.txt", PDF + b"\x00\xff", "not text"),
    "a header, no end": ("x.pdf", b"%PDF-1.7\n" + b"x" * 5000, "not a complete PDF"),
    "a header, not at the start": ("x.pdf", b"GIF89a" + PDF, "not a complete PDF"),
    "PDF and archive": ("x.pdf", archive("x.class", before=PDF), "not a complete PDF"),
    "PNG and archive": ("x.png", archive("x.class", before=PNG), "not a complete PNG"),
    "JPEG and archive": ("x.jpg", archive("x.class", before=JPEG), "not a complete JPEG"),
    "PNG and markup": ("x.png", PNG + b"<script>", "not a complete PNG"),
    "a cut PNG": ("x.png", PNG[:-4], "not a complete PNG"),
    "an archive called Word": ("x.docx", archive("x"), "not a Word"),
    "Excel called Word": ("x.docx", EXCEL, "not a Word"),
    "PDF and Word": (
        "x.docx", archive("[Content_Types].xml", "word/document.xml", before=PDF), "not a Word",
    ),
    "Word with macros": (
        "x.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "macros",
    ),
    "Excel with macros by another name": (
        "x.xlsx", workbook(b'<Default Extension="bin" ContentType="application/vnd.ms-office.VbaProject"/>'),
        "macros",
    ),
    "Excel that says it has macros": (
        "x.xlsx", workbook(b'<Override ContentType="x.sheet.macroEnabled.main+xml"/>'), "macros",
    ),
    "Excel whose types are hidden": (
        "x.xlsx", workbook('<x ContentType="x.macroEnabled"/>'.encode("utf-16")), "macros",
    ),
    "Excel whose types are spelt": ("x.xlsx", workbook(b'<x ContentType="x.macro&#69;nabled"/>'), "macros"),
    "Excel whose types never end": ("x.xlsx", workbook(b" " * (1024 * 1024 + 1)), "macros"),
    "a damaged deflated part": ("x.docx", lambda: damaged(zipfile.ZIP_DEFLATED), "cannot be unpacked"),
    "a damaged bzip2 part": ("x.docx", lambda: damaged(zipfile.ZIP_BZIP2), "not a Word"),
    "a damaged LZMA part": ("x.docx", lambda: damaged(zipfile.ZIP_LZMA), "not a Word"),
    "a part compressed with bzip2": ("x.docx", lambda: document(zipfile.ZIP_BZIP2), "not a Word"),
    "a part compressed with LZMA": ("x.docx", lambda: document(zipfile.ZIP_LZMA), "not a Word"),
    "a part with bzip2 behind one with the same name": (
        "x.docx",
        lambda: twice("word/document.xml", zipfile.ZIP_BZIP2, zipfile.ZIP_STORED),
        "not a Word",
    ),
    "two lists of content types": (
        "x.docx",
        lambda: twice("[Content_Types].xml", zipfile.ZIP_STORED),
        "not a Word",
    ),
    "a bomb": ("x.docx", bomb, "has more than 200 MiB"),
    "a bomb that lies about its size": ("x.docx", lambda: bomb(lie=True), "cannot be unpacked"),
    "a crowd of parts": (
        "x.docx",
        lambda: archive(
            "[Content_Types].xml", "word/document.xml", *(f"word/{number}.xml" for number in range(10_000))
        ),
        "10,000 parts",
    ),
    "a cut Word": ("x.docx", WORD[:-30], "not a Word"),
    "not UTF-8": ("x.txt", "Grüße".encode("latin-1"), "UTF-8"),
    "UTF-16": ("x.txt", "hello".encode("utf-16"), "UTF-8"),
    "text with NUL": ("x.csv", b"a\x00b", "UTF-8"),
    "text that steers terminals": ("x.log", b"\x1b]0;x\x07", "UTF-8"),
    "JSON that is none": ("x.json", b"{'a': 1}", "not JSON"),
    "JSON without a bottom": ("x.json", b"[" * 200_000, "not JSON"),
    "JSON of millions of objects": ("x.json", b"[" + b"{}," * 3_400_000 + b"{}]", "at most 500,000 values"),
    "JSON of millions of lists": ("x.json", b"[" + b"[]," * 3_400_000 + b"[]]", "at most 500,000 values"),
}  # fmt: skip

NAMES = {
    "plain.pdf": "plain.pdf",
    "../../etc/passwd.txt": "passwd.txt",
    "C:\\Users\\x\\scan.PDF": "scan.pdf",
    'a"b<c>:|*?.pdf': "abc.pdf",
    "line\r\nSet-Cookie: x.pdf": "lineSet-Cookie x.pdf",
    "invoice\u202efdp.txt": "invoicefdp.txt",
    "nul\x00.pdf": "nul.pdf",
    "..hidden.pdf": "hidden.pdf",
    "Grüße an  alle.pdf": "Grüße an alle.pdf",
    "x" * 300 + ".pdf": "x" * 150 + ".pdf",
}


@pytest.fixture
def customer(db: None) -> CustomerWithApprovers:
    return CustomerWithApprovers()


def keep(customer: CustomerWithApprovers, name: str, content: bytes, **given: Any) -> EvidenceFile:
    exception = customer.ask([customer.finding()])
    with factories.in_tenant(customer.tenant):
        return store_file(
            tenant=customer.tenant,
            by=customer.asker,
            file=ContentFile(content, name),
            exception=exception,
            **given,
        )


def stored(customer: CustomerWithApprovers) -> list[str]:
    folder = Path(evidence_storage().path(str(customer.tenant.pk)))
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("name", list(TAKEN))
def test_files_of_accepted_kinds_are_stored(customer: CustomerWithApprovers, name: str) -> None:
    given, content, kind = TAKEN[name]
    row = keep(customer, given, content)
    assert (row.content_type, row.size) == (kind, len(content))
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert row.file.name == f"{customer.tenant.pk}/{row.pk}"
    path = Path(row.file.path)
    assert path.read_bytes() == content
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    with pytest.raises(ValueError, match="have no URL"):
        row.file.url  # noqa: B018 - the property is what is tried


@pytest.mark.parametrize("name", list(REFUSED))
def test_files_of_other_kinds_are_refused(customer: CustomerWithApprovers, name: str) -> None:
    given, made, words = REFUSED[name]
    content = made() if callable(made) else made
    with pytest.raises(InvalidInput, match=words) as error:
        keep(customer, given, content)
    assert list(error.value.fields) == ["files"]
    assert stored(customer) == []
    with factories.in_tenant(customer.tenant):
        assert not EvidenceFile.objects.exists()


def test_a_file_of_the_maximum_size_is_accepted(customer: CustomerWithApprovers) -> None:
    assert keep(customer, "big.txt", b"x" * MAX_BYTES).size == MAX_BYTES


@pytest.mark.parametrize("given", list(NAMES))
def test_file_names_are_cleaned(given: str) -> None:
    assert clean_name(given) == NAMES[given]


@pytest.mark.parametrize("given", ["", "noending", ".pdf", "..", "/", "x."])
def test_names_without_an_extension_are_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="one of these extensions"):
        clean_name(given)


def test_a_failed_request_leaves_no_file(customer: CustomerWithApprovers) -> None:
    files = [ContentFile(PDF, "one.pdf"), ContentFile(b"MZ", "two.pdf")]
    with pytest.raises(InvalidInput, match=r"two\.pdf"):
        customer.ask([customer.finding()], files=files)
    assert stored(customer) == []
    assert customer.journal() == []
    with pytest.raises(InvalidInput, match="at most 10 files"):
        customer.ask([customer.finding()], files=[ContentFile(PDF, f"{n}.pdf") for n in range(11)])
    assert stored(customer) == []


def test_files_are_stored_with_the_request(customer: CustomerWithApprovers) -> None:
    exception = customer.ask(
        [customer.finding()], files=[ContentFile(PDF, "one.pdf"), ContentFile(PDF, "one.pdf")]
    )
    with factories.in_tenant(customer.tenant):
        rows = list(exception.files.all())
    assert [row.name for row in rows] == ["one.pdf", "one.pdf"]
    assert stored(customer) == sorted(str(row.pk) for row in rows)


def test_a_row_that_cannot_be_saved_leaves_no_file(
    customer: CustomerWithApprovers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: Any, **_named: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(EvidenceFile, "save", fail)
    with pytest.raises(OSError, match="disk full"):
        keep(customer, "x.pdf", PDF)
    assert stored(customer) == []


def test_files_without_a_row_are_deleted(customer: CustomerWithApprovers) -> None:
    kept = keep(customer, "kept.pdf", PDF)

    with transaction.atomic():
        lost = keep(customer, "lost.pdf", PDF)
        transaction.set_rollback(True)
    assert stored(customer) == sorted([str(kept.pk), str(lost.pk)])
    with factories.in_tenant(customer.tenant):
        # New files are kept, because the transaction that wrote a file may still be running.
        assert delete_orphan_files(customer.tenant) == 0
        for name in (kept.file.path, lost.file.path):
            os.utime(name, (NOW.timestamp() - 10**7,) * 2)
        assert (delete_orphan_files(customer.tenant), delete_orphan_files(customer.tenant)) == (1, 0)
    assert stored(customer) == [str(kept.pk)]


def test_a_file_belongs_to_one_object_of_its_tenant(customer: CustomerWithApprovers) -> None:
    exception = customer.ask([customer.finding()])
    other = CustomerWithApprovers()
    with factories.in_tenant(other.tenant), pytest.raises(NotFound):
        store_file(tenant=other.tenant, by=other.asker, file=ContentFile(PDF, "x.pdf"), exception=exception)
    with factories.in_tenant(customer.tenant), pytest.raises(TypeError, match="either an exception"):
        store_file(tenant=customer.tenant, by=customer.asker, file=ContentFile(PDF, "x.pdf"))
