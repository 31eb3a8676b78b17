"""Reports whose archive time stamps or validation data are forged, removed or changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from asn1crypto import cms
from pyhanko.pdf_utils.generic import DictionaryObject, NumberObject
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.timestamps import TimeStamper

from portal.reports.signatures.stamps import PinnedTimeStamper
from portal.reports.verification.archive_updates import (
    STAMP_DIGITS,
    DocumentStamp,
    ValidationData,
    read_updates,
)
from tests.portal.reports.archive_files import (
    Archived,
    cut,
    damaged_signature,
    own_digits,
    parts,
    restamped,
    signed_end,
    validation_data,
    with_validation_data,
)
from tests.portal.reports.authority import TimeStampAuthority
from tests.portal.reports.pki import Pki
from tests.portal.reports.tampering import flipped, updated


def strange_stamper(files: Archived) -> TimeStamper:
    return TimeStampAuthority("Strange clock").stamper()


def early_stamper(files: Archived) -> TimeStamper:
    """The pinned authority with a clock that is two days behind."""
    return WrongClock(files.pki)


class WrongClock(PinnedTimeStamper):
    def __init__(self, pki: Pki) -> None:
        super().__init__(pki.tsa(), [pki.certificate("root")])
        self.pki = pki

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        self.pki.clock = timedelta(days=-2)
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        finally:
            self.pki.clock = timedelta()


def with_data(change: Callable[[ValidationData], ValidationData]) -> Callable[[Archived], bytes]:
    return lambda f: with_validation_data(f.long_term, change(validation_data(f.long_term)))


def foreign_answer(files: Archived) -> bytes:
    return validation_data(files.renewed).ocsps[0]


def page_changed(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = NumberObject(90)
    writer.mark_update(writer.root["/Pages"]["/Kids"].raw_get(0))


def store_changed(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/DSS"]["/Note"] = DictionaryObject({name("/Hidden"): name("/Text")})
    writer.mark_update(writer.root.raw_get("/DSS"))


FORGED: dict[str, tuple[Callable[[Archived], bytes], str]] = {
    "B-LT without validation data": (lambda f: cut(f.long_term, 0), "validation data were removed"),
    "B-LTA without anything": (lambda f: cut(f.archive, 0), "validation data were removed"),
    "B-LTA without archive time stamp": (lambda f: cut(f.archive, 0, 1), "archive time stamp was removed"),
    "renewal without its time stamp": (lambda f: cut(f.renewed, 0, 1, 2, 3), "archive time stamp was removed"),
    "renewal without the first time stamp": (lambda f: cut(f.renewed, 0, 1, 3, 4), "extended after it was signed"),
    "B-LTA as B-LT file of another report": (
        lambda f: cut(f.long_term, 0) + parts(f.archive)[1],
        "extended after it was signed",
    ),
    "B-T file with validation data": (lambda f: f.stamped + parts(f.long_term)[1], "extended after it was signed"),
    "B-LT file with an archive time stamp": (
        lambda f: restamped(f.long_term, early_stamper(f)), "were added after signing",
    ),
    "one byte cut off": (lambda f: f.archive[:-1], "a part after the signature was changed or cut off"),
    "one byte appended": (lambda f: f.archive + b"\n", "extended after it was signed"),
    "one bit of a certificate": (
        lambda f: flipped(f.archive, f.archive.index(validation_data(f.archive).certificates[0]) + 200), "",
    ),
    "one bit of the archive time stamp": (
        lambda f: flipped(f.archive, f.archive.index(b"/DocTimeStamp") + 2000), "archive time stamp",
    ),
    "archive time stamp of nobody": (
        lambda f: f.archive.replace(archive_digits(f.archive), b"0" * STAMP_DIGITS),
        "archive time stamp is damaged",
    ),
    "archive time stamp in small letters": (
        lambda f: lower_digits(f.archive), "archive time stamp was rewritten",
    ),
    "archive time stamp of a strange authority": (
        lambda f: restamped(cut(f.archive, 0, 1), strange_stamper(f)), "archive time stamp is not valid",
    ),
    "archive time stamp older than the signature": (
        lambda f: restamped(cut(f.archive, 0, 1), early_stamper(f)), "archive time stamp",
    ),
    "answer removed": (
        with_data(lambda d: ValidationData(d.certificates, d.ocsps[:1], d.crls)), "No valid revocation information",
    ),
    "list removed": (
        with_data(lambda d: ValidationData(d.certificates, d.ocsps, ())), "No valid revocation information",
    ),
    "all answers removed": (
        with_data(lambda d: ValidationData(d.certificates)), "No valid revocation information",
    ),
    "answer of another time added": (
        lambda f: with_validation_data(f.long_term, ValidationData(
            validation_data(f.long_term).certificates,
            tuple(sorted({*validation_data(f.long_term).ocsps, foreign_answer(f)})),
            validation_data(f.long_term).crls,
        )),
        "no certificate of the report needs",
    ),
    "answers in another order": (
        with_data(lambda d: ValidationData(d.certificates, d.ocsps[::-1], d.crls)), "not sorted, or contain duplicates",
    ),
    "bytes behind an answer": (
        with_data(lambda d: ValidationData(d.certificates, (d.ocsps[0] + b"\x00", d.ocsps[1]), d.crls)),
        "damaged|followed by other data",
    ),
    "certificate removed": (
        with_data(lambda d: ValidationData(d.certificates[1:], d.ocsps, d.crls)), "not those of the signature",
    ),
    "certificate added": (
        lambda f: with_validation_data(f.long_term, ValidationData(
            tuple(sorted({*validation_data(f.long_term).certificates, f.pki.certificate("expired").dump()})),
            validation_data(f.long_term).ocsps, validation_data(f.long_term).crls,
        )),
        "not those of the signature",
    ),
    "answer with a damaged signature": (
        with_data(lambda d: ValidationData(d.certificates, (damaged_signature(d.ocsps[0]), d.ocsps[1]), d.crls)),
        "No valid revocation information|damaged",
    ),
    "unsigned revocation list": (
        with_data(lambda d: ValidationData(d.certificates, d.ocsps, (flipped(d.crls[0], len(d.crls[0]) - 3),))),
        "No valid revocation information|damaged",
    ),
    "page changed by another program": (lambda f: updated(f.archive, page_changed), "extended after it was signed"),
    "store changed by another program": (lambda f: updated(f.archive, store_changed), "extended after it was signed"),
    "field added by another program": (
        lambda f: updated(f.long_term, lambda w: append_signature_field(w, SigFieldSpec("More"))),
        "extended after it was signed",
    ),
}  # fmt: skip


def archive_digits(data: bytes) -> bytes:
    stamp = read_updates(data, signed_end(data), own_digits(data))[1]
    assert isinstance(stamp, DocumentStamp)
    return stamp.digits


def lower_digits(data: bytes) -> bytes:
    return data.replace(archive_digits(data), archive_digits(data).lower())
