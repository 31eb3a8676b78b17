"""Verification with and without known certificates and records, and the exit status of its command."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.signing import sign as signing
from portal.reports.signing.sign import sign
from portal.reports.verification import verify as verifier
from portal.reports.verification.trust import SignedFile, Trust
from portal.reports.verification.verify import Verdict, verify_pdf, verify_signature
from tests.factories import certificate_pem
from tests.fresh import MANAGE, run_fresh
from tests.portal.reports.conftest import REPORT, Signed, small_pdf
from tests.portal.reports.tampering import flipped, place

pytestmark = pytest.mark.slow(seconds=15)


def test_signed_file_is_valid(signed_files: Signed):
    result = verify_pdf(signed_files.plain, signed_files.trust)
    assert result.verdict == Verdict.VALID
    assert result.problems == []
    assert result.covers_whole_file
    assert result.self_signed
    assert result.level == "B-B"
    assert result.signed_at is not None
    assert abs(signed_files.made_at - result.signed_at) < timedelta(minutes=1)
    assert result.fingerprint == signed_files.identity.fingerprint
    assert any("but not who signed the file" in note for note in result.notes)


def test_nothing_to_compare_with_is_neither_valid_nor_invalid(signed_files: Signed):
    result = verify_pdf(signed_files.plain, Trust())
    assert result.verdict == Verdict.UNDECIDED
    assert not result.valid
    assert "--fingerprint" in result.problems[0]
    assert not result.inspected  # The PDF of an unknown signer is not parsed.


def test_changed_file_is_invalid_even_with_nothing_to_compare_with(signed_files: Signed):
    changed = flipped(signed_files.plain, place(signed_files.plain)[0] // 2)
    assert verify_pdf(changed, Trust()).verdict == Verdict.INVALID


def test_unknown_certificate_is_undecided_if_not_all_known_ones_could_be_read(signed_files: Signed):
    some = Trust(
        certificates=frozenset({signed_files.other.fingerprint}), unread="The database could not be read."
    )
    result = verify_pdf(signed_files.plain, some)
    assert result.verdict == Verdict.UNDECIDED
    assert "The database could not be read." in result.problems[0]
    known = replace(signed_files.trust, unread="The database could not be read.")
    assert verify_signature(signed_files.plain, known).verdict == Verdict.VALID


def test_certificate_of_somebody_else_is_refused(signed_files: Signed):
    result = verify_pdf(signed_files.plain, Trust(certificates=frozenset({signed_files.other.fingerprint})))
    assert result.verdict == Verdict.INVALID
    assert "not one of the certificates expected" in result.problems[0]
    # The other signer has the same name, so the name proves nothing.
    assert signed_files.identity.name == signed_files.other.name


def test_distrusted_certificate_is_refused(signed_files: Signed):
    distrusted = {signed_files.identity.fingerprint: datetime(2026, 3, 1, tzinfo=UTC)}
    result = verify_pdf(signed_files.plain, Trust(distrusted=distrusted))
    assert result.verdict == Verdict.INVALID
    assert "Since 2026-03-01" in result.problems[0]


def test_whole_file_is_compared_with_the_recorded_hash(signed_files: Signed):
    """A file with another hash is not the report, even if this installation's key signed it."""
    recorded = SignedFile(REPORT, "0" * 64, "B-B")
    trust = replace(
        signed_files.trust, has_records=True, by_report=lambda report: recorded if report == REPORT else None
    )
    result = verify_signature(signed_files.plain, trust)
    assert result.verdict == Verdict.INVALID
    assert "0" * 64 in result.problems[0]
    same = replace(trust, by_file=lambda sha256: SignedFile(REPORT, sha256, "B-B"))
    result = verify_signature(signed_files.plain, same)
    assert result.verdict == Verdict.VALID
    assert result.recorded


def test_missing_record_is_a_note(signed_files: Signed):
    result = verify_signature(signed_files.plain, replace(signed_files.trust, has_records=True))
    assert result.verdict == Verdict.VALID
    assert any("no record of this file" in note for note in result.notes)


def test_a_note_says_that_the_register_was_not_read(signed_files: Signed):
    """Without the register, a revoked report looks valid."""
    words = "does not know whether the report was revoked or superseded. To find out, look up the SHA-256"
    for trust, expected in (
        (signed_files.trust, True),
        (Trust(), True),
        (replace(signed_files.trust, has_records=True), False),
    ):
        result = verify_signature(signed_files.plain, trust)
        assert any(words in note for note in result.notes) is expected


