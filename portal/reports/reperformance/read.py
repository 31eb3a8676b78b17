"""Read an evidence bundle, which may come from anybody.

The caller verifies the signature of the report before the rest is read. Then the hash of each piece of evidence is
compared with the hash in the signed report.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from pyhanko.pdf_utils.reader import PdfFileReader

from assessments.evaluate import canonical
from assessments.export.judging import RecordedContent, RecordedUnit
from assessments.own.control import ForeignName, own_controls
from portal.reports.reperformance.bundle import EVIDENCE, MANIFEST, PDF, README
from portal.reports.reperformance.inputs import JUDGING, recorded_unit
from portal.reports.verification.pdf_inspector import attached_files, content_of
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import MAX_BYTES, VerificationResult, verify_pdf

RESULTS: Final = "results.json"
TABLE: Final = "results.csv"
# Errors that zipfile raises for a damaged, encrypted or unusually compressed member.
_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)
# The compression methods that Surety uses. Members with other methods are refused: other libraries would decompress
# such members and raise errors that this module does not catch.
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Limits in bytes for evidence in a bundle, uncompressed: one line, and all lines together.
MAX_LINE: Final = 16 * 2**20
MAX_EVIDENCE: Final = 4 * 2**30


class UnusableBundle(Exception):
    """The bundle cannot be used. The message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class StatedVerdict:
    """A verdict as the report states it. `unit` is the scope id of a subscription or directory."""

    control: str
    subject: str
    unit: str
    outcome: str
    observed_sha256: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """The content of a bundle whose report is signed by an accepted signer.

    `counted` is {(control, outcome): number of verdicts}. It counts the passing and not applicable verdicts that a
    large report does not list. `catalogues` has, for each of `units`, the hash of the catalogue of controls that judged
    the unit. It is empty for reports of older versions, which do not state these hashes.
    """

    report: Mapping[str, Any]
    verdicts: list[StatedVerdict]
    counted: Mapping[tuple[str, str], int]
    units: list[RecordedUnit]
    evidence: RecordedContent
    catalogues: Sequence[str] = ()


def verified_report(path: Path, trust: Trust) -> tuple[bytes, VerificationResult]:
    """Return the report of the bundle, and the result of verifying the report. Raise UnusableBundle if the report
    cannot be read.
    """
    content = read_report(path)
    return content, verify_pdf(content, trust)


def read_bundle(path: Path, content: bytes) -> Bundle:
    """Return the content of the bundle. Raise UnusableBundle if the bundle is damaged or incomplete.

    `content` is the report in the bundle. The caller has verified that the signature of the report is valid.
    """
    attached = attached_files(PdfFileReader(io.BytesIO(content)).root)
    files = {name: _text(attached.get(name)) for name in (RESULTS, MANIFEST, TABLE)}
    results, manifest = json.loads(files[RESULTS] or "{}"), json.loads(files[MANIFEST] or "{}")
    if JUDGING not in manifest:
        raise UnusableBundle(
            "The report was built by an earlier version of Surety, and lacks the data that are needed to judge its"
            " evidence again. Build a new report on the same assessment."
        )
    hashes = [row["sha256"] for row in manifest["evidence"]]
    try:
        with _opened(path) as archive, archive.open(EVIDENCE) as file:
            contents = dict(_evidence(file, frozenset(hashes)))
    except _DAMAGE:
        raise UnusableBundle(f"{EVIDENCE} is damaged. Download the bundle again.") from None
    if missing := len(set(hashes) - contents.keys()):
        raise UnusableBundle(
            f"{missing} of {len(hashes)} pieces of evidence that the report lists are missing in the bundle. Download"
            " the bundle again."
        )
    versions = {row["sha256"]: row["api_version"] for row in manifest["evidence"] if row["api_version"]}
    by_unit = {unit["unit"]: unit for unit in manifest["units"]}
    units = [
        recorded_unit(judging, _with_hashes(by_unit[judging["unit"]], hashes))
        for judging in manifest[JUDGING]
    ]
    for unit in units:
        check_own_controls(unit)
    verdicts = list(_table(files[TABLE]) if files[TABLE] else _listed(results))
    counted = {} if files[TABLE] else dict(_counted(results))
    catalogues = [row["catalogue_hash"] for row in manifest[JUDGING] if "catalogue_hash" in row]
    return Bundle(results, verdicts, counted, units, RecordedContent(contents, versions), catalogues)


