"""Forked children that read or write PDF files answer like new processes, and have the same limits and environment."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.reports.layout.typesetting import TypesettingFailed
from portal.reports.render import render_document
from portal.reports.verification import archive_process, pdf_inspection
from portal.reports.verification.pdf_inspection import InspectionFailed, InspectionTimedOut, inspect_pdf
from portal.reports.verification.verify import VerificationResult, verify_pdf
from tests.portal.reports.archive_files import Archived
from tests.portal.reports.conftest import Signed
from tests.portal.reports.forked_children import Subprocess, real_children
from tests.portal.reports.hostile import damaged_place

STATE = """
import json, os, resource, sys
names = ("RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_NOFILE")
limits = {name: resource.getrlimit(getattr(resource, name)) for name in names}
json.dump({
    "arguments": sys.argv[1:], "environment": dict(os.environ), "input": sys.stdin.read(), "limits": limits,
    "encoding": [sys.stdin.encoding, sys.stdout.encoding], "isolated": sys.flags.isolated, "name": __name__,
}, sys.stdout)
print("a complaint", file=sys.stderr)
"""


@pytest.mark.slow(seconds=2)
def test_verdicts_are_the_same(signed_files: Signed, archive_files: Archived) -> None:
    files = (
        (signed_files.stamped, signed_files.trust),
        (archive_files.archive, archive_files.trust),
        (archive_files.archive[:-1], archive_files.trust),
        (archive_files.archive + b"x", archive_files.trust),
    )

    def results() -> list[VerificationResult]:
        return [verify_pdf(data, trust) for data, trust in files]

    with real_children():
        expected = results()
    assert results() == expected


@pytest.mark.slow(seconds=1)
def test_reasons_of_failures_are_the_same() -> None:
    for data in (b"", b"no PDF", damaged_place("a name")):
        forked = _reason(data)
        with real_children():
            assert _reason(data) == forked


def test_pages_are_the_same() -> None:
    """No font of the product has the page's last character, so typesetting reads the fonts' tables of characters."""
    html = '<html lang="en"><head><title>T</title></head><body><h1>T</h1><p>Zürich \ue000</p></body></html>'

    def pages() -> bytes:
        return render_document(html, created=datetime(2026, 11, 1, tzinfo=UTC)).content

    with real_children():
        expected = pages()
    assert pages() == expected


def test_reasons_why_pages_could_not_be_set_are_the_same() -> None:
    html = '<html lang="en"><head><title>T</title></head><body><h1>T</h1><h4>Below nothing</h4></body></html>'
    reasons = []
    for children in (real_children(), nullcontext()):
        with children, pytest.raises(TypesettingFailed, match="heading") as failed:
            render_document(html, created=datetime.now(UTC))
        reasons.append(str(failed.value))
    assert reasons[0] == reasons[1]


def _reason(data: bytes) -> str:
    try:
        return str(inspect_pdf(data).signatures)
    except InspectionFailed as error:
        return str(error)


def test_a_script_finds_the_same_process(tmp_path: Path) -> None:
    script = tmp_path / "state.py"
    script.write_text(STATE)
    command = [sys.executable, "-I", str(script), "1", "two words"]
    found = []
    for run in (Subprocess(command).run, subprocess.run):
        done = run(command, input="ä".encode(), capture_output=True, timeout=30, check=False, env={})
        found.append((json.loads(done.stdout), done.stderr, done.returncode))
    assert found[0] == found[1]
    assert found[0][0]["environment"].keys() <= {"LC_CTYPE"}


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("raise SystemExit", 0),
        ("raise SystemExit(3)", 3),
        ("raise SystemExit('a word')", 1),
        ("1 / 0", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9),
    ],
)
def test_the_end_of_the_script_is_told(end: str, code: int, tmp_path: Path) -> None:
    script = tmp_path / "end.py"
    script.write_text(end)
    command = [sys.executable, "-I", str(script)]
    for run in (Subprocess(command).run, subprocess.run):
        done = run(command, input=b"", capture_output=True, timeout=30, check=False, env={})
        assert done.returncode == code
        assert (b"ZeroDivisionError: division by zero" in done.stderr) == (end == "1 / 0")
        assert (done.stderr == b"a word\n") == ("a word" in end)


@pytest.mark.slow(seconds=1)
def test_a_child_that_takes_too_long_is_ended(signed_files: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_inspection, "WALL_SECONDS", 0.001)
    with pytest.raises(InspectionTimedOut, match=r"within 0\.001 seconds"):
        inspect_pdf(signed_files.plain)


@pytest.mark.slow(seconds=1)
def test_other_commands_and_limits_are_not_forked(
    archive_files: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    run = subprocess.run

    def noted(command: list[str], **options: object) -> object:
        started.append(command)
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", noted)
    assert verify_pdf(archive_files.archive, archive_files.trust).valid
    assert started == []
    monkeypatch.setattr(archive_process, "PROCESSOR_SECONDS", 9)
    assert verify_pdf(archive_files.archive, archive_files.trust).valid
    assert [command[3] for command in started] == ["9"]