@pytest.fixture
def old_file(signed_files: Signed, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A file that was signed without a signature profile, as older versions of Surety did."""
    monkeypatch.setattr(signing, "ProfiledAttributes", lambda others, profile: others)
    return sign(small_pdf(), signed_files.identity, reason="a test")


def test_file_of_an_older_version_is_valid_only_if_it_is_recorded(signed_files: Signed, old_file: bytes):
    offline = verify_pdf(old_file, signed_files.trust)
    assert offline.verdict == Verdict.UNDECIDED
    assert "does not state its intended level" in offline.problems[0]
    trust = replace(signed_files.trust, has_records=True)
    assert verify_pdf(old_file, trust).verdict == Verdict.INVALID
    recorded = replace(trust, by_file=lambda sha256: SignedFile(REPORT, sha256, "B-B"))
    result = verify_pdf(old_file, recorded)
    assert result.verdict == Verdict.VALID, result.problems
    assert result.signed_at is not None


UNUSABLE = {
    "empty": (b"", "empty"),
    "text": (b"hello", "not a PDF"),
    "a zip": (b"PK\x03\x04" + b"0" * 100, "not a PDF"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_file_that_is_not_a_pdf_is_unusable(what: str):
    data, reason = UNUSABLE[what]
    result = verify_pdf(data, Trust())
    assert result.unusable
    assert not result.valid
    assert reason in result.problems[0]


def test_header_alone_has_no_signature():
    result = verify_pdf(b"%PDF-1.7\n", Trust())
    assert result.verdict == Verdict.INVALID
    assert "no signature" in result.problems[0]


def test_too_large_file_is_not_read(signed_files: Signed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verifier, "MAX_BYTES", len(signed_files.plain) - 1)
    result = verify_pdf(signed_files.plain, signed_files.trust)
    assert result.unusable
    assert "was not read" in result.problems[0]


def test_signing_time_in_the_future_is_refused(signed_files: Signed, monkeypatch: pytest.MonkeyPatch):
    class Ahead(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=30)

    monkeypatch.setattr(signing, "datetime", Ahead)
    ahead = sign(small_pdf(), signed_files.identity, reason="a test")
    result = verify_signature(ahead, signed_files.trust)
    assert result.verdict == Verdict.INVALID
    assert "in the future" in result.problems[0]


def test_signature_of_an_expired_certificate_is_refused():
    pem = certificate_pem(start=timedelta(days=-9), end=timedelta(days=-1)).encode()
    identity = SigningIdentity(load_pem_private_key(pem, None), load_pem_x509_certificate(pem), ())
    data = sign(small_pdf(), identity, reason="a test")
    result = verify_signature(data, Trust(certificates=frozenset({identity.fingerprint})))
    assert result.verdict == Verdict.INVALID
    assert "but the certificate is valid only from" in result.problems[0]


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    # Nothing listens at these addresses, so any use of a database fails.
    environment = {
        "PATH": "/usr/bin:/bin",
        "SURETY_HOME": str(home),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        "BROKER_URL": "redis://127.0.0.1:9/0",
    }
    return run_fresh(MANAGE, ["verify_report", *arguments], environment)


def test_command_works_without_a_database(signed_files: Signed, tmp_path: Path):
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(signed_files.stamped)
    bad.write_bytes(flipped(signed_files.plain, place(signed_files.plain)[0] // 2))
    home = tmp_path / "elsewhere"
    certificate = tmp_path / "signer.pem"
    identity = signed_files.identity
    certificate.write_bytes(identity.certificate.public_bytes(serialization.Encoding.PEM))
    colons = ":".join(
        identity.fingerprint.upper()[at : at + 2] for at in range(0, 64, 2)
    )  # The format in which openssl prints fingerprints.

    valid = run(str(good), "--certificate", str(certificate), home=home)
    assert valid.returncode == 0, valid.stderr
    assert "valid" in valid.stdout
    assert identity.fingerprint in valid.stdout
    assert "Honest clock" in valid.stdout
    assert (
        "note         This check does not know whether the report was revoked or superseded." in valid.stdout
    )
    assert run(str(good), "--fingerprint", colons, home=home).returncode == 0

    refused = run(str(good), "--fingerprint", signed_files.other.fingerprint, home=home)
    assert refused.returncode == 1
    assert "INVALID" in refused.stdout
    assert run(str(bad), home=home).returncode == 1

    undecided = run(str(good), home=home)
    assert undecided.returncode == 3, undecided.stderr
    assert "CANNOT BE JUDGED" in undecided.stdout
    assert "database with the known certificates could not be read" in undecided.stdout

    unknown = run("--sha256", "0" * 64, home=home)
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert "Start the database, then run the command again." in unknown.stderr
    assert "Traceback" not in unknown.stderr

    missing = run(str(tmp_path / "missing.pdf"), home=home)
    assert missing.returncode == 2
    assert "cannot be read" in missing.stderr
    wrong = run(str(good), "--fingerprint", "12ab", home=home)
    assert wrong.returncode == 2
    assert "64 hexadecimal digits" in wrong.stderr
    assert not (home / "servers").exists()


def test_configured_certificate_is_known_without_a_database(signed_files: Signed, tmp_path: Path):
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

    path = tmp_path / "home" / "signing" / "self-made.p12"
    path.parent.mkdir(parents=True)
    identity = signed_files.identity
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"t", identity.key, identity.certificate, None, NoEncryption())
    )
    report = tmp_path / "report.pdf"
    report.write_bytes(signed_files.plain)
    assert run(str(report), home=tmp_path / "home").returncode == 0