def check_own_controls(unit: RecordedUnit) -> None:
    """Raise UnusableBundle if the unit's parameters contain an own control that is damaged, or that is stored under the
    name of another control.
    """
    try:
        own_controls(unit.parameters)
    except ForeignName as error:
        raise UnusableBundle(
            f"The report was made with changed controls: {error}. Do not rely on its verdicts."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnusableBundle(
            f"The report contains an own control that cannot be read ({unit.scope_id}). Download the bundle again."
        ) from None


def read_report(path: Path) -> bytes:
    """Return the report of the bundle without verifying it. Raise UnusableBundle if the report cannot be read."""
    try:
        with _opened(path) as archive, archive.open(PDF) as file:
            content = file.read(MAX_BYTES + 1)
    except _DAMAGE:
        raise UnusableBundle(f"{PDF} in {path} is damaged. Download the bundle again.") from None
    if len(content) > MAX_BYTES:
        raise UnusableBundle(
            f"The report in the bundle has more than {MAX_BYTES // 2**20} MB, so it is not genuine."
        )
    return content


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"%PDF-"


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise UnusableBundle(f"{path} cannot be read: {error.strerror}. Check the path.") from None
    except zipfile.BadZipFile:
        if _is_pdf(path):
            raise UnusableBundle(
                f"{path} is a PDF, not an evidence bundle. To verify a report alone, use surety_verify.py. To judge"
                " its evidence again, pass the evidence bundle (ZIP) of the report to this program."
            ) from None
        raise UnusableBundle(
            f"{path} is not a ZIP file, or it is damaged. Download the bundle again."
        ) from None
    names = sorted(entry.filename for entry in archive.infolist())
    if names != sorted((README, PDF, EVIDENCE)):
        archive.close()
        raise UnusableBundle(
            f"{path} is not an evidence bundle. A bundle must contain exactly the files {PDF}, {EVIDENCE} and"
            f" {README}."
        )
    for entry in archive.infolist():
        if entry.compress_type not in _METHODS:
            archive.close()
            raise UnusableBundle(
                f"{entry.filename} in {path} is compressed with the ZIP method {entry.compress_type}, which Surety"
                " does not use. Download the bundle again."
            )
    return archive


def _text(attachment: Any) -> str:
    return "" if attachment is None else content_of(attachment).decode("utf-8-sig")


def _evidence(file: IO[bytes], listed: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Yield (hash, content) of each piece of evidence.

    Raise UnusableBundle if the SHA-256 of the content is not the stated hash, or if the report does not list this hash.
    """
    size = 0
    try:
        for number in range(1, len(listed) + 2):
            line = file.readline(MAX_LINE + 1)
            if not line:
                return
            size += len(line)
            if len(line) > MAX_LINE or size > MAX_EVIDENCE or number > len(listed):
                raise UnusableBundle(
                    f"From line {number} on, {EVIDENCE} contains more data than the report lists. Download the bundle"
                    " again."
                )
            row = json.loads(line)
            sha256, content = row["sha256"], row["content"]
            if sha256 not in listed:
                raise UnusableBundle(
                    f"Line {number} of {EVIDENCE} contains evidence that the report does not list. Download the bundle"
                    " again."
                )
            encoded = canonical(content)
            if hashlib.sha256(encoded).hexdigest() != sha256:
                raise UnusableBundle(
                    f"Line {number} of {EVIDENCE} was changed: its content does not have the SHA-256 {sha256}. Download"
                    " the bundle again."
                )
            # Require exactly the form that Surety writes. Otherwise, a line could have a key twice, and programs would
            # differ in which of the two values they read. Or it could have further keys, which the hash does not cover.
            if line.removesuffix(b"\n") != b'{"content":%b,"sha256":"%b"}' % (encoded, sha256.encode()):
                raise UnusableBundle(
                    f"Line {number} of {EVIDENCE} was changed: it contains more than the content and its SHA-256, or"
                    " does not have the form that Surety writes. Download the bundle again."
                )
            yield sha256, content
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnusableBundle(f"{EVIDENCE} is damaged. Download the bundle again.") from None


def _with_hashes(manifest: Mapping[str, Any], hashes: list[str]) -> dict[str, Any]:
    """Return the unit's manifest with the hashes of evidence.

    In a large report, the manifest refers to evidence by its position in the list `hashes`. Replace these positions.
    """
    answers = {
        name: {
            scope: [
                [document, [hashes[sha] if isinstance(sha, int) else sha for sha in shas]]
                for document, shas in rows
            ]
            for scope, rows in scopes.items()
        }
        for name, scopes in manifest.get("answers", {}).items()
    }
    return {**manifest, "answers": answers}


def _table(text: str) -> Iterator[StatedVerdict]:
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield StatedVerdict(
            row["control"], row["subject"], row["unit"], row["outcome"], row["observed_sha256"]
        )


def _controls(results: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for section in results["sections"]:
        yield from section["controls"]


def _listed(results: Mapping[str, Any]) -> Iterator[StatedVerdict]:
    for control in _controls(results):
        for row in control["findings"]:
            yield StatedVerdict(
                row["control"], row["subject"], row["unit"], row["outcome"], row["observed_sha256"]
            )


def _counted(results: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], int]]:
    for control in _controls(results):
        for outcome, number in control.get("findings_not_listed", {}).items():
            yield (control["slug"], outcome), number
