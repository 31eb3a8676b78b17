"""Signed reports that somebody changed in different ways. A verifier must refuse each of them."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf
from asn1crypto import algos, cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.generic import NumberObject, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from portal.reports.signatures.cms_encoding import canonical_stamp
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.signing.sign import _signer, sign
from tests.portal.reports.authority import TimeStampAuthority, asn1
from tests.portal.reports.conftest import Signed, small_pdf
from tests.portal.reports.tampering import (
    attribute,
    container,
    edited,
    flipped,
    pikepdf_edited,
    place,
    rebuilt_signer,
    signer_of,
    updated,
    with_container,
)

type Tamper = Callable[[Signed], bytes]
NOT_COVERED = "does not cover the whole file"
STAMP = "signature_time_stamp_token"


def stamp_for(data: bytes, authority: TimeStampAuthority, at: datetime | None = None, **options: Any) -> Any:
    """Return a real time stamp over the file's signature, in the only form that Surety accepts."""
    digest = hashlib.sha256(signer_of(container(data)["content"])["signature"].native).digest()
    stamp = run_in_own_thread(
        lambda: asyncio.run(authority.stamper(at, **options).async_timestamp(digest, "sha256"))
    )
    return cms.ContentInfo.load(canonical_stamp(stamp["content"], asn1(authority.leaf)))


def complete_stamp(data: bytes, authority: TimeStampAuthority, at: datetime | None = None) -> Any:
    """Return a time stamp that contains the authority's root, like those in Surety's reports."""
    return stamp_for(data, authority, at, extra=(authority.root,))


def with_stamps(data: bytes, *stamps: Any) -> bytes:
    attributes = cms.CMSAttributes([attribute(STAMP, *stamps)]) if stamps else None
    return edited(data, lambda signed: rebuilt_signer(signed, unsigned_attrs=attributes))


def with_edited_stamp(data: bytes, change: Callable[[cms.SignedData], Any]) -> bytes:
    (found,) = signer_of(container(data)["content"])["unsigned_attrs"]
    stamp = cms.ContentInfo.load(found["values"][0].dump())
    change(stamp["content"])
    return with_stamps(data, stamp)


def add_certificate(signed: cms.SignedData, certificate: Any) -> None:
    choice = cms.CertificateChoices(name="certificate", value=asn1(certificate))
    signed["certificates"] = [*signed["certificates"], choice]


def lookalike(genuine: x509.Certificate) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    return (
        x509.CertificateBuilder()
        .subject_name(genuine.subject)
        .issuer_name(genuine.issuer)
        .serial_number(genuine.serial_number)
        .public_key(key.public_key())
        .not_valid_before(genuine.not_valid_before_utc)
        .not_valid_after(genuine.not_valid_after_utc)
        .sign(key, hashes.SHA256())
    )


def add_certificates(signed: cms.SignedData, certificates: list[Any]) -> None:
    for certificate in certificates:
        add_certificate(signed, certificate)


def add_unsigned(signed: cms.SignedData) -> None:
    more = attribute("counter_signature", signer_of(signed).copy())
    old = list(signer_of(signed)["unsigned_attrs"] or ())
    rebuilt_signer(signed, unsigned_attrs=cms.CMSAttributes([*old, more]))


def second_signer(signed: cms.SignedData) -> None:
    signed["signer_infos"] = [signer_of(signed).copy(), signer_of(signed).copy()]


def without_parameters(signed: cms.SignedData) -> None:
    """Write SHA-256 without parameters instead of with the parameter NULL. Both forms mean the same."""
    algorithm = algos.DigestAlgorithm.load(bytes.fromhex("300b0609608648016503040201"))
    signed["digest_algorithms"] = [algorithm]
    rebuilt_signer(signed, digest_algorithm=algorithm)


