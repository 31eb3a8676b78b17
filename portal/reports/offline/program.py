"""The program of the verifier for auditors, which `portal.reports.offline.bundle` writes to one file.

First, functions of the portal verify the signature, the certificate and the level. They also verify that no part of the
file was changed or added later. If the file was signed with an expected certificate, a child process then parses it,
with limits of processor time, memory and duration. The child compares the SHA-256 of each attachment with the hash in
the signed results, and the SHA-256 of each unit's manifest with the hash in the evidence manifest.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, Final

from assessments.pipeline_commands import Notation, break_commands, protect_output
from portal.reports.signatures.container import SignatureContainer
from portal.reports.signatures.place import SignaturePlace
from portal.reports.signatures.visible import visible
from portal.reports.verification.archive_check import ArchiveCheck, check_archive
from portal.reports.verification.archive_process import answer, check_with, is_read
from portal.reports.verification.fingerprint_argument import sha256_argument
from portal.reports.verification.pdf_inspection import InspectionTimedOut, raise_interrupted, read_inspection
from portal.reports.verification.pdf_inspector import (
    MANIFEST,
    RESULTS,
    attached_files,
    content_of,
    inspect,
    listed_hashes,
    set_limits,
)
from portal.reports.verification.trust import Trust, given_trust
from portal.reports.verification.verify import (
    MAX_BYTES,
    Verdict,
    VerificationResult,
    judge_inspection,
    verify_signature,
)

INSPECT: Final = "--inspect-from-standard-input"
CHECK: Final = "--check-from-standard-input"
PROCESSOR_SECONDS: Final = 60
WALL_SECONDS: Final = 300
MEMORY: Final = 2 * 1024 * 1024 * 1024
_WITH_PLACES: Final = "surety-evidence-manifest/2"
_STATUS: Final = {
    Verdict.VALID: 0,
    Verdict.INVALID: 1,
    Verdict.UNUSABLE: 2,
    Verdict.UNDECIDED: 3,
}
# The verdicts, gravest first. If several files are verified, the exit status is the status of the gravest verdict.
_GRAVEST: Final = (Verdict.INVALID, Verdict.UNUSABLE, Verdict.UNDECIDED, Verdict.VALID)


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents that the child process found in a file. `attachments` are rows of name, SHA-256 and state.

    The state is “listed” if the signed results list the attachment's hash, “not listed” otherwise. `journal` is the
    head of the journal as a text, empty if the results do not state it. `units` is the number of manifests that were
    hashed again. `problems` are sentences.
    """

    attachments: list[list[str]] = field(default_factory=list)
    journal: str = ""
    units: int = 0
    problems: list[str] = field(default_factory=list)


def main(arguments: list[str], script: str) -> int:
    """Verify files and print the results. `script` is the path of the single file."""
    gc.freeze()
    gc.enable()
    if arguments[:1] == [INSPECT]:
        return _child()
    if arguments[:1] == [CHECK]:
        _limit()
        answer()
        return 0
    prepare_output()
    options = _options(arguments)
    trust = given_trust(options.fingerprint, options.authority)
    found = []
    for path in options.files:
        result, contents = _verify(path, trust, script)
        found.append(result.verdict)
        _print(path, result, contents, as_json=options.json)
    return _STATUS[next(verdict for verdict in _GRAVEST if verdict in found)]


def prepare_output() -> None:
    """Make everything that this process prints harmless for the terminal, and turn off logging."""
    if isinstance(sys.stdout, TextIOWrapper):
        # The terminal's encoding may lack characters that occur in titles and names.
        sys.stdout.reconfigure(errors="backslashreplace")
    protect_output()
    logging.disable()  # The printed problems already state the damage that pyHanko would log.


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Verify that reports of Surety have not changed since they were signed, and show who signed"
        " them.",
        epilog="Exit statuses: 0: valid; 1: invalid; 2: the file is not a PDF, is too large or cannot be read; 3:"
        " unknown, because there is no certificate to compare with; 70: an unexpected error.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="PDF file of a report")
    add_trust_options(parser)
    parser.add_argument("--json", action="store_true", help="print one line of JSON for each file")
    return parser.parse_args(arguments)


