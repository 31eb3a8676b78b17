"""The single-file verifier, run with only pyHanko's packages, agrees with `verify_pdf`."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from assessments.evaluate import digest
from portal.reports.actions import build_report
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.kinds import KINDS
from portal.reports.offline.bundle import (
    COPY,
    PATH,
    PRINTING,
    PRINTING_COPY,
    CannotBundle,
    definitions,
    single_file,
)
from portal.reports.signing.sign import sign
from portal.reports.verification.trust import Trust, given_trust
from portal.reports.verification.verify import verify_pdf
from tests import factories
from tests.portal.reports.archive_files import Archived
from tests.portal.reports.conftest import Built, Signed, small_pdf
from tests.portal.reports.hostile import HOSTILE, signed_damaged_place, signed_repeated_fields
from tests.portal.reports.offline.verifier_process import START, Verifier
from tests.portal.reports.verification.forged_archives import FORGED
from tests.portal.reports.verification.tampered_reports import TAMPERED

pytestmark = pytest.mark.slow(seconds=25)


@pytest.fixture
def verifier(only_pyhanko: Path, tmp_path: Path) -> Verifier:
    return Verifier(only_pyhanko, tmp_path)


def assert_agrees(found: dict[str, Any], data: bytes, trust: Trust) -> None:
    given = given_trust((), ())
    same_words = replace(trust, without_certificates=given.without_certificates, advice=given.advice)
    expected = verify_pdf(data, same_words)
    fields = (
        "verdict", "problems", "signer", "level", "authority", "covers_whole_file", "sha256", "fingerprint",
        "attachments", "inspected", "notes", "title", "subject", "certified", "chain", "revocation", "time_stamps",
        "valid_until", "intended_level",
    )  # fmt: skip
    assert {key: found[key] for key in fields} == {key: getattr(expected, key) for key in fields}
    assert found["signed_at"] == (expected.signed_at.isoformat() if expected.signed_at else None)


def test_the_kept_file_is_the_generated_one() -> None:
    assert PATH.read_text() == COPY.read_text() == single_file(), "run “make docs”"
    assert PRINTING_COPY.read_text() == PRINTING.read_text(), "run “make docs”"


def test_the_project_cannot_be_imported(verifier: Verifier) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.append({str(verifier.packages)!r}); import portal"],
        capture_output=True, text=True, check=False, cwd=verifier.folder,
    )  # fmt: skip
    assert "No module named 'portal'" in done.stderr


def test_code_that_needs_more_than_pyhanko_is_refused() -> None:
    with pytest.raises(CannotBundle, match="django"):
        definitions("portal.reports.keys.signing_identity", "signing_folder")


def test_without_pyhanko_or_with_an_old_python_nothing_is_judged(tmp_path: Path) -> None:
    """The exit status must not be 1, because 1 means that a report is invalid. The message says what to install."""
    verifier = Verifier(tmp_path / "empty", tmp_path)
    missing = verifier.run(verifier.write("report.pdf", b"%PDF-"))
    assert missing.stderr.strip().endswith("Install it with: python -m pip install pyhanko")
    assert (missing.returncode, missing.stdout) == (70, "")
    before = f"import sys; sys.version_info = (3, 11, 9); {START}"
    command = [sys.executable, "-I", "-S", "-c", before, "[]", str(PATH), "report.pdf"]
    old = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env={})
    assert (old.returncode, old.stdout) == (70, "")
    assert old.stderr == "This program requires Python 3.12 or newer.\n"


def test_genuine_files(verifier: Verifier, signed_files: Signed) -> None:
    own = signed_files.identity.fingerprint
    for data, level in ((signed_files.plain, "B-B"), (signed_files.stamped, "B-T")):
        (found,) = verifier.results([data], own)
        assert (found["verdict"], found["level"]) == ("valid", level)
        assert_agrees(found, data, signed_files.trust)
        assert found["register"] == "not read"
        sha256 = hashlib.sha256(b'{"score": 41}').hexdigest()
        assert found["contents"]["attachments"] == [["results.json", sha256, "not listed"]]


def test_a_note_says_that_the_register_was_not_read(verifier: Verifier, signed_files: Signed) -> None:
    path = verifier.write("good.pdf", signed_files.plain)
    words = "note         This check does not know whether the report was revoked or superseded. To find out, look up"
    assert words in verifier.run("--fingerprint", signed_files.identity.fingerprint, path).stdout
    assert words in verifier.run(path).stdout


def test_every_tampering(verifier: Verifier, signed_files: Signed) -> None:
    files = [tamper(signed_files) for tamper, _ in TAMPERED.values()]
    found = verifier.results(files, signed_files.identity.fingerprint)
    assert len(found) == len(files) > 60
    for result, data in zip(found, files, strict=True):
        assert result["verdict"] == "invalid"
        assert_agrees(result, data, signed_files.trust)


def test_files_for_archives(verifier: Verifier, archive_files: Archived) -> None:
    own = archive_files.identity.fingerprint
    genuine = [archive_files.stamped, archive_files.long_term, archive_files.archive, archive_files.renewed]
    found = verifier.results(genuine, own)
    assert [one["level"] for one in found] == ["B-T", "B-LT", "B-LTA", "B-LTA"]
    for result, data in zip(found, genuine, strict=True):
        assert result["verdict"] == "valid"
        assert_agrees(result, data, archive_files.trust)
    forged = [forge(archive_files) for forge, _ in FORGED.values()]
    for result, data in zip(verifier.results(forged, own), forged, strict=True):
        assert result["verdict"] == "invalid"
        assert_agrees(result, data, archive_files.trust)


def test_printed_facts_of_a_file_for_archives(verifier: Verifier, archive_files: Archived) -> None:
    path = verifier.write("archive.pdf", archive_files.renewed)
    done = verifier.run("--fingerprint", archive_files.identity.fingerprint, path)
    assert done.returncode == 0, done.stdout
    for words in (
        "PAdES B-LTA",
        "chain        Test signer, Test interm, Test root",
        "revocation   Not revoked at",
        "time stamp   Signature: ",
        "time stamp   Whole file: ",
        "changes      none permitted (DocMDP, P=1)",
        "renewal      the last time stamp’s certificates end on",
    ):
        assert words in done.stdout


def test_hostile_files(verifier: Verifier, signed_files: Signed) -> None:
    identity = signed_files.identity
    files = [make() for make in HOSTILE.values()]
    start = time.monotonic()
    found = verifier.results(files, identity.fingerprint)
    assert time.monotonic() - start < 30
    for result, data in zip(found, files, strict=True):
        assert_agrees(result, data, signed_files.trust)
    # Unlike the files above, this file is signed with the expected certificate, so the verifier parses it.
    damaged = signed_damaged_place(identity, "a name", b"/Prev")
    (result,) = verifier.results([damaged], identity.fingerprint)
    assert_agrees(result, damaged, signed_files.trust)


def test_a_signed_file_that_occupies_the_parser_is_ended(
    verifier: Verifier, signed_files: Signed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    quick = tmp_path / "quick.py"
    text = PATH.read_text()
    assert "PROCESSOR_SECONDS: Final = 60" in text
    quick.write_text(text.replace("PROCESSOR_SECONDS: Final = 60", "PROCESSOR_SECONDS: Final = 3"))
    monkeypatch.setattr("tests.portal.reports.offline.verifier_process.PATH", quick)
    start = time.monotonic()
    (result,) = verifier.results(
        [signed_repeated_fields(signed_files.identity)], signed_files.identity.fingerprint
    )
    assert result["verdict"] == "invalid"
    assert "took more than 3 seconds of processor time" in result["problems"][0]
    assert time.monotonic() - start < 60


def test_exit_statuses(verifier: Verifier, signed_files: Signed) -> None:
    own = signed_files.identity.fingerprint
    good = verifier.write("good.pdf", signed_files.plain)
    bad = verifier.write("bad.pdf", signed_files.plain + b" ")
    text = verifier.write("text.txt", b"text")
    bundle = verifier.write("bundle.zip", b"PK\3\4")
    colons = ":".join(own[at : at + 2] for at in range(0, 64, 2)).upper()
    for arguments, status, words in (
        (["--fingerprint", colons, good], 0, "good.pdf: valid"),
        (["--fingerprint", own, bad], 1, "extended after it was signed: 1 byte is"),
        (["--fingerprint", signed_files.other.fingerprint, good], 1, "not one of the certificates expected"),
        (["--fingerprint", own, text], 2, "text.txt: NOT A READABLE PDF\n  - The file is not a PDF."),
        (["--fingerprint", own, bundle], 2, "If the file is an evidence bundle, verify the report.pdf in it"),
        (["--fingerprint", own, "missing.pdf"], 2, "cannot be read"),
        ([good], 3, "CANNOT BE JUDGED"),
        ([good], 3, "No fingerprint was given. Ask the sender"),
        ([good], 3, "Then repeat the command with “--fingerprint SHA256”."),
        (["--fingerprint", own, good, text, bad], 1, "good.pdf: valid"),
    ):
        done = verifier.run(*arguments)
        assert (done.returncode, done.stderr) == (status, ""), done
        assert words in done.stdout
        assert "manage.py" not in done.stdout  # Auditors have only the verifier, no manage.py.


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("safe", [False, True])
def test_modules_beside_the_file_are_not_imported(
    safe: bool, linked: bool, signed_files: Signed, tmp_path: Path
) -> None:
    """Auditors start the verifier in their folder of downloads, where others can place files."""
    folder, ran = tmp_path / "downloads", tmp_path / "ran"
    planted = ("json.py", "argparse.py", "importlib/abc.py", "pyhanko/__init__.py", "portal/__init__.py")
    for name in planted:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"open({str(ran)!r}, 'a').write({name!r})\nraise SystemExit(9)\n")
    (folder / PATH.name).write_bytes(PATH.read_bytes())
    (folder / "good.pdf").write_bytes(signed_files.plain)
    script = folder / PATH.name
    if linked:
        script = tmp_path / "link.py"
        script.symlink_to(folder / PATH.name)
    command = [sys.executable, *(["-P"] if safe else []), str(script)]
    for environment in ({}, {"PYTHONPATH": f"{folder}:"}):
        done = subprocess.run(
            [*command, "--fingerprint", signed_files.identity.fingerprint, "good.pdf"],
            capture_output=True, text=True, check=False, cwd=folder, env=environment,
        )  # fmt: skip
        assert not ran.exists(), ran.read_text()
        assert (done.returncode, done.stderr) == (0, "")
        assert "good.pdf: valid" in done.stdout
        assert "attachment   results.json" in done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_reports_of_every_kind(kind: str, verifier: Verifier, built: Built) -> None:
    data, fingerprint = built.data, ensure_signing_identity().fingerprint
    if kind != built.report.kind:
        with factories.in_tenant(built.world.home):
            report = build_report(tenant=built.world.home, by=factories.BY, kind=kind)
            data = report.file.open("rb").read()
    (found,) = verifier.results([data], fingerprint)
    assert found["verdict"] == "valid", found["problems"]
    assert_agrees(found, data, Trust(certificates=frozenset({fingerprint})))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        files = {name: pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments}
    states = {name: (sha256, state) for name, sha256, state in found["contents"]["attachments"]}
    assert {name: sha256 for name, (sha256, _) in states.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    integrity = json.loads(files["results.json"])["integrity"]
    assert integrity["journal_hash"] in found["contents"]["journal"]
    unlisted = {"results.json", "oscal-assessment-results.json"}
    assert set(integrity["attachments"]) == set(files) - unlisted
    assert {name for name, (_, state) in states.items() if state == "listed"} == set(files) - unlisted
    if "evidence-manifest.json" in files:
        assert found["contents"]["units"] == len(json.loads(files["evidence-manifest.json"])["units"])


def _with(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(small_pdf())) as pdf:
        for name, content in files.items():
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, content, filename=name)
        pdf.save(out)
    return out.getvalue()


def test_attachments_that_differ_from_the_signed_hashes_are_invalid(
    verifier: Verifier, signed_files: Signed
) -> None:
    """The signature is valid, so only the comparison of the hashes can find the difference."""
    unit = {"name": "Production", "manifest_sha256": "0" * 64, "answers": {}}
    manifest = json.dumps({"units": [unit]}).encode()
    listed = {"results.csv": hashlib.sha256(b"a,b").hexdigest()}
    results = json.dumps({"integrity": {"evidence_sha256": "1" * 64, "attachments": listed}}).encode()
    files = {"results.json": results, "evidence-manifest.json": manifest, "results.csv": b"a,b"}
    data = sign(_with(files), signed_files.identity, reason="a test")
    changed = sign(_with({**files, "results.csv": b"a,c"}), signed_files.identity, reason="a test")
    found, other = verifier.results([data, changed], signed_files.identity.fingerprint)
    assert found["verdict"] == "invalid"
    first, second = found["problems"]
    assert first.startswith("evidence-manifest.json has the SHA-256 ")
    assert second.startswith("According to the report, the manifest of Production has the SHA-256 ")
    assert any(problem.startswith("results.csv has the SHA-256") for problem in other["problems"])


def test_the_portal_compares_the_listed_hashes_too(verifier: Verifier, signed_files: Signed) -> None:
    listed = {"results.csv": hashlib.sha256(b"a,b").hexdigest(), "framework.csv": "2" * 64}
    # The portal looks for the key “integrity” at the beginning of a line, where Surety writes it.
    results = b'{"counts":{},\n"integrity":' + json.dumps({"attachments": listed}).encode() + b"}\n"
    data = sign(
        _with({"results.json": results, "results.csv": b"a,c"}), signed_files.identity, reason="a test"
    )
    changed = hashlib.sha256(b"a,c").hexdigest()
    expected = [
        "results.json lists the attachment framework.csv, which the file does not contain.",
        f"results.csv has the SHA-256 {changed}, but results.json lists {listed['results.csv']}.",
    ]
    result = verify_pdf(data, signed_files.trust)
    assert (result.verdict, result.problems) == ("invalid", expected)
    (found,) = verifier.results([data], signed_files.identity.fingerprint)
    assert_agrees(found, data, signed_files.trust)


@pytest.mark.parametrize("is_changed", [False, True])
def test_the_hash_of_a_manifest_that_cites_evidence_by_its_place_is_checked(
    verifier: Verifier, signed_files: Signed, *, is_changed: bool
) -> None:
    """In large reports, a manifest cites evidence by index in a list of hashes. `manifest_sha256` is the hash of the
    manifest in which each index is replaced by the evidence's hash.
    """
    unit = {
        "unit": "/subscriptions/a",
        "answers": {"storage_accounts": {"/subscriptions/a": [["x", ["1" * 64]]]}},
    }
    sha256 = digest(unit)
    documents = [["x", [1 if is_changed else 0]]]
    shown = {
        **unit, "name": "Production", "manifest_sha256": sha256,
        "answers": {"storage_accounts": {"/subscriptions/a": documents}},
    }  # fmt: skip
    manifest = {
        "format": "surety-evidence-manifest/2",
        "evidence": [{"sha256": "1" * 64}, {"sha256": "2" * 64}],
        "units": [shown],
    }
    files = {"results.json": b"{}", "evidence-manifest.json": json.dumps(manifest).encode()}
    (found,) = verifier.results(
        [sign(_with(files), signed_files.identity, reason="a test")], signed_files.identity.fingerprint
    )
    assert found["contents"]["units"] == 1
    assert found["verdict"] == ("invalid" if is_changed else "valid"), found["problems"]
    if is_changed:
        (problem,) = found["problems"]
        assert problem.startswith("According to the report, the manifest of Production has the SHA-256 ")