def renamed_mechanism(signed: cms.SignedData) -> None:
    rebuilt_signer(signed, signature_algorithm=algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"}))


def long_form(data: bytes) -> bytes:
    """Return the file with the outer length of the container in a longer form."""
    encoded = container(data).dump()
    assert encoded[1] == 0x82
    return with_container(data, encoded[:1] + b"\x83\x00" + encoded[2:])


def longer_by(data: bytes, hidden: bytes) -> bytes:
    """Return the file with an additional element after the container's last field. Parsers ignore it."""
    encoded = container(data).dump()
    assert encoded[1] == 0x82
    length = int.from_bytes(encoded[2:4]) + len(hidden)
    return with_container(data, encoded[:2] + length.to_bytes(2) + encoded[4:] + hidden)


class HostileSigner(signers.PdfSigner):
    """pyHanko's signer, changed so that it adds a signature even if the certification of the file forbids it."""

    def _enforce_certification_constraints(self, reader: Any) -> None:
        """Permit everything."""


def signed_again(data: bytes, files: Signed, *, field: str = "Second") -> bytes:
    metadata = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
    out = io.BytesIO()
    signer = HostileSigner(metadata, _signer(files.identity, [], "", "B-B"))
    document = IncrementalPdfFileWriter(io.BytesIO(data))
    run_in_own_thread(lambda: signer.sign_pdf(document, output=out))
    return out.getvalue()


def add_text_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Another"))


def replace_page(writer: IncrementalPdfFileWriter) -> None:
    """Replace a page in an update, as the shadow attack “replace” does. Viewers show the new page (upside down)."""
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = NumberObject(180)
    writer.update_container(page)


def hide_page(writer: IncrementalPdfFileWriter) -> None:
    """Change the catalogue in an update, like the shadow attack “hide”. Here, only the language changes."""
    writer.root["/Lang"] = pdf_string("de")
    writer.update_root()


def new_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["more.json"] = pikepdf.AttachedFileSpec(pdf, b"{}", filename="more.json")


def removed_attachment(pdf: pikepdf.Pdf) -> None:
    del pdf.attachments["results.json"]


def changed_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["results.json"] = pikepdf.AttachedFileSpec(pdf, b'{"score": 99}', filename="results.json")


def grafted(files: Signed) -> bytes:
    """Copy the genuine signature into a file of the same length with another text."""
    start, end = place(files.plain)
    forged = sign(small_pdf(), files.other, reason="a test")
    other_start, other_end = place(forged)
    return forged[:other_start] + files.plain[start:end] + forged[other_end:]


def shifted_range(files: Signed) -> bytes:
    """Change the byte range so that it also excludes bytes before the signature."""
    start, end = place(files.plain)
    old = f"/ByteRange [0 {start - 1} {end + 1} ".encode()
    new = f"/ByteRange [0 {start - 101} {end + 1} ".encode()
    assert old in files.plain
    return files.plain.replace(old, new, 1)


def range_to_object(files: Signed) -> bytes:
    data = files.plain
    at = data.index(b"/ByteRange [")
    end = data.index(b"]", at)
    return data[:at] + b"/ByteRange 9 0 R".ljust(end + 1 - at) + data[end + 1 :]


def second_range(files: Signed) -> bytes:
    """Write a second byte range after the first one, into the reserved blanks."""
    data = files.plain
    at = data.index(b"]", data.index(b"/ByteRange [")) + 1
    return data[:at] + b"/ByteRange [0 1 2 3]" + data[at + 20 :]


def set_version(of: str, version: str) -> Callable[[cms.SignedData], None]:
    """Change the version of a time stamp (“stamp”) or of its signer (“signer”). No signature covers these versions."""

    def change(stamp: cms.SignedData) -> None:
        target = stamp if of == "stamp" else signer_of(stamp)
        target["version"] = version

    return change


TAMPERED: dict[str, tuple[Tamper, str]] = {
    "the version of the time stamp": (
        lambda f: with_edited_stamp(f.stamped, set_version("stamp", "v4")),
        "version number in the time stamp",
    ),
    "the version of the time stamp's signer": (
        lambda f: with_edited_stamp(f.stamped, set_version("signer", "v3")),
        "version number in the time stamp",
    ),
    # Bytes of the file
    "a byte of the text": (
        lambda f: flipped(f.plain, place(f.plain)[0] // 2),
        "hash is not the hash in the signature",
    ),
    "the version in the header": (
        lambda f: f.plain.replace(b"%PDF-1.7", b"%PDF-1.6", 1),
        "not the hash in the signature",
    ),
    "the first byte after the header": (lambda f: flipped(f.plain, 9), "not the hash in the signature"),
    "the last byte": (lambda f: flipped(f.plain, len(f.plain) - 1), "not the hash in the signature"),
    "the place of the cross-reference table": (
        lambda f: f.plain.replace(b"startxref\n", b"startxref\n1", 1)[: len(f.plain)],
        "not the hash in the signature|byte range",
    ),
    "a blank at the end": (lambda f: f.plain + b" ", "extended after it was signed: 1 byte is"),
    "a line end at the end": (lambda f: f.plain + b"\n", "extended"),
    "another file at the end": (lambda f: f.plain + small_pdf(), "extended"),
    "cut by one byte": (lambda f: f.plain[:-1], "cut off: 1 byte is missing"),
    "cut in half": (lambda f: f.plain[: len(f.plain) // 2], "no signature"),
    "bytes put before": (lambda f: b"%PDF-1.7\n" + f.plain, NOT_COVERED),
    "the name of the signer": (
        lambda f: f.plain.replace(b"/Name (Surety", b"/Name (Purity", 1),
        "not the hash in the signature",
    ),
    "the signing time beside the signature": (
        lambda f: f.plain.replace(b"/M (D\\072202", b"/M (D\\072203", 1),
        "not the hash in the signature",
    ),
    # Structure of the file
    "an incremental update with a field": (lambda f: updated(f.plain, add_text_field), "extended"),
    "shadow attack: replaced page": (lambda f: updated(f.plain, replace_page), "extended"),
    "shadow attack: changed catalogue": (lambda f: updated(f.plain, hide_page), "extended"),
    "rewritten by a tool": (lambda f: pikepdf_edited(f.plain, lambda pdf: None), "no signature of the form"),
    "an attachment added": (lambda f: pikepdf_edited(f.plain, new_attachment), "no signature of the form"),
    "an attachment removed": (
        lambda f: pikepdf_edited(f.plain, removed_attachment),
        "no signature of the form",
    ),
    "an attachment changed": (
        lambda f: pikepdf_edited(f.plain, changed_attachment),
        "no signature of the form",
    ),
    "signature removed": (
        lambda f: pikepdf_edited(f.plain, lambda pdf: pdf.Root.__delitem__("/AcroForm")),
        "no signature",
    ),
    "never signed": (lambda f: small_pdf(), "no signature"),
    "signed a second time": (
        lambda f: signed_again(f.plain, f),
        "no signature of the form|2 signatures|extended",
    ),
    "signed again with another key of the same name": (
        lambda f: sign(small_pdf(), f.other, reason="a test"),
        "not one of the certificates expected",
    ),
    # Byte range
    "the byte range leaves out more": (shifted_range, NOT_COVERED),
    "the byte range in another object": (range_to_object, "no signature of the form"),
    "a second byte range": (second_range, "not the hash in the signature"),
    "genuine signature on another file": (grafted, "not the hash in the signature"),
    # Container of the signature
    "a hexadecimal digit in lower case": (
        lambda f: f.plain.replace(b"06092A864886", b"06092a864886", 1),
        "digits were rewritten",
    ),
    "a line end among the digits": (
        lambda f: f.plain[: place(f.plain)[1] - 2] + b"\n\n" + f.plain[place(f.plain)[1] :],
        "rewritten|other than",
    ),
    "a byte of the padding": (lambda f: flipped(f.plain, place(f.plain)[1] - 9), "padding"),
    "data in the padding": (
        lambda f: with_container(f.plain, container(f.plain).dump(), b"\0\0hidden"),
        "padding",
    ),
    "a longer form of a length": (lambda f: long_form(f.plain), "container was changed"),
    "an element behind the last": (lambda f: longer_by(f.plain, b"\x05\x00"), "container was changed"),
    "a hidden text behind the last element": (
        lambda f: longer_by(f.plain, b"\x0c\x04text"),
        "container was changed",
    ),
    "an extra certificate": (
        lambda f: edited(f.plain, lambda s: add_certificate(s, f.authority.root)),
        "contains a certificate added",
    ),
    "an extra certificate beside a time stamp": (
        lambda f: edited(f.stamped, lambda s: add_certificate(s, f.other.certificate)),
        "contains a certificate added",
    ),
    "the certificate twice": (
        lambda f: edited(f.plain, lambda s: add_certificate(s, f.identity.certificate)),
        "container was changed",
    ),
    "the certificate of somebody else": (
        lambda f: edited(
            f.plain,
            lambda s: s.__setitem__(
                "certificates", [cms.CertificateChoices(name="certificate", value=asn1(f.other.certificate))]
            ),
        ),
        "does not contain the signer’s certificate",
    ),
    "a certificate with the signer’s name and number, but another key": (
        lambda f: edited(
            f.plain,
            lambda s: s.__setitem__(
                "certificates",
                [cms.CertificateChoices(name="certificate", value=asn1(lookalike(f.identity.certificate)))],
            ),
        ),
        "its certificate is not the one that the signature names",
    ),
    "an extra unsigned attribute": (
        lambda f: edited(f.plain, add_unsigned),
        "Unsigned attributes were added",
    ),
    "an extra unsigned attribute beside a time stamp": (
        lambda f: edited(f.stamped, add_unsigned),
        "Unsigned attributes",
    ),
    "an empty set of unsigned attributes": (
        lambda f: edited(f.plain, lambda s: rebuilt_signer(s, unsigned_attrs=cms.CMSAttributes([]))),
        "container was changed",
    ),
    "an empty set of revocation lists": (
        lambda f: edited(f.plain, lambda s: s.__setitem__("crls", [])),
        "container was changed",
    ),
    "an empty set of unsigned attributes in the time stamp": (
        lambda f: with_edited_stamp(
            f.stamped, lambda s: rebuilt_signer(s, unsigned_attrs=cms.CMSAttributes([]))
        ),
        "added to the time stamp",
    ),
    "an empty set of revocation lists in the time stamp": (
        lambda f: with_edited_stamp(f.stamped, lambda s: s.__setitem__("crls", [])),
        "added to the time stamp",
    ),
    "a second signer": (lambda f: edited(f.plain, second_signer), "2 signers instead of one"),
    "revocation lists": (
        lambda f: edited(
            f.plain,
            lambda s: s.__setitem__(
                "crls",
                [
                    cms.RevocationInfoChoice(
                        name="other",
                        value=cms.OtherRevocationInfoFormat(
                            {"other_rev_info_format": "1.2.3", "other_rev_info": core.Null()}
                        ),
                    )
                ],
            ),
        ),
        "container was changed",
    ),
    "another version of the container": (
        lambda f: edited(f.plain, lambda s: s.__setitem__("version", "v3")),
        "container was changed",
    ),
    "other parameters of the hash": (lambda f: edited(f.plain, without_parameters), "container was changed"),
    "another name of the mechanism": (lambda f: edited(f.plain, renamed_mechanism), "container was changed"),
    "another hash": (
        lambda f: edited(
            f.plain,
            lambda s: rebuilt_signer(s, digest_algorithm=algos.DigestAlgorithm({"algorithm": "sha512"})),
        ),
        "container was changed|damaged",
    ),
    "without signed attributes": (
        lambda f: edited(f.plain, lambda s: rebuilt_signer(s, signed_attrs=None)),
        "damaged|container was changed",
    ),
    "another signed attribute": (
        lambda f: edited(
            f.plain,
            lambda s: rebuilt_signer(
                s,
                signed_attrs=cms.CMSAttributes(
                    [
                        *signer_of(s)["signed_attrs"],
                        attribute(
                            "signing_time",
                            cms.Time({"utc_time": core.UTCTime(datetime(2030, 1, 1, tzinfo=UTC))}),
                        ),
                    ]
                ),
            ),
        ),
        "container was changed|not made with the key",
    ),
    # Time stamps
    "a stamp of a self-made authority, of 2030": (
        lambda f: with_stamps(f.plain, complete_stamp(f.plain, f.strange, datetime(2030, 1, 1, tzinfo=UTC))),
        "time stamp was added after signing",
    ),
    "a genuine stamp added": (
        lambda f: with_stamps(f.plain, complete_stamp(f.plain, f.authority)),
        "time stamp was added after signing",
    ),
    "the stamp removed": (lambda f: with_stamps(f.stamped), "time stamp was removed"),
    "a stamp of another authority": (
        lambda f: with_stamps(f.stamped, complete_stamp(f.stamped, f.strange)),
        "not from the time-stamp authority",
    ),
    "another authority with the pinned root in its bag": (
        lambda f: with_stamps(
            f.stamped, stamp_for(f.stamped, f.strange, extra=(f.strange.root, f.authority.root))
        ),
        "does not lead to the authority",
    ),
    "the pinned authority’s stamp of another time": (
        lambda f: with_stamps(
            f.stamped, complete_stamp(f.stamped, f.authority, datetime.now(UTC) - timedelta(days=30))
        ),
        "time stamp was replaced",
    ),
    "the pinned authority’s stamp from the future": (
        lambda f: with_stamps(
            f.stamped, complete_stamp(f.stamped, f.authority, datetime.now(UTC) + timedelta(days=900))
        ),
        "from the future",
    ),
    "the pinned authority’s stamp of another signature": (
        lambda f: with_stamps(f.stamped, complete_stamp(f.plain, f.authority)),
        "does not belong to this signature",
    ),
    "two stamps": (
        lambda f: with_stamps(f.stamped, *([complete_stamp(f.stamped, f.authority)] * 2)),
        "Attributes were added",
    ),
    "an extra certificate in the stamp": (
        lambda f: with_edited_stamp(f.stamped, lambda s: add_certificate(s, f.strange.root)),
        "time stamp contains a certificate",
    ),
    "many certificates in the stamp": (
        lambda f: with_edited_stamp(f.stamped, lambda s: add_certificates(s, [f.strange.root] * 20)),
        "at most 6 are read",
    ),
    "an unsigned attribute in the stamp": (
        lambda f: with_edited_stamp(f.stamped, add_unsigned),
        "added to the time stamp",
    ),
    "a byte of the stamp’s signature": (
        lambda f: with_edited_stamp(
            f.stamped,
            lambda s: rebuilt_signer(
                s, signature=core.OctetString(flipped(signer_of(s)["signature"].native, 20))
            ),
        ),
        "does not belong to this signature",
    ),
    "rubbish instead of the stamp": (
        lambda f: with_stamps(
            f.stamped, cms.ContentInfo({"content_type": "data", "content": core.OctetString(b"x")})
        ),
        "time stamp|damaged",
    ),
}