def add_trust_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name the accepted certificates (`given_trust`)."""
    parser.add_argument(
        "--fingerprint",
        type=sha256_argument,
        action="append",
        default=[],
        metavar="SHA256",
        help="accept only the signer's certificate with this SHA-256 (can be repeated)",
    )
    parser.add_argument(
        "--authority",
        type=sha256_argument,
        action="append",
        default=[],
        metavar="SHA256",
        help="also accept archive time stamps of the authority whose certificate has this SHA-256 (can be repeated)",
    )


def _verify(path: Path, trust: Trust, script: str) -> tuple[VerificationResult, Contents]:
    try:
        with path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except OSError as error:
        problem = f"The file cannot be read: {error.strerror}. Check the path."
        return VerificationResult(Verdict.UNUSABLE, [problem]), Contents()
    return verified(data, trust, script)


def verified(data: bytes, trust: Trust, script: str) -> tuple[VerificationResult, Contents]:
    """Verify the content of a file. Some steps run in child processes; `script` is the path of their program."""
    try:
        result = verify_signature(data, trust, partial(_checked_archive, script))
    except InspectionTimedOut as error:
        return VerificationResult(Verdict.UNDECIDED, [str(error)]), Contents()
    if not result.valid:
        return result, Contents()
    return _inspected(data, result, script)


def _checked_archive(
    script: str,
    data: bytes,
    place: SignaturePlace,
    container: SignatureContainer,
    stamp_at: datetime | None,
    authorities: frozenset[str],
    is_accepted: bool,
) -> ArchiveCheck:
    """Check the part of the file after the signature. If `check_archive` has to parse that part, run
    `check_archive` in a child process.
    """
    if not is_read(container, is_accepted):
        return check_archive(data, place, container, stamp_at, authorities, is_accepted)
    return check_with(*_command(script, CHECK), data, stamp_at, authorities)


def _command(script: str, mode: str) -> tuple[list[str], dict[str, str] | None]:
    """Return the command of a child process, and its environment. The last argument lists the folders in which this
    process searches for modules, so that the child can use the same folders.
    """
    paths = json.dumps([str(Path(path).absolute()) for path in sys.path if path])
    # Windows cannot start Python without SYSTEMROOT, so on Windows the child gets the environment of this process.
    environment: dict[str, str] | None = {} if os.name == "posix" else None
    return [sys.executable, "-I", "-S", str(Path(script).absolute()), mode, paths], environment


def _inspected(data: bytes, result: VerificationResult, script: str) -> tuple[VerificationResult, Contents]:
    """Parse the file in a child process."""
    command, environment = _command(script, INSPECT)
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=WALL_SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        problem = f"The file could not be read within {WALL_SECONDS} seconds. Try again when this machine is less busy."
        return replace(result, verdict=Verdict.UNDECIDED, problems=[problem], notes=[]), Contents()
    try:
        raise_interrupted(done.returncode, done.stderr)
    except InspectionTimedOut as error:
        return replace(result, verdict=Verdict.UNDECIDED, problems=[str(error)], notes=[]), Contents()
    if done.returncode:
        problem = _failure(done.returncode, done.stderr)
        return replace(result, verdict=Verdict.INVALID, problems=[problem], notes=[]), Contents()
    answer: dict[str, Any] = json.loads(done.stdout)
    contents = Contents(**answer["contents"])
    found = read_inspection(answer["found"])
    return judge_inspection(result, replace(found, problems=contents.problems)), contents


def _failure(status: int, errors: bytes) -> str:
    if status < 0:
        return (
            f"Reading the file took more than {PROCESSOR_SECONDS} seconds of processor time or {MEMORY // 2**20} MB of"
            " memory."
        )
    last = (errors.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
    if last.startswith("MemoryError"):
        return f"Reading the file needs more than {MEMORY // 2**20} MB of memory."
    return f"The file is damaged: {(last.partition(': ')[2] or last)[:300].rstrip('.')}."


def _child() -> int:
    """Read a file from standard input, and write its contents (`Contents`) as JSON."""
    _limit()
    data = sys.stdin.buffer.read()
    found = inspect(data)
    json.dump({"found": found, "contents": asdict(_contents(data, found))}, sys.stdout)
    return 0


def _limit() -> None:
    if os.name == "posix":  # Windows has no such limits, so on Windows only the duration is limited.
        set_limits(PROCESSOR_SECONDS, MEMORY)


def _contents(data: bytes, found: dict[str, Any]) -> Contents:
    """Return the contents of the file. `problems` has the problems that `inspect` found, and a sentence for each unit
    whose manifest does not have the hash that the evidence manifest states.
    """
    integrity, listed = found["integrity"], listed_hashes(found["integrity"], found["hashes"])
    rows = [
        [name, sha256, "listed" if name in listed else "not listed"]
        for name, sha256 in found["hashes"].items()
    ]
    manifest = _manifest(data)
    units, problems = 0, list(found["problems"])
    if isinstance(manifest, dict):
        items = manifest.get("evidence") if manifest.get("format") == _WITH_PLACES else None
        hashes = None if items is None else [item["sha256"] for item in items]
        for unit in manifest.get("units") or []:
            units += 1
            problems += filter(None, [_unit_problem(unit, hashes)])
    head = integrity.get("journal_hash")
    journal = f"entry {integrity.get('journal_sequence')}, SHA-256 {head}" if head else ""
    return Contents(rows, journal, units, problems)


def _manifest(data: bytes) -> Any:
    from pyhanko.pdf_utils.reader import PdfFileReader  # imported only after the limits are set

    files = attached_files(PdfFileReader(BytesIO(data)).root)
    return json.loads(content_of(files[MANIFEST])) if MANIFEST in files else None


def _unit_problem(unit: dict[str, Any], hashes: list[str] | None) -> str:
    """Hash the manifest of a subscription or directory, as canonical JSON. Return a sentence if the evidence
    manifest states another hash, else an empty text.

    `hashes` lists the hashes of the evidence if the manifest cites evidence by its position in this list,
    otherwise it is None. Evidence that is not in the list is cited by its hash.
    """
    content = {key: value for key, value in unit.items() if key not in ("name", "manifest_sha256")}
    if hashes is not None:
        content["answers"] = {
            collection: {
                scope: [
                    [document, [one if isinstance(one, str) else hashes[one] for one in cited]]
                    for document, cited in documents
                ]
                for scope, documents in scopes.items()
            }
            for collection, scopes in content.get("answers", {}).items()
        }
    encoded = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    sha256 = hashlib.sha256(encoded).hexdigest()
    if sha256 == unit.get("manifest_sha256"):
        return ""
    return (
        f"According to the report, the manifest of {unit.get('name')} has the SHA-256"
        f" {unit.get('manifest_sha256')}. The manifest in the file has the SHA-256 {sha256}."
    )


def _print(path: Path, result: VerificationResult, contents: Contents, *, as_json: bool) -> None:
    if as_json:
        facts = {"file": str(path), **asdict(result), "contents": asdict(contents)}
        facts["register"] = "not read"  # because the register is in the issuer's database
        facts["signed_at"] = result.signed_at.isoformat() if result.signed_at else None
        print(break_commands(json.dumps(facts), Notation.JSON))
        return
    print("\n".join(_lines(path, result, contents)))


def _lines(path: Path, result: VerificationResult, contents: Contents) -> list[str]:
    """Return the lines to print. Control characters are made visible, because names in the file could otherwise change
    what the terminal shows.
    """
    words = {
        Verdict.VALID: "valid",
        Verdict.UNDECIDED: "CANNOT BE JUDGED",
        Verdict.UNUSABLE: "NOT A READABLE PDF",
    }
    lines = [f"{path}: {words.get(result.verdict, 'INVALID')}"]
    lines += [f"  - {problem}" for problem in result.problems]
    if result.signer:
        when = (
            f"{result.signed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if result.signed_at else "not stated"
        )
        lines += [
            f"  signer       {result.signer}{' (self-signed certificate)' if result.self_signed else ''}",
            f"  certificate  SHA-256 {result.fingerprint}",
            f"  signed       {when}, PAdES {result.level}",
            f"  whole file   {result.coverage}",
        ]
        lines += [f"  time stamp   {text}" for text in result.time_stamps]
        if result.valid_until:
            lines.append(f"  renewal      the last time stamp’s certificates end on {result.valid_until}")
        lines += [f"  chain        {', '.join(result.chain)}", f"  revocation   {result.revocation}"]
        if result.inspected:
            permitted = "none permitted (DocMDP, P=1)" if result.certified else "permissions not stated"
            lines.append(f"  changes      {permitted}")
    if result.inspected and result.title:
        lines.append(f"  title        {result.title} (stated by the file)")
    for name, sha256, state in contents.attachments:
        # The signature covers all attachments. If the results list the hash of an attachment too, say so.
        where = f", as listed in {RESULTS}" if state == "listed" else ""
        lines.append(f"  attachment   {name}, SHA-256 {sha256}{where}")
    if contents.units:
        lines.append(f"  manifests    {contents.units} of subscriptions and directories, hashed again")
    if contents.journal:
        lines.append(f"  journal      {contents.journal}")
    if result.sha256:
        lines.append(f"  file         SHA-256 {result.sha256}")
    lines += [f"  note         {note}" for note in result.notes]
    return [visible(line) for line in lines]
