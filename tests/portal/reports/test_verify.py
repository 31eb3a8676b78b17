"""Which files the verifier refuses, and why; it needs neither a database nor this installation."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from portal.reports import signing_identity
from portal.reports import verify as verifier
from portal.reports.pyhanko_thread import run_in_own_thread
from portal.reports.sign import _signer, sign
from portal.reports.signing_identity import ensure_signing_identity
from portal.reports.verify import verify_pdf
from tests.portal.reports.conftest import small_pdf


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]


def signature_place(data: bytes) -> tuple[int, int]:
    start = data.index(b"/Contents <") + len(b"/Contents ")
    return start, data.index(b">", start) + 1


def updated(data: bytes) -> bytes:
    """Return the document with an incremental update, which keeps the signed bytes."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    append_signature_field(writer, SigFieldSpec("Another"))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def rewritten(data: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.Root.Lang = pikepdf.String("de")
        pdf.save(out)
    return out.getvalue()


def stripped(data: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        del pdf.Root.AcroForm
        pdf.save(out)
    return out.getvalue()


def test_signed_file_is_valid(signed: bytes):
    result = verify_pdf(signed)
    assert result.valid
    assert result.problems == []
    assert result.covers_whole_file
    assert result.self_signed
    assert result.level == "B-B"
    assert result.signed_at is not None
    assert result.fingerprint == ensure_signing_identity().fingerprint


TAMPERED = {
    "a byte of the text": (lambda d: flipped(d, signature_place(d)[0] // 2), "changed|damaged"),
    "the first byte after the header": (lambda d: flipped(d, 9), "changed|damaged"),
    "the last byte": (lambda d: flipped(d, len(d) - 1), "changed|damaged"),
    "a byte of the signature": (lambda d: flipped(d, signature_place(d)[0] + 3001), "damaged|not made with"),
    "a byte behind the signature": (lambda d: flipped(d, signature_place(d)[1] - 9), "padding"),
    "the spelling of a hex digit": (
        lambda d: d.replace(b"06092A864886", b"06092a864886", 1),
        "digits were rewritten",
    ),
    "a blank at the end": (lambda d: d + b" ", "extended after it was signed: 1 byte is"),
    "a line end at the end": (lambda d: d + b"\n", "extended"),
    "an incremental update": (updated, "extended"),
    "cut by one byte": (lambda d: d[:-1], "cut off: 1 byte is missing"),
    "cut in half": (lambda d: d[: len(d) // 2], "damaged|no signature"),
    "rewritten by a tool": (rewritten, "changed|extended|cut off|damaged"),
    "signature removed": (stripped, "no signature"),
    "never signed": (lambda d: small_pdf(), "no signature"),
    "bytes put before": (lambda d: b"%PDF-1.7\n" + d, "damaged|changed|extended|start"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampered_files_are_refused_with_the_reason(signed: bytes, what: str):
    tamper, reason = TAMPERED[what]
    result = verify_pdf(tamper(signed))
    assert not result.valid
    assert result.problems
    assert any(part in " ".join(result.problems) for part in reason.split("|")), result.problems


def test_changing_any_signed_byte_is_refused(signed: bytes):
    start, end = signature_place(signed)
    places = [at for at in range(0, len(signed), 97) if not start <= at < end]
    assert len(places) > 20
    assert [at for at in places if verify_pdf(flipped(signed, at)).valid] == []


def test_changing_signature_bytes_outside_all_digests_is_refused(signed: bytes):
    start, _ = signature_place(signed)
    # Digest algorithms, version and lengths of the CMS: the signature stays correct when they change.
    places = [start + 1 + 2 * byte + half for byte in (2, 25, 28, 35, 42) for half in (0, 1)]
    assert [at for at in places if verify_pdf(flipped(signed, at)).valid] == []


UNUSABLE = {
    "empty": (b"", "empty"),
    "text": (b"hello", "not a PDF"),
    "a zip": (b"PK\x03\x04" + b"0" * 100, "not a PDF"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_file_that_is_not_a_pdf_is_unusable(what: str):
    data, reason = UNUSABLE[what]
    result = verify_pdf(data)
    assert result.unusable
    assert not result.valid
    assert reason in result.problems[0]


def test_a_file_with_only_a_pdf_header_is_damaged():
    result = verify_pdf(b"%PDF-1.7\n")
    assert not result.valid
    assert "damaged" in result.problems[0]


def test_too_large_file_is_not_read(signed: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verifier, "MAX_BYTES", len(signed) - 1)
    result = verify_pdf(signed)
    assert result.unusable
    assert "was not read" in result.problems[0]


def test_second_signature_is_refused(signed: bytes):
    metadata = signers.PdfSignatureMetadata(field_name="Second", md_algorithm="sha256")
    out = io.BytesIO()
    signer = signers.PdfSigner(metadata, _signer(ensure_signing_identity()))
    document = IncrementalPdfFileWriter(io.BytesIO(signed))
    run_in_own_thread(lambda: signer.sign_pdf(document, output=out))
    result = verify_pdf(out.getvalue())
    assert not result.valid
    assert "2 signatures" in result.problems[0]


def test_report_signed_with_another_certificate_is_refused(signed: bytes, tmp_path: Path):
    other = tmp_path / "other.p12"
    signing_identity._create(other)
    forged = sign(small_pdf(), signing_identity._load(other, None), reason="a forgery")
    result = verify_pdf(forged)
    assert not result.valid
    assert "not one of those expected" in result.problems[0]
    assert (
        result.signer == verify_pdf(signed).signer
    )  # both certificates have this name, so the name proves nothing
    assert verify_pdf(forged, expected=[signing_identity._load(other, None).certificate]).valid


def test_old_reports_verify_after_a_change_of_certificate(signed: bytes, own_home: Path):
    (own_home / "signing" / "self-made.p12").unlink()
    first = verify_pdf(signed).fingerprint
    assert ensure_signing_identity().fingerprint != first
    assert verify_pdf(signed).valid


def test_installation_that_never_signed_asks_to_compare_the_fingerprint(
    signed: bytes, settings, tmp_path: Path
):
    settings.SURETY_HOME = tmp_path / "auditor"
    result = verify_pdf(signed)
    assert result.valid
    assert any("compare the fingerprint" in note for note in result.notes)


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    # Nothing listens at these addresses, so any use of a database fails.
    environment = {
        "PATH": "/usr/bin:/bin",
        "SURETY_HOME": str(home),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        "BROKER_URL": "redis://127.0.0.1:9/0",
    }
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "verify_report", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_command_needs_no_database(signed: bytes, tmp_path: Path, own_home: Path):
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(signed)
    bad.write_bytes(flipped(signed, signature_place(signed)[0] // 2))
    home = tmp_path / "elsewhere"
    certificate = tmp_path / "signer.pem"
    identity = ensure_signing_identity()
    certificate.write_bytes(identity.certificate.public_bytes(serialization.Encoding.PEM))

    valid = run(str(good), "--certificate", str(certificate), home=home)
    assert valid.returncode == 0, valid.stderr
    assert "valid" in valid.stdout
    assert identity.fingerprint in valid.stdout

    refused = run(str(bad), home=home)
    assert refused.returncode == 1
    assert "INVALID" in refused.stdout

    missing = run(str(tmp_path / "missing.pdf"), home=home)
    assert missing.returncode == 2
    assert "cannot be read" in missing.stderr
    assert not (home / "servers").exists()
