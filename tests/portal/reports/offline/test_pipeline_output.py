"""Names in reports and bundles cannot give commands to the build pipeline in which a verifier runs."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pikepdf
import pytest

from assessments.export.judging import RecordedContent
from portal.reports.offline.bundle import PATH
from portal.reports.reperformance import texts
from portal.reports.reperformance.archive import NAME, program_archive
from portal.reports.reperformance.bundle import EVIDENCE, PDF, README
from portal.reports.reperformance.compare import Compared, Comparison
from portal.reports.reperformance.read import Bundle, StatedVerdict, UnusableBundle, read_report
from portal.reports.signing.sign import sign
from tests.fresh import MANAGE, run_fresh
from tests.pipeline_agents import FORMAT, HOSTILE, commands
from tests.portal.reports.conftest import Signed, small_pdf

ATTACHMENT = "##vso[task.prependpath]x"


@pytest.fixture
def hostile(signed_files: Signed, tmp_path: Path) -> Path:
    """A valid report whose path and attachment have names that are commands to a pipeline."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(small_pdf())) as pdf:
        pdf.attachments[ATTACHMENT] = pikepdf.AttachedFileSpec(pdf, b"1", filename=ATTACHMENT)
        pdf.save(out)
    path = tmp_path / f"{FORMAT}.pdf"
    path.write_bytes(sign(out.getvalue(), signed_files.identity, reason="a test"))
    return path


@pytest.mark.slow(seconds=2)
def test_the_single_file_verifier(hostile: Path, signed_files: Signed) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(PATH), *words]
        done = subprocess.run(command, cwd=hostile.parent, capture_output=True, text=True, check=False)
        assert commands(done.stdout + done.stderr) == []
        return done

    pinned, missing = ("--fingerprint", signed_files.identity.fingerprint), "##vso[task.x].pdf"
    shown = run(*pinned, hostile.name)
    assert (shown.returncode, "##_vso[task.prependpath]x" in shown.stdout) == (0, True), shown
    as_json = run(*pinned, "--json", hostile.name, missing)
    found = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert [one["file"] for one in found] == [hostile.name, missing]
    assert ATTACHMENT in [name for name, *_ in found[0]["contents"]["attachments"]]
    assert run("--fingerprint", ATTACHMENT, hostile.name).returncode == 2


@pytest.mark.slow(seconds=1)
def test_commands_of_the_portal(hostile: Path, signed_files: Signed, tmp_path: Path) -> None:
    for command, status in (("verify_report", 0), ("reperform_report", 2)):
        done = run_fresh(
            MANAGE,
            [command, "--fingerprint", signed_files.identity.fingerprint, str(hostile)],
            {"SURETY_HOME": str(tmp_path / "home")},
        )
        assert done.returncode == status, done
        assert "##_" in done.stdout + done.stderr
        assert commands(done.stdout + done.stderr) == []


@pytest.mark.slow(seconds=1)
def test_surety_verify_refuses_unusual_compression(only_pyhanko: Path, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(program_archive())
    bundle = tmp_path / f"{FORMAT}.zip"
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(bundle, "w", method) as archive:
            for name in (README, PDF, EVIDENCE):
                archive.writestr(name, b"content " * 100)
        raw = bytearray(bundle.read_bytes())
        at = raw.index(PDF.encode()) + len(PDF) + 8
        raw[at : at + 20] = bytes(20)
        bundle.write_bytes(raw)
        with pytest.raises(UnusableBundle, match=f"is compressed with the ZIP method {method}"):
            read_report(bundle)
    done = subprocess.run(
        [sys.executable, "-S", NAME, bundle.name],
        cwd=tmp_path, env={"PYTHONPATH": str(only_pyhanko)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "##_[error]" in done.stderr, commands(done.stderr)) == (2, True, [])


def test_a_sample_is_json() -> None:
    stated = [StatedVerdict("control", name, "unit", "fail", "") for name in HOSTILE]
    comparison = Comparison([Compared(one, "fail", same=True) for one in stated], [], {})
    _, *drawn = texts.sample_lines(
        Bundle({}, stated, {}, [], RecordedContent({}, {})), comparison, len(stated), "seed"
    )
    assert commands("\n".join(drawn)) == []
    assert {json.loads(line)["subject"] for line in drawn} == set(HOSTILE)


def test_a_verdict_without_data_is_neither_the_same_nor_different() -> None:
    stated = StatedVerdict("control", "subject", "unit", "unknown", "")
    rows = [Compared(stated, "", same=False, unread=True), Compared(stated, "unknown", same=True)]
    lines = list(texts.table_lines(Comparison(rows, [], {})))
    assert [json.loads(line)["same"] for line in lines] == [None, True]
