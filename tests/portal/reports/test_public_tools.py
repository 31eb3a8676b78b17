"""pdfsig and OpenSSL, called as reports tell their readers, agree with Surety on the signatures of each level."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from portal.reports.reperformance.bundle import _TEXT
from tests.portal.reports.archive_files import Archived
from tests.portal.reports.authority import pem
from tests.portal.reports.conftest import Built, Signed, text_of
from tests.portal.reports.signature_commands import run_printed_commands
from tests.portal.reports.tampering import container, flipped, signer_of
from tests.portal.reports.verification.tampered_reports import STAMP, TAMPERED

pytestmark = [
    pytest.mark.skipif(not shutil.which("pdfsig"), reason="poppler's pdfsig is not installed"),
    pytest.mark.slow(seconds=15),
]

# Changes of the signed bytes or of the signature. Like Surety, pdfsig and OpenSSL must notice them. Only Surety also
# checks the profile of the container, the level, and which authorities are pinned.
CHANGES_OF_THE_DOCUMENT = (
    "a byte of the text", "the version in the header", "the last byte", "the signing time beside the signature",
    "an attachment changed", "never signed", "genuine signature on another file", "cut in half", "cut by one byte",
    "a second byte range", "bytes put before",
)  # fmt: skip
CHANGES_OF_THE_STAMP = (
    "a stamp of a self-made authority, of 2030", "a stamp of another authority",
    "the pinned authority’s stamp of another signature", "a byte of the stamp’s signature",
)  # fmt: skip


def openssl_accepts(folder: Path, data: bytes) -> bool:
    return "CMS Verification successful" in run_printed_commands(folder, data)


def stamp_is_valid(folder: Path, data: bytes, root: bytes) -> bool:
    """Verify the RFC 3161 time stamp of the signature with OpenSSL, which trusts only `root`."""
    signer = signer_of(container(data)["content"])
    (token,) = [row["values"][0] for row in signer["unsigned_attrs"] if row["type"].native == STAMP]
    for name, content in (
        ("root.pem", root),
        ("token", token.dump()),
        ("signature", signer["signature"].native),
    ):
        (folder / name).write_bytes(content)
    command = (
        "openssl",
        "ts",
        "-verify",
        "-data",
        "signature",
        "-in",
        "token",
        "-token_in",
        "-CAfile",
        "root.pem",
    )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "Verification: OK" in done.stdout + done.stderr


def test_openssl_and_pdfsig_accept_the_signature_of_each_level(
    signed_files: Signed, archive_files: Archived, tmp_path: Path
) -> None:
    own = signed_files.identity, archive_files.identity
    levels = {
        "B-B": (signed_files.plain, own[0]), "B-T": (signed_files.stamped, own[0]),
        "B-T of an authority": (archive_files.stamped, own[1]), "B-LT": (archive_files.long_term, own[1]),
        "B-LTA": (archive_files.archive, own[1]), "renewed": (archive_files.renewed, own[1]),
    }  # fmt: skip
    for level, (data, identity) in levels.items():
        output = run_printed_commands(tmp_path / "files", data)
        assert "CMS Verification successful" in output, (level, output)
        assert "Signature is Valid" in output, (level, output)
        fingerprint = identity.fingerprint.upper()
        assert fingerprint in output.replace(":", ""), (level, output)


def test_openssl_builds_the_chain_of_the_certificate(archive_files: Archived, tmp_path: Path) -> None:
    """OpenSSL accepts the signer's certificate if it trusts the root, but not if it trusts only this certificate."""
    folder = tmp_path / "files"
    assert openssl_accepts(folder, archive_files.long_term)
    for name, accepted in (("root", True), ("signer", False)):
        (folder / "root.pem").write_bytes(archive_files.pki.pem(name))
        command = (
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "report.pdf.sig0",
            "-content", "signed.bin", "-CAfile", "root.pem", "-purpose", "any", "-out", "/dev/null",
        )  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is accepted, done.stderr


def test_openssl_refuses_changed_documents(signed_files: Signed, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    accepted = [
        what for what in CHANGES_OF_THE_DOCUMENT if openssl_accepts(folder, TAMPERED[what][0](signed_files))
    ]
    assert accepted == []


def test_openssl_refuses_changed_files_of_every_level(archive_files: Archived, tmp_path: Path) -> None:
    for data in (
        archive_files.stamped,
        archive_files.long_term,
        archive_files.archive,
        archive_files.renewed,
    ):
        output = run_printed_commands(tmp_path / "files", flipped(data, 20))
        assert "CMS Verification successful" not in output
        assert "Signature is Valid" not in output


def test_openssl_judges_the_time_stamp(signed_files: Signed, tmp_path: Path) -> None:
    root = pem(signed_files.authority.root)
    assert stamp_is_valid(tmp_path, signed_files.stamped, root)
    assert not stamp_is_valid(tmp_path, signed_files.stamped, pem(signed_files.strange.root))
    accepted = [
        what
        for what in CHANGES_OF_THE_STAMP
        if stamp_is_valid(tmp_path, TAMPERED[what][0](signed_files), root)
    ]
    assert accepted == []


def test_a_full_report_passes_with_the_printed_commands(built: Built, tmp_path: Path) -> None:
    output = run_printed_commands(tmp_path / "files", built.data)
    assert "CMS Verification successful" in output
    assert "Signature is Valid" in output
    assert "Total document signed" in output
    assert "ETSI.CAdES.detached" in output


def test_the_report_says_how_to_judge_its_evidence_again(built: Built, tmp_path: Path) -> None:
    """The report says that there is an evidence bundle, and prints the same command as the README of the bundle."""
    text = text_of(built.data, tmp_path)
    (command,) = [line.strip() for line in _TEXT.splitlines() if "surety-verify.pyz BUNDLE.zip" in line]
    assert "Judge the evidence again" in text
    assert command.replace("BUNDLE.zip", "bundle.zip") in text
