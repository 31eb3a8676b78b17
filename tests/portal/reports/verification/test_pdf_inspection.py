"""Parsing hostile files in a process with limits ends with an answer for each file."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
import tracemalloc

import pytest

from portal.http import gunicorn_conf
from portal.reports.verification import pdf_inspection
from portal.reports.verification.pdf_inspection import InspectionFailed, InspectionTimedOut, inspect_pdf
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import Verdict, verify_pdf, verify_signature
from portal.settings.env import BASE_DIR
from tests.portal.reports.conftest import Signed
from tests.portal.reports.hostile import (
    DAMAGED_PLACES,
    HOSTILE,
    cyclic_fields,
    damaged_place,
    long_string,
    repeated_fields,
    signed_repeated_fields,
)
from tests.processor_time import at_most

pytestmark = [pytest.mark.usefixtures("real_children"), pytest.mark.slow(seconds=15)]


def test_signed_file_is_read(signed_files: Signed):
    found = inspect_pdf(signed_files.plain)
    assert (found.signatures, found.attachments) == (1, ["results.json"])
    assert found.signed_at is not None
    assert found.certified


@pytest.mark.parametrize("what", HOSTILE)
def test_parser_ends_with_an_answer_within_its_limits(what: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_inspection, "PROCESSOR_SECONDS", 2)
    data = HOSTILE[what]()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    start = time.monotonic()
    try:
        answer = f"{inspect_pdf(data).signatures} signatures."
    except InspectionFailed as error:
        answer = str(error)
    assert answer.endswith(".")
    assert time.monotonic() - start < pdf_inspection.WALL_SECONDS
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # A child's peak includes the memory of its parent at the start of the child, so it may exceed the limit.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert max(before, used) * 1024 <= max(pdf_inspection.MEMORY, own * 1024)


def test_limit_of_processor_time_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_inspection, "PROCESSOR_SECONDS", 1)
    with pytest.raises(InspectionFailed, match="1 seconds of processor time"):
        inspect_pdf(repeated_fields())


def test_limit_of_time_ends_the_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_inspection, "WALL_SECONDS", 0.2)
    with pytest.raises(InspectionTimedOut, match=r"within 0\.2 seconds"):
        inspect_pdf(cyclic_fields())


def test_genuine_file_on_a_busy_machine_is_undecided(signed_files: Signed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_inspection, "WALL_SECONDS", 0.01)
    result = verify_pdf(signed_files.plain, signed_files.trust)
    assert (result.verdict, result.timed_out) == (Verdict.UNDECIDED, True)
    assert result.problems == [
        "The file could not be read within 0.01 seconds, because this machine is busy. Try again later."
    ]


def test_limit_of_time_leaves_a_busy_machine_time_before_the_web_server_gives_up():
    assert 5 * pdf_inspection.PROCESSOR_SECONDS < pdf_inspection.WALL_SECONDS < gunicorn_conf.timeout


def test_limit_of_memory_is_named(signed_files: Signed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_inspection, "MEMORY", 60 * 2**20)
    with pytest.raises(InspectionFailed, match="memory"):
        inspect_pdf(signed_files.plain)


@pytest.mark.parametrize("what", HOSTILE)
def test_file_of_a_stranger_is_refused_without_a_parser(
    what: str, signed_files: Signed, monkeypatch: pytest.MonkeyPatch
):
    def never(_: bytes) -> None:
        raise AssertionError("the file was parsed")

    monkeypatch.setattr("portal.reports.verification.verify.inspect_pdf", never)
    data = HOSTILE[what]()
    with at_most(2):
        for trust in (signed_files.trust, Trust()):
            assert verify_pdf(data, trust).verdict == Verdict.INVALID


def test_string_of_60_mb_needs_no_further_memory(signed_files: Signed):
    data = long_string()
    tracemalloc.start()
    try:
        assert verify_pdf(data, signed_files.trust).verdict == Verdict.INVALID
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_hostile_file_with_a_known_signature_ends_within_the_limits(
    signed_files: Signed, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pdf_inspection, "PROCESSOR_SECONDS", 2)
    data = signed_repeated_fields(signed_files.identity)
    assert verify_signature(data, signed_files.trust).valid
    result = verify_pdf(data, signed_files.trust)
    assert result.verdict == Verdict.INVALID
    assert "2 seconds of processor time" in result.problems[0]


# A program that reads files as lines of hexadecimal digits, parses each file as the child process does, and prints
# the result.
PARSE_ALL = """
import sys, time
sys.path.insert(0, sys.argv[1])
from portal.reports.verification import pdf_inspector
pdf_inspector.set_limits(60, 2**30)
for line in sys.stdin:
    begun = time.process_time()
    try:
        ended = "%d signatures" % pdf_inspector.inspect(bytes.fromhex(line))["signatures"]
    except Exception as error:
        ended = type(error).__name__
    print(ended, time.process_time() - begun < 2, flush=True)
"""


@pytest.mark.parametrize("key", [b"/Prev", b"/XRefStm"])
def test_parsing_ends_for_every_damaged_place_of_an_earlier_table(key: bytes):
    """Parsing each file ends quickly, with a result or with an exception that `inspect_pdf` turns into a reason."""
    files = "\n".join(damaged_place(case, key).hex() for case in DAMAGED_PLACES)
    done = subprocess.run(
        [sys.executable, "-I", "-c", PARSE_ALL, str(BASE_DIR)],
        input=files, capture_output=True, text=True, check=False, timeout=60, env={},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # pikepdf and pypdf may warn about the damage.
    assert "Traceback" not in done.stderr
    ended = dict(zip(DAMAGED_PLACES, done.stdout.splitlines(), strict=True))
    assert [case for case, line in ended.items() if not line.endswith(" True")] == []
