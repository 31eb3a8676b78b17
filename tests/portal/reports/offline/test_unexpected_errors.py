"""Verification programs end with status 1 only for a result, such as an invalid report.

After an unexpected error, or if nobody reads their output any more, they end with another status.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pikepdf
import pytest

from portal.reports.offline.bundle import PATH
from portal.reports.reperformance.archive import NAME, program_archive
from portal.reports.reperformance.bundle import EVIDENCE, MANIFEST, PDF, README
from portal.reports.signing.sign import sign
from tests.fresh import MANAGE, run_fresh
from tests.portal.reports.conftest import REPORT, Signed, small_pdf

UNEXPECTED = 70
READER_GONE = 141


@pytest.fixture
def incomplete(signed_files: Signed, tmp_path: Path) -> Path:
    """A bundle whose report has a valid signature, but a manifest that no version of Surety writes."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(small_pdf())) as pdf:
        pdf.attachments[MANIFEST] = pikepdf.AttachedFileSpec(
            pdf, json.dumps({"judging": []}).encode(), filename=MANIFEST
        )
        pdf.save(out)
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(PDF, sign(out.getvalue(), signed_files.identity, reason="a test", report=REPORT))
        archive.writestr(EVIDENCE, "")
        archive.writestr(README, "")
    return path


def manage(*arguments: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return run_fresh(MANAGE, list(arguments), {"SURETY_HOME": str(home), **settings})


@pytest.mark.slow(seconds=2)
def test_judging_again_does_not_call_verdicts_different(
    signed_files: Signed, incomplete: Path, only_pyhanko: Path, tmp_path: Path
) -> None:
    pinned = ("--fingerprint", signed_files.identity.fingerprint)
    (tmp_path / NAME).write_bytes(program_archive())
    program = subprocess.run(
        [sys.executable, "-S", NAME, incomplete.name, *pinned],
        cwd=tmp_path, env={"PYTHONPATH": str(only_pyhanko)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    command = manage("reperform_report", str(incomplete), *pinned, home=tmp_path / "home")
    for done in (program, command):
        assert done.returncode == UNEXPECTED, done.stderr
        assert "KeyError: 'evidence'" in done.stderr


@pytest.mark.slow(seconds=1)
def test_an_invalid_setting_says_nothing_about_the_file(tmp_path: Path) -> None:
    for name in ("reperform_report", "verify_report", "verify_journal"):
        done = manage(name, str(tmp_path / "file"), home=tmp_path / "home", SURETY_URL="surety.example.com")
        assert done.returncode == UNEXPECTED, done.stderr
        assert done.stderr.startswith("SURETY_URL"), done.stderr
    other = manage("check", home=tmp_path / "home", SURETY_URL="surety.example.com")
    assert other.returncode == 1


@pytest.mark.slow(seconds=2)
def test_asked_for_the_trace_of_a_refusal_the_command_ends_with_the_status_of_the_refusal(
    tmp_path: Path,
) -> None:
    missing = str(tmp_path / "missing.pdf")
    done = manage("verify_report", missing, "--fingerprint", "0" * 64, "--traceback", home=tmp_path / "home")
    assert done.returncode == 2, done.stderr
    assert "Traceback" in done.stderr


@pytest.mark.slow(seconds=1)
def test_a_full_disk_does_not_make_a_report_invalid(
    signed_files: Signed, only_pyhanko: Path, tmp_path: Path
) -> None:
    """The program cannot write its result, because the disk is full. This says nothing about the report."""
    (tmp_path / "report.pdf").write_bytes(signed_files.plain)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-u", "-S", str(PATH), "report.pdf", "--fingerprint", "0" * 64],
            cwd=tmp_path, env={"PYTHONPATH": str(only_pyhanko)}, stdout=full, stderr=subprocess.PIPE, text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == UNEXPECTED, done.stderr
    assert "No space left on device" in done.stderr


@pytest.mark.slow(seconds=2)
def test_programs_show_no_traceback_if_the_reader_of_the_pipe_has_ended(
    signed_files: Signed, incomplete: Path, only_pyhanko: Path, tmp_path: Path
) -> None:
    """`surety_verify.py report.pdf | head` ends quietly if `head` has ended."""
    (tmp_path / "report.pdf").write_bytes(signed_files.plain)
    (tmp_path / NAME).write_bytes(program_archive())
    reader, writer = os.pipe()
    os.close(reader)
    for program, options in (
        (str(PATH), ["report.pdf", "--fingerprint", "0" * 64]),
        (NAME, [incomplete.name, "--fingerprint", "0" * 64]),
    ):
        for unbuffered in ((), ("-u",)):
            done = subprocess.run(
                [sys.executable, *unbuffered, "-S", program, *options],
                cwd=tmp_path, env={"PYTHONPATH": str(only_pyhanko)}, stdout=writer, stderr=subprocess.PIPE, text=True,
                check=False,
            )  # fmt: skip
            assert (done.returncode, done.stderr) == (READER_GONE, ""), program
    os.close(writer)
