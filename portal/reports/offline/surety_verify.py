#!/usr/bin/env python3
"""Verify a report of Surety on a machine without Surety.

Requires Python 3.12 or newer and pyHanko (python -m pip install pyhanko). Uses neither network nor database.

    python -P surety_verify.py report.pdf --fingerprint SHA256

Ask the sender of the report through another channel for the SHA-256 fingerprint of the signing certificate.

Exit status: 0 valid; 1 invalid; 2 not a PDF, too large, or cannot be read; 3 cannot be judged, because no fingerprint
was given or this machine was too busy; 70 nothing was judged: Python is too old, pyHanko is not installed, or an
unexpected error.

This file is generated from the source code of Surety by "manage.py generate_offline_verifier": the texts below are
the modules with which Surety itself verifies reports, without the definitions that verification does not need.
"""

import gc
import sys

# Python's garbage collector is off until `main` switches it on. Searching the objects of imported modules for garbage
# would take a third of the time.
gc.disable()

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    # The first entry of sys.path is the folder of this file. Other people's files in this folder, such as a json.py,
    # must not be imported.
    del sys.path[0]

import os

_OWN_FOLDERS = {os.path.dirname(path(__file__)) for path in (os.path.abspath, os.path.realpath)}


def foreign(path):
    """Return whether the path is neither the folder of this file nor the current folder, which is written as ""."""
    return path and not {os.path.abspath(path), os.path.realpath(path)} & _OWN_FOLDERS


if __name__ == "__main__":
    sys.path[:] = [path for path in sys.path if foreign(path)]

import importlib.abc
import importlib.machinery
import importlib.util
import json
import traceback

# The exit status if nothing was judged. After an error, Python would exit with 1, but here 1 means that a report is
# invalid.
NOT_JUDGED = 70
# The status that shells show for a program that ended because of the signal SIGPIPE.
READER_GONE = 141

MODULES = {
    "assessments.pipeline_commands": r'''
# From assessments/pipeline_commands.py

from __future__ import annotations

import re
import sys
from enum import Enum
from typing import Any, Final, TextIO

# `break_commands` replaces the last character of each match.
_COMMAND: Final = re.compile(r"##(?=[A-Za-z]*\[)|(?<![^\r\n])[^\S\r\n]*::")

# The number of characters that `CommandFreeStream` remembers from the end of the current line, because a program can
# write a command with two calls of `write`. The beginnings of commands, such as `##vso[`, are shorter.
_REMEMBERED: Final = 64

class Notation(Enum):
    """The format of a text. The value of a member is a pair: the replacement for the last character of `##`, and the
    replacement for the last character of `::`.

    In JSON and XML, a replacement is an escape sequence, so parsers read the same data as before. In a text for people,
    `##vso[` becomes `##_vso[`, and `::` becomes `:_:`.
    """

    TEXT = ("#_", "_:")
    JSON = (r"\u0023", r"\u003a")
    XML = ("&#35;", "&#58;")

def break_commands(text: str, notation: Notation = Notation.TEXT) -> str:
    """Return the text with its commands made ineffective. A text in JSON or XML must be a complete value or element."""
    number, colon = notation.value
    return _COMMAND.sub(lambda found: found[0][:-1] + (number if found[0][-1] == "#" else colon), text)

class CommandFreeStream:
    """A text stream that makes pipeline commands ineffective, and writes the result to another stream immediately.

    A call of `write` can get any part of a text for people. In JSON and XML, it must get complete values or elements.
    """

    def __init__(self, target: TextIO, notation: Notation = Notation.TEXT) -> None:
        self._target, self._notation = target, notation
        self._line = ""  # The end of the current line, as it was written.

    def write(self, text: str) -> int:
        """Write the text. Return its length."""
        if self._notation is Notation.TEXT:
            self._target.write(self._continued(text))
        else:
            self._target.write(break_commands(text, self._notation))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write each text."""
        for line in lines:
            self.write(line)

    def _continued(self, text: str) -> str:
        """Return the text with its commands made ineffective, also commands that began in an earlier text."""
        written, line = len(self._line), self._line + text
        parts, copied = [], written
        for found in _COMMAND.finditer(line):
            place = max(written, found.end() - (found[0][-1] == ":"))
            parts += [line[copied:place], "_"]
            copied = place
        result = "".join([*parts, line[copied:]])
        self._line = re.split(r"[\r\n]", self._line + result)[-1][-_REMEMBERED:]
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

def protect_output() -> None:
    """From this call on, make pipeline commands in standard output and standard error ineffective."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, CommandFreeStream):
            setattr(sys, name, CommandFreeStream(stream))
''',
    "portal.reports.keys.signing_identity": r'''
# From portal/reports/keys/signing_identity.py

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from portal.reports.signatures.visible import visible

MAX_NAME_LENGTH = 200

def common_name(certificate: x509.Certificate) -> str:
    """Return the certificate's common name. If the certificate has no common name, return its subject in RFC 4514 form.

    Characters that are not printable are replaced by visible characters. The name is cut to 200 characters.
    """
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return visible(name)[:MAX_NAME_LENGTH]

def is_self_signed(certificate: x509.Certificate) -> bool:
    """Return whether subject and issuer of the certificate are the same. If they are, no authority has confirmed who
    holds the certificate.
    """
    return certificate.subject == certificate.issuer

def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the DER certificate, lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()
''',
    "portal.reports.offline.program": r'''
# From portal/reports/offline/program.py

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
from portal.reports.verification.pdf_inspector import MANIFEST, RESULTS, attached_files, content_of, inspect, listed_hashes, set_limits
from portal.reports.verification.trust import Trust, given_trust
from portal.reports.verification.verify import MAX_BYTES, Verdict, VerificationResult, judge_inspection, verify_signature

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
''',
    "portal.reports.signatures.cms_encoding": r'''
# From portal/reports/signatures/cms_encoding.py

from __future__ import annotations

from typing import Any, Final
from asn1crypto import algos, cms, core, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate
from portal.reports.signatures.ecdsa_form import canonical

_STAMP: Final = "signature_time_stamp_token"

def canonical_signature(signed: cms.SignedData) -> bytes:
    """Return the only accepted encoding of a report's signature. Raises ValueError, LookupError or TypeError.

    An ECDSA signature value keeps its form, because reports of older versions of Surety may have another.
    `verify._form_problem` judges the form.
    """
    signer = _signer(signed)
    certificate = signer_certificate(signed, signer)
    stamps = [
        cms.ContentInfo.load(canonical_stamp(value["content"], signer_certificate(value["content"])))
        for attribute in _present(signer["unsigned_attrs"])
        if attribute["type"].native == _STAMP
        for value in attribute["values"]
    ]
    return _container(
        signed,
        versions=("v1", "v1"),
        inner=cms.ContentInfo({"content_type": "data"}),
        signer=_signer_fields(signer, certificate, signer["signature"].native),
        stamps=stamps,
    )

def canonical_stamp(signed: cms.SignedData, certificate: x509.Certificate) -> bytes:
    """Return the only accepted encoding of a time stamp whose signer has this certificate.

    Raises ValueError, LookupError or TypeError if the time stamp has no such encoding.
    """
    signer = _signer(signed)
    key = load_der_x509_certificate(certificate.dump()).public_key()
    signature = signer["signature"].native
    if isinstance(key, ec.EllipticCurvePublicKey):
        signature = canonical(signature, key.curve)
    content = signed["encap_content_info"]["content"]
    inner = {"content_type": "tst_info", "content": core.ParsableOctetString(bytes(content))}
    return _container(
        signed,
        versions=("v3", "v1"),
        inner=cms.EncapsulatedContentInfo(inner),
        signer=_signer_fields(signer, certificate, signature),
        stamps=[],
        chain=signed,
    )

def signer_certificate(signed: cms.SignedData, signer: cms.SignerInfo | None = None) -> x509.Certificate:
    """Return the certificate that the signer names. Raises LookupError if the container lacks this certificate."""
    named = (signer or _signer(signed))["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if (
            isinstance(certificate, x509.Certificate)
            and named["issuer"].dump() == certificate.issuer.dump()
            and named["serial_number"].native == certificate.serial_number
        ):
            return certificate
    raise LookupError("it does not contain the signer’s certificate")

def _container(
    signed: cms.SignedData,
    *,
    versions: tuple[str, str],
    inner: Any,
    signer: dict[str, Any],
    stamps: list[cms.ContentInfo],
    chain: cms.SignedData | None = None,
) -> bytes:
    """Return the encoded container of a signature or time stamp.

    If `chain` is given, the ECDSA signatures of certificates between the signer's and the pinned certificate get their
    canonical form.
    """
    if stamps:
        signer["unsigned_attrs"] = cms.CMSAttributes(
            [cms.CMSAttribute({"type": _STAMP, "values": [stamp]}) for stamp in stamps]
        )
    fields = {
        "version": versions[0],
        "digest_algorithms": [signer["digest_algorithm"].copy()],
        "encap_content_info": inner,
        # The signature does not cover these certificates, but changes are noticed: DER sorts a set, and callers compare
        # the certificates with the signature profile or, in a time stamp, with the chain of its signer.
        "certificates": [
            cms.CertificateChoices(
                name="certificate", value=_certificate(choice, chain, signer["sid"].chosen)
            )
            for choice in signed["certificates"]
        ],
        "signer_infos": [cms.SignerInfo({"version": versions[1], **signer})],
    }
    encoded: bytes = cms.ContentInfo(
        {"content_type": "signed_data", "content": cms.SignedData(fields)}
    ).dump()
    return encoded

def _signer_fields(signer: cms.SignerInfo, certificate: x509.Certificate, signature: bytes) -> dict[str, Any]:
    digest = signer["digest_algorithm"]["algorithm"].native
    return {
        "sid": cms.SignerIdentifier(
            name="issuer_and_serial_number",
            value=cms.IssuerAndSerialNumber(
                {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
            ),
        ),
        "digest_algorithm": algos.DigestAlgorithm({"algorithm": digest}),
        # Keep the bytes of these attributes, because the signature covers them.
        "signed_attrs": cms.CMSAttributes.load(signer["signed_attrs"].untag().dump()),
        "signature_algorithm": signature_algorithm(signer["signature_algorithm"], digest),
        "signature": core.OctetString(signature),
    }

def signature_algorithm(found: algos.SignedDigestAlgorithm, digest: str) -> algos.SignedDigestAlgorithm:
    """Return the algorithm in its only accepted encoding. Raises ValueError if the algorithm is not accepted."""
    kind = found.signature_algo
    if kind == "rsassa_pss":
        parameters = algos.RSASSAPSSParams(found["parameters"].native)
        return algos.SignedDigestAlgorithm({"algorithm": kind, "parameters": parameters})
    names = {"rsassa_pkcs1v15": f"{digest}_rsa", "ecdsa": f"{digest}_ecdsa"}
    if kind not in names:
        raise ValueError(f"signatures of the kind {kind} are not accepted")
    return algos.SignedDigestAlgorithm({"algorithm": names[kind]})

def _certificate(
    choice: cms.CertificateChoices, chain: cms.SignedData | None, signer: cms.IssuerAndSerialNumber
) -> x509.Certificate:
    """Return the certificate in its canonical form.

    A certificate has three fields: the content that the issuer signed, the algorithm, and the signature. The signature
    covers only the content, so the encoding of the other two fields is normalized.
    """
    certificate = choice.chosen
    if not isinstance(certificate, x509.Certificate):
        raise TypeError("it contains a certificate that is not an X.509 certificate")
    value = certificate["signature_value"].native
    key = None if chain is None else _issuer_key(certificate, chain)
    is_signer = (certificate.issuer.dump(), certificate.serial_number) == (
        signer["issuer"].dump(),
        signer["serial_number"].native,
    )
    # Only certificates between the signer's certificate and the pinned one could be rewritten unnoticed, so give the
    # issuers' signatures in them the canonical encoding. A change of the signer's certificate is noticed, because a
    # signed attribute has its hash. A change of the pinned certificate, for which `key` is None, is noticed, because
    # its fingerprint is compared.
    if isinstance(key, ec.EllipticCurvePublicKey) and not is_signer:
        value = canonical(value, key.curve)
    return encoded_certificate(certificate, value)

def encoded_certificate(certificate: x509.Certificate, value: bytes) -> x509.Certificate:
    """Return the canonical encoding of the certificate, with this value of the issuer's signature."""
    signed = certificate["tbs_certificate"]
    return x509.Certificate(
        {
            "tbs_certificate": signed,
            # A certificate names the algorithm of its signature in two fields with the same value (RFC 5280, 4.1.1.2).
            # Copy the value from the field that the issuer signed.
            "signature_algorithm": algos.SignedDigestAlgorithm.load(signed["signature"].dump()),
            "signature_value": core.OctetBitString(value),
        }
    )

def _issuer_key(certificate: x509.Certificate, chain: cms.SignedData) -> object:
    """Return the public key of the certificate's issuer, or None if the chain does not contain the issuer.

    The issuer is missing only for the last certificate, which is pinned, so its issuer's key is not needed.
    """
    for choice in chain["certificates"]:
        issuer = choice.chosen
        if (
            isinstance(issuer, x509.Certificate)
            and issuer.subject.dump() == certificate.issuer.dump()
            and issuer.dump() != certificate.dump()
        ):
            return load_der_x509_certificate(issuer.dump()).public_key()
    return None

def _signer(signed: cms.SignedData) -> cms.SignerInfo:
    (signer,) = signed["signer_infos"]
    return signer

def _present(attributes: Any) -> list[Any]:
    return [] if isinstance(attributes, core.Void) else list(attributes)
''',
    "portal.reports.signatures.container": r'''
# From portal/reports/signatures/container.py

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final
from asn1crypto import algos, cms, core, x509
from portal.reports.signatures.cms_encoding import canonical_signature, signer_certificate
from portal.reports.signatures.der import end_of_element
from portal.reports.signatures.profile import ATTRIBUTE, SignatureProfile, read_profile

_STAMP: Final = "signature_time_stamp_token"

_CHANGED: Final = "The signature’s container was changed after signing."

_SIGNED_ATTRIBUTES: Final = {"content_type", "message_digest", "signing_certificate_v2"}

_SHA256: Final = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()

_MECHANISMS: Final = frozenset(
    algos.SignedDigestAlgorithm({"algorithm": name}).dump() for name in ("sha256_rsa", "sha256_ecdsa")
)

class DamagedSignature(Exception):
    """The container cannot be read. The message is a sentence for people."""

@dataclass(frozen=True, slots=True)
class SignatureContainer:
    """A signature's container. `problems` are sentences about content that does not belong in the container.

    `profile` is None for signatures of older versions of Surety. `stamp` is the container of the signature's time
    stamp, or None if there is no time stamp.
    """

    signed: cms.SignedData
    signer: cms.SignerInfo
    certificate: x509.Certificate
    profile: SignatureProfile | None
    stamp: cms.SignedData | None
    problems: tuple[str, ...]

def read_container(digits: bytes) -> SignatureContainer:
    """Read a signature from its hexadecimal digits. Raises DamagedSignature."""
    problems: list[str] = []
    try:
        return _read(decoded(digits, problems), problems)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedSignature(
            f"The signature is damaged, or its container was changed after signing: {_reason(error)}."
        ) from None

def decoded(digits: bytes, problems: list[str]) -> bytes:
    """Return the container without its padding. Add a sentence to `problems` for each difference from the form that
    Surety writes.

    Raises DamagedSignature or ValueError.
    """
    try:
        raw = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        raise DamagedSignature(
            "The signature is damaged: it has characters other than hexadecimal digits."
        ) from None
    if raw.hex().upper().encode() != digits:
        problems.append("The signature’s hexadecimal digits were rewritten after signing.")
    end = end_of_element(raw)
    if any(raw[end:]):
        problems.append("Data was added to the padding after the signature.")
    return raw[:end]

def _read(encoded: bytes, problems: list[str]) -> SignatureContainer:
    content = cms.ContentInfo.load(encoded, strict=True)
    if content["content_type"].native != "signed_data":
        raise ValueError("it is not a signature")
    signed = content["content"]
    if len(signed["signer_infos"]) != 1:
        raise ValueError(f"it has {len(signed['signer_infos'])} signers instead of one")
    signer = signed["signer_infos"][0]
    profile = read_profile(signer)
    if canonical_signature(signed) != encoded or not _has_own_form(signed, signer):
        problems.append(_CHANGED)
    problems += _certificate_problems(signed, profile)
    stamp, stamp_problems = _read_stamp(signer, profile)
    problems += stamp_problems
    certificate = signer_certificate(signed, signer)
    return SignatureContainer(signed, signer, certificate, profile, stamp, tuple(problems))

def _has_own_form(signed: cms.SignedData, signer: cms.SignerInfo) -> bool:
    """Return whether the unsigned fields have the form that `portal.reports.signing.sign` writes."""
    found = [attribute["type"].native for attribute in signer["signed_attrs"]]
    certificates = [choice.dump() for choice in signed["certificates"]]
    return all(
        (
            signed["version"].native == signer["version"].native == "v1",
            [algorithm.dump() for algorithm in signed["digest_algorithms"]] == [_SHA256],
            signer["digest_algorithm"].dump() == _SHA256,
            signer["signature_algorithm"].dump() in _MECHANISMS,
            signed["encap_content_info"]["content_type"].native == "data",
            signed["encap_content_info"]["content"].native is None,
            not is_present(signed["crls"]),
            not is_present(signer["unsigned_attrs"]) or len(signer["unsigned_attrs"]) > 0,
            certificates == sorted(certificates),
            signer["sid"].name == "issuer_and_serial_number",
            {*found, ATTRIBUTE} == {*_SIGNED_ATTRIBUTES, ATTRIBUTE},
            len(found) == len(set(found)),
        )
    )

def _certificate_problems(signed: cms.SignedData, profile: SignatureProfile | None) -> list[str]:
    present = fingerprints(signed)
    if profile is None:
        return []
    problems = []
    if added := [found for found in present if found not in profile.certificates]:
        problems.append(f"The signature contains {_certificates(len(added))} added after signing.")
    if missing := [found for found in profile.certificates if found not in present]:
        verb = "was" if len(missing) == 1 else "were"
        problems.append(
            f"{_certificates(len(missing)).capitalize()} of the signature {verb} removed or replaced."
        )
    if not problems and len(present) != len(profile.certificates):
        problems.append(_CHANGED)
    return problems

def _read_stamp(
    signer: cms.SignerInfo, profile: SignatureProfile | None
) -> tuple[cms.SignedData | None, list[str]]:
    attributes = list(signer["unsigned_attrs"]) if is_present(signer["unsigned_attrs"]) else []
    stamps = [
        value
        for attribute in attributes
        if attribute["type"].native == _STAMP
        for value in attribute["values"]
    ]
    problems = []
    if any(attribute["type"].native != _STAMP for attribute in attributes):
        problems.append("Unsigned attributes were added to the signature after signing.")
    if len(stamps) > 1 or len(attributes) > 1:
        problems.append("Attributes were added to the signature after signing.")
    if profile is not None and profile.level == "B-B" and stamps:
        problems.append(
            "A time stamp was added after signing: the report was signed as PAdES B-B, which has no time stamp."
        )
    if profile is not None and profile.level != "B-B" and not stamps:
        problems.append(
            f"The time stamp was removed: the report was signed as PAdES {profile.level}, which has a time stamp."
        )
    return (stamps[0]["content"] if stamps else None), problems

def is_present(field: Any) -> bool:
    """Return whether an optional field is present, even if it is an empty set."""
    return not isinstance(field, core.Void)

def fingerprints(signed: cms.SignedData) -> list[str]:
    """Return the SHA-256 of each certificate in the container. Certificates of all kinds are included."""
    choices: list[Any] = list(signed["certificates"] or ())
    return [hashlib.sha256(choice.chosen.dump()).hexdigest() for choice in choices]

def _certificates(number: int) -> str:
    return "a certificate" if number == 1 else f"{number} certificates"

def _reason(error: BaseException) -> str:
    """Return the first line of the error's message; the further lines only list internal types of asn1crypto."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
''',
    "portal.reports.signatures.der": r'''
# From portal/reports/signatures/der.py

from __future__ import annotations

_CONSTRUCTED, _LONG_TAG, _LONG_LENGTH = 0x20, 0x1F, 0x80

_MAX_DEPTH = 40

_IDENTIFIER = 0x06

# The time that asn1crypto needs to read an object identifier grows with the square of the identifier's length. The
# longest identifier in use has 20 bytes.
_MAX_IDENTIFIER_BYTES = 64

def end_of_element(data: bytes, start: int = 0, depth: int = 0) -> int:
    """Return the offset after the element at `start`. Raises ValueError if this element or an element inside
    it is not DER.

    Object identifiers of more than 64 bytes are refused too.
    """
    if depth > _MAX_DEPTH:
        raise ValueError("too many levels")
    content, end = _header(data, start)
    if data[start] == _IDENTIFIER and end - content > _MAX_IDENTIFIER_BYTES:
        raise ValueError("an object identifier is too long")
    if data[start] & _CONSTRUCTED:
        at = content
        while at < end:
            at = end_of_element(data, at, depth + 1)
        if at != end:
            raise ValueError("an element is longer than the one that contains it")
    return end

def _header(data: bytes, start: int) -> tuple[int, int]:
    """Return where the element's content starts and ends."""
    if start + 2 > len(data):
        raise ValueError("an element is cut off")
    if data[start] & _LONG_TAG == _LONG_TAG:
        raise ValueError("a tag has several bytes")
    content, length = start + 2, data[start + 1]
    if length >= _LONG_LENGTH:
        count = length - _LONG_LENGTH
        digits = data[content : content + count]
        length = int.from_bytes(digits)
        if not 1 <= count <= 4 or len(digits) < count or digits[0] == 0 or length < _LONG_LENGTH:
            raise ValueError("a length is not in its shortest form")
        content += count
    if content + length > len(data):
        raise ValueError("an element is cut off")
    return content, content + length
''',
    "portal.reports.signatures.ecdsa_form": r'''
# From portal/reports/signatures/ecdsa_form.py

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
}  # fmt: skip

def canonical(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    """Return the signature in its accepted form. Raise ValueError if the given signature is not DER."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, curve.group_order - s))

def is_canonical(signature: bytes, key: object) -> bool:
    """Return whether a signature has its accepted form.

    If `key` is not an elliptic-curve key, the signature has only one form, so the result is True.
    """
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return True
    try:
        return canonical(signature, key.curve) == signature
    except ValueError:
        return False

def made_by(key: ec.EllipticCurvePublicKey, signature: bytes, content: bytes, digest: str) -> bool:
    """Return whether the key made the signature of the content. `digest` is the name of the hash, such as “sha256”."""
    if digest not in _HASHES:
        return False
    try:
        key.verify(signature, content, ec.ECDSA(_HASHES[digest]))
    except InvalidSignature:
        return False
    return True
''',
    "portal.reports.signatures.place": r'''
# From portal/reports/signatures/place.py

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

# Hexadecimal digits that the signer reserves for a signature's container.
RESERVED_DIGITS: Final = 48_000

_AFTER: Final = b">\n/ByteRange ["

_BEFORE: Final = b"/Contents <"

_RANGE: Final = re.compile(rb">\n/ByteRange \[(\d{1,12}) (\d{1,12}) (\d{1,12}) (\d{1,12})\]")

_MAX_SIGNATURES: Final = 10

# Maximum number of `/ByteRange` markers to examine. A genuine report has one for its signature and one for each archive
# time stamp.
_MAX_BEGINNINGS: Final = 1000

class NotSigned(Exception):
    """The file has no usable signature. The message is a sentence for people."""

@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """The place of the signature in a file: its hexadecimal digits are `data[first + 1 : start - 1]`, between `<` and
    `>`.

    The signature covers the other bytes of `data[:end]`, whose SHA-256 is `digest`. `problems` are sentences.
    """

    first: int
    start: int
    end: int
    digest: bytes
    problems: tuple[str, ...] = ()

def find_signature(data: bytes) -> SignaturePlace:
    """Return the place of the file's first signature, which is the signature of the report.

    Raises NotSigned if the file has no signature in the form that Surety writes.
    """
    matches: list[re.Match[bytes]] = []
    beginnings, at = 0, data.find(_AFTER)
    while at >= 0 and len(matches) < _MAX_SIGNATURES:
        beginnings += 1
        if beginnings > _MAX_BEGINNINGS:
            raise NotSigned("The file is damaged: it has too many byte ranges.")
        if match := _RANGE.match(data, at):
            matches.append(match)
        at = data.find(_AFTER, at + 1)
    if not matches:
        raise NotSigned(_missing(data))
    problems = [] if len(matches) == 1 else [f"The file has {len(matches)} signatures instead of one."]
    match = matches[0]
    zero, first, start, second = (int(number) for number in match.groups())
    if zero != 0 or start != match.start() + 1 or not first < start <= first + RESERVED_DIGITS + 2:
        raise NotSigned(
            "The signature does not cover the whole file: its byte range starts or ends at a wrong place."
        )
    if not data.endswith(_BEFORE, max(0, first + 1 - len(_BEFORE)), first + 1):
        raise NotSigned(
            "The signature does not cover the whole file: the part outside of the byte range contains more than the"
            " signature."
        )
    if start + second > len(data):
        problems.append(
            f"The file was cut off: {_byte_count(start + second - len(data))} missing at its end."
        )
    digest = hashlib.sha256(memoryview(data)[:first])
    digest.update(memoryview(data)[start : start + second])
    return SignaturePlace(first, start, min(start + second, len(data)), digest.digest(), tuple(problems))

def _missing(data: bytes) -> str:
    if b"/ByteRange" in data:
        return (
            "The file has no signature of the form that Surety writes. Another program has signed or rewritten it, or "
            "it is damaged."
        )
    return (
        "The file has no signature. Either it is not a report signed by Surety, or it was cut off, or another program "
        "has rewritten it."
    )

def _byte_count(number: int) -> str:
    return f"{number} byte is" if number == 1 else f"{number} bytes are"
''',
    "portal.reports.signatures.profile": r'''
# From portal/reports/signatures/profile.py

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from asn1crypto import cms, core
from pyhanko.sign.ades.asn1_util import register_cms_attribute

ATTRIBUTE: Final = "surety_signature_profile"

# After the prefix 2.25, an object identifier contains a UUID, so nobody has to register it (ITU-T X.667).
OBJECT_IDENTIFIER: Final = "2.25.249660533250733522421333620334450702025"

# The levels of PAdES (ETSI EN 319 142-1), each of which includes the levels before it.
LEVELS: Final = ("B-B", "B-T", "B-LT", "B-LTA")

FORMAT: Final = "surety-signature/1"

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"

register_cms_attribute(OBJECT_IDENTIFIER, ATTRIBUTE, core.UTF8String)

@dataclass(frozen=True, slots=True)
class SignatureProfile:
    """The content that a signature must have. `level` is one of LEVELS, `signed_at` the time of the signer's clock,
    `report` the report's id.

    `certificates` are the SHA-256 fingerprints (hex) of all certificates in the signature's container, sorted;
    `time_stamp_authorities` are the fingerprints of the accepted authorities: the chain of the time stamp must end at
    one of these certificates. If `certified` is set, the file must state that the signature permits no changes (DocMDP,
    P=1). Older versions of Surety signed without this statement.
    """

    level: str
    signed_at: datetime
    report: str
    certificates: tuple[str, ...]
    time_stamp_authorities: tuple[str, ...] = ()
    certified: bool = False

    def to_json(self) -> str:
        """Return the profile as JSON, which is the value of the signed attribute."""
        return json.dumps(
            {
                "format": FORMAT,
                "level": self.level,
                "signed_at": self.signed_at.astimezone(UTC).strftime(_TIME),
                "report": self.report,
                "certificates": self.certificates,
                "time_stamp_authorities": self.time_stamp_authorities,
                "certified": self.certified,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> SignatureProfile:
        """Read a profile from an attribute's value.

        Raises ValueError, KeyError or TypeError if the value is not a profile.
        """
        content: dict[str, Any] = json.loads(text)
        if content["format"] != FORMAT:
            raise ValueError(f"unknown format {content['format']!r}")
        if content["level"] not in LEVELS:
            raise ValueError(f"unknown level {content['level']!r}")
        return cls(
            level=str(content["level"]),
            signed_at=datetime.strptime(content["signed_at"], _TIME).replace(tzinfo=UTC),
            report=str(content["report"]),
            certificates=tuple(content["certificates"]),
            time_stamp_authorities=tuple(content["time_stamp_authorities"]),
            certified=content.get("certified") is True,
        )

def read_profile(signer: cms.SignerInfo) -> SignatureProfile | None:
    """Return the signature's profile. Return None if the signature has no profile, like signatures of older versions of
    Surety.

    Raises ValueError, KeyError or TypeError if the profile cannot be read.
    """
    values = [
        value
        for attribute in signer["signed_attrs"]
        if attribute["type"].native == ATTRIBUTE
        for value in attribute["values"]
    ]
    if not values:
        return None
    if len(values) > 1:
        raise ValueError("several profiles")
    return SignatureProfile.from_json(values[0].native)
''',
    "portal.reports.signatures.pyhanko_thread": r'''
# From portal/reports/signatures/pyhanko_thread.py

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

def run_in_own_thread[T](call: Callable[[], T]) -> T:
    """Run `call` in a new thread and return its result.

    pyHanko calls `asyncio.run`, which fails in a thread whose event loop is running, such as the thread of an
    asynchronous server. Do not use the database in `call`: the new thread has no tenant scope.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pyhanko") as pool:
        return pool.submit(call).result()
''',
    "portal.reports.signatures.stamps": r'''
# From portal/reports/signatures/stamps.py

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext
from portal.reports.signatures.cms_encoding import canonical_stamp
from portal.reports.signatures.container import fingerprints, is_present
from portal.reports.signatures.pyhanko_thread import run_in_own_thread

# The accepted difference between the clocks of two machines.
CLOCK_SKEW: Final = timedelta(minutes=5)

# The maximum time between signature and stamp. Surety requests the stamp as soon as the file is signed, so a later
# stamp is refused.
MAX_DELAY: Final = timedelta(minutes=15)

# Time stamps with more certificates are refused. Anybody can put certificates into a time stamp, and the time to find
# a chain among them grows with the factorial of their number.
MAX_CERTIFICATES: Final = 6

@dataclass(frozen=True, slots=True)
class StampCheck:
    """The result of checking a time stamp. `problems` are sentences for people; `authority` names the signer of the
    stamp. `certificates` are the SHA-256 fingerprints of the certificates in the stamp's chain.
    """

    problems: list[str]
    at: datetime | None = None
    authority: str = ""
    certificates: tuple[str, ...] = ()

def check_stamp(
    stamp: cms.SignedData, imprint: Callable[[str], bytes], pinned: Collection[str] | None
) -> StampCheck:
    """Check that the stamp covers the imprint, and that its chain ends at one of the pinned certificates.

    `imprint` takes the name of a hash algorithm, and returns the digest that the stamp must contain. `imprint` raises
    ValueError for an algorithm that is not accepted. `pinned` are fingerprints. If `pinned` is None, every authority is
    accepted: reports of older versions of Surety recorded no fingerprints.
    """
    try:
        if problem := _added(stamp):
            return StampCheck([problem])
        at = stamp["encap_content_info"]["content"].parsed["gen_time"].native
        if at > datetime.now(UTC) + CLOCK_SKEW:
            return StampCheck([f"The time stamp is from the future: {at:%Y-%m-%d %H:%M} UTC."], at)
        roots = _certificates(stamp, pinned)
        if not roots:
            return StampCheck(
                [
                    "The time stamp is not from the time-stamp authority that was recorded when the report was signed."
                ],
                at,
            )
        status = run_in_own_thread(lambda: asyncio.run(validate_stamp(stamp, roots, imprint)))
    except (SignatureValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        return StampCheck([f"The time stamp is damaged: {str(error).splitlines()[0].rstrip('.')}."])
    authority = status.signing_cert.subject.human_friendly
    return StampCheck(_problems(stamp, status, pinned), at, authority, tuple(fingerprints(stamp)))

def _added(stamp: cms.SignedData) -> str:
    """Return a sentence about content of the stamp's container that was added or changed, or an empty text."""
    if len(stamp["certificates"]) > MAX_CERTIFICATES:
        return f"The time stamp has {len(stamp['certificates'])} certificates; at most {MAX_CERTIFICATES} are read."
    if len(stamp["signer_infos"]) != 1:
        return f"The time stamp has {len(stamp['signer_infos'])} signers instead of one."
    signer = stamp["signer_infos"][0]
    # RFC 5652, sections 5.1 and 5.3: the content determines the versions, so every other version number is wrong.
    own = "v1" if signer["sid"].name == "issuer_and_serial_number" else "v3"
    if (stamp["version"].native, signer["version"].native) != ("v3", own):
        return "The version number in the time stamp was changed after the stamp was made."
    same = [algorithm.dump() for algorithm in stamp["digest_algorithms"]] == [
        signer["digest_algorithm"].dump()
    ]
    if is_present(signer["unsigned_attrs"]) or is_present(stamp["crls"]) or not same:
        return "Data was added to the time stamp after it was made."
    return ""

def _certificates(stamp: cms.SignedData, pinned: Collection[str] | None) -> list[x509.Certificate]:
    found = [choice.chosen for choice in stamp["certificates"]]
    if pinned is None:
        return found
    return [certificate for certificate in found if hashlib.sha256(certificate.dump()).hexdigest() in pinned]

def _problems(
    stamp: cms.SignedData, status: TimestampSignatureStatus, pinned: Collection[str] | None
) -> list[str]:
    if not (status.intact and status.valid):
        return ["The time stamp does not belong to this signature."]
    if pinned is None:
        return []
    if not status.trusted:
        return [
            "The time stamp’s certificate does not lead to the authority that was recorded when the report was signed."
        ]
    path = {hashlib.sha256(certificate.dump()).hexdigest() for certificate in _path(status)}
    if sorted(path) != sorted(fingerprints(stamp)):
        return ["The time stamp contains a certificate that was added after stamping."]
    # Check the encoding of the stamp separately, so that the message names the stamp. The check in
    # `portal.reports.signatures.container` includes the stamp, but its message names only the signature's container.
    if cms.ContentInfo.load(canonical_stamp(stamp, status.signing_cert))["content"].dump() != stamp.dump():
        return ["The encoding of the time stamp was changed after it was made."]
    return []

def _path(status: TimestampSignatureStatus) -> list[x509.Certificate]:
    """Return the chain of certificates from the stamp's signer to the pinned certificate."""
    path = status.validation_path
    return [] if path is None else list(path.iter_certs(include_root=True))

async def validate_stamp(
    stamp: cms.SignedData, roots: list[x509.Certificate], imprint: Callable[[str], bytes]
) -> TimestampSignatureStatus:
    """Validate a stamp against trusted certificates, at the time that the stamp states.

    Raises SignatureValidationError.
    """
    at = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=at)
    return TimestampSignatureStatus(**await validate_tst_signed_data(stamp, context, imprint))

def imprint_of(content: bytes) -> Callable[[str], bytes]:
    """Return a function for the argument `imprint` of `check_stamp`. The function takes the name of a hash algorithm
    and returns the digest of the content.
    """
    return lambda name: _digest(name, content)

def _digest(name: str, content: bytes) -> bytes:
    algorithms: dict[str, Any] = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
    if name not in algorithms:
        raise ValueError(f"its hash algorithm, {name}, is not accepted")
    digest = hashes.Hash(algorithms[name]())
    digest.update(content)
    return digest.finalize()
''',
    "portal.reports.signatures.visible": r'''
# From portal/reports/signatures/visible.py

from __future__ import annotations

def visible(text: str) -> str:
    """Return the text with every unprintable character in Python's notation, such as `\\x1b` for escape.

    Unprintable characters are control characters (line breaks too), characters that change the direction of writing,
    and every kind of space except the usual space.
    """
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )
''',
    "portal.reports.verification.archive_check": r'''
# From portal/reports/verification/archive_check.py

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from asn1crypto import cms, x509
from portal.reports.signatures.cms_encoding import signer_certificate
from portal.reports.signatures.container import DamagedSignature, SignatureContainer, decoded, fingerprints
from portal.reports.signatures.place import SignaturePlace
from portal.reports.signatures.stamps import CLOCK_SKEW, check_stamp
from portal.reports.verification.archive_updates import DocumentStamp, ForeignUpdate, Update, ValidationData, read_updates
from portal.reports.verification.certificate_chains import STAMPING, Chain, ChainRefused, ordered_chain, surplus, validate_chains

ARCHIVED: Final = ("B-LT", "B-LTA")

_EXTENDED: Final = (
    "The file was extended after it was signed: {what} after the part that the signature covers."
)

@dataclass(frozen=True, slots=True)
class ArchiveStamp:
    """An archive time stamp: its time, its authority, and the earliest time at which a certificate of its chain
    expires.

    `algorithm` names the kind of key, the number of its bits, and the hash, such as “ecdsa-256-sha256”. `certificates`
    are the SHA-256 fingerprints of the certificates in the time stamp's chain.
    """

    at: datetime
    authority: str
    valid_until: datetime
    algorithm: str
    certificates: tuple[str, ...] = ()

@dataclass(frozen=True, slots=True)
class ArchiveCheck:
    """The result of checking the part of a file after its signature.

    `level` is B-LT or B-LTA if the file reaches one of these levels, otherwise empty. `stamps` are the archive time
    stamps. `answers` and `lists` count the OCSP answers and CRLs about the signature and its time stamp.
    """

    problems: list[str] = field(default_factory=list)
    level: str = ""
    stamps: list[ArchiveStamp] = field(default_factory=list)
    answers: int = 0
    lists: int = 0

def signature_chains(container: SignatureContainer, at: datetime) -> list[Chain]:
    """Return the chain of the signer and, if the signature has a time stamp, the chain of the time stamp.

    `at` is the time at which the certificates must not have been revoked. Callers check this. Raises ValueError or
    LookupError.
    """
    certificates = [choice.chosen for choice in container.signed["certificates"]]
    own = ordered_chain(container.certificate, certificates)
    chains = [Chain(tuple(own), at, "the signer")]
    if container.stamp is not None:
        chains.append(stamp_chain(container.stamp, at, "the time stamp"))
    return chains

def stamp_chain(stamp: cms.SignedData, at: datetime, name: str) -> Chain:
    """Return the chain of certificates from the signer of a time stamp to the pinned certificate. Raises ValueError or
    LookupError.
    """
    certificates = [choice.chosen for choice in stamp["certificates"]]
    return Chain(tuple(ordered_chain(signer_certificate(stamp), certificates)), at, name, STAMPING)

def certificates_of(chains: Sequence[Chain]) -> tuple[bytes, ...]:
    """Return the certificates of the chains, each once and sorted, which is their order in validation data."""
    return tuple(sorted({one.dump() for chain in chains for one in chain.certificates}))

def archive_imprint(digest: bytes) -> Callable[[str], bytes]:
    """Return a function for the argument `imprint` of `check_stamp`. The function returns the digest, and refuses every
    algorithm except SHA-256.
    """

    def imprint(name: str) -> bytes:
        if name != "sha256":
            raise ValueError(f"its hash algorithm, {name}, is not accepted")
        return digest

    return imprint

def check_archive(
    data: bytes,
    place: SignaturePlace,
    container: SignatureContainer,
    stamp_at: datetime | None,
    authorities: frozenset[str],
    is_accepted: bool,
) -> ArchiveCheck:
    """Check everything after the signature.

    - `stamp_at`: the time of the signature's time stamp, or None if this time stamp is not valid
    - `authorities`: fingerprints of authorities that are accepted besides those in the profile of the signature
    - `is_accepted`: whether the signature is valid and its signer is accepted. If not, the validation data and time
      stamps after the signature are not read, because anybody could have made them

    Raises DamagedSignature, ValueError, LookupError or TypeError for damaged bytes.
    """
    profile = container.profile
    level = profile.level if profile is not None else ""
    extra = len(data) - place.end
    if profile is None or level not in ARCHIVED:
        what = f"{extra} byte is" if extra == 1 else f"{extra} bytes are"
        return ArchiveCheck([_EXTENDED.format(what=what)] if extra else [])
    if not is_accepted:
        return ArchiveCheck([])
    try:
        updates = read_updates(data, place.end, data[place.first + 1 : place.start - 1])
    except ForeignUpdate as error:
        return ArchiveCheck([str(error)])
    if problem := _order_problem(updates, level):
        return ArchiveCheck([problem])
    if stamp_at is None:
        return ArchiveCheck([])
    chains = signature_chains(container, stamp_at)
    if problem := _chain_problem(chains):
        return ArchiveCheck([problem])
    accepted = frozenset(profile.time_stamp_authorities) | authorities
    stamps: list[ArchiveStamp] = []
    at = stamp_at
    for update in updates:
        if isinstance(update, ValidationData):
            if problem := _validation_problem(update, chains):
                return ArchiveCheck([problem], stamps=stamps)
            continue
        stamp, problem = _checked_stamp(update, accepted, at, len(stamps) + 1)
        if problem or stamp is None:
            return ArchiveCheck([problem], stamps=stamps)
        made, chain = stamp
        stamps.append(made)
        chains, at = [chain], made.at
    first = updates[0]
    counts = (len(first.ocsps), len(first.crls)) if isinstance(first, ValidationData) else (0, 0)
    return ArchiveCheck([], "B-LTA" if stamps else "B-LT", stamps, *counts)

def _order_problem(updates: Sequence[Update], level: str) -> str:
    """Return why the kinds or the order of the updates do not fit the level, or an empty text if they fit. A file at
    B-LT has exactly one update, which contains validation data. In a file at B-LTA, a time stamp follows each update
    with validation data.
    """
    signed_as = f"the report was signed as PAdES {level}, which has"
    if not updates or isinstance(updates[0], DocumentStamp):
        return f"The validation data were removed: {signed_as} certificates and revocation information."
    if level == "B-LT":
        return (
            "" if len(updates) == 1 else "An archive time stamp or validation data were added after signing."
        )
    stamps = [isinstance(update, DocumentStamp) for update in updates]
    if not stamps[-1]:
        return f"The archive time stamp was removed: {signed_as} a time stamp over the whole file at its end."
    if stamps != [False, True] * (len(stamps) // 2):
        return "The archive time stamps and validation data are not in the order in which Surety adds them."
    return ""

def _chain_problem(chains: Sequence[Chain]) -> str:
    """Return why a chain is incomplete, or an empty text if each chain ends with a certificate that issued itself.

    If incomplete chains were accepted, the holder of a revoked key could leave out the authority that revoked the key.
    """
    for chain in chains:
        last = chain.certificates[-1]
        if last.issuer.dump() != last.subject.dump():
            return (
                f"The certificate chain of {chain.name} is incomplete, so nobody can check it for revoked"
                " certificates."
            )
    return ""

def _validation_problem(data: ValidationData, chains: Sequence[Chain]) -> str:
    if data.certificates != certificates_of(chains):
        return "The certificates in the validation data are not those of the signature and its time stamp."
    try:
        validate_chains(chains, data)
        return surplus(chains, data)
    except ChainRefused as error:
        return str(error)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        reason = (str(error).splitlines() or ["they cannot be read"])[0].rstrip(".")
        return f"The validation data are damaged: {reason}."

def _checked_stamp(
    update: DocumentStamp, accepted: frozenset[str], after: datetime, number: int
) -> tuple[tuple[ArchiveStamp, Chain] | None, str]:
    """Check a time stamp. If the stamp is accepted, return (stamp and its chain, empty text). Otherwise, return (None,
    sentence that says why).
    """
    which = "The archive time stamp" if number == 1 else f"Archive time stamp {number}"
    problems: list[str] = []
    try:
        stamp = read_stamp(update.digits, problems)
    except (DamagedSignature, ValueError, TypeError, LookupError, AttributeError):
        return None, f"{which} is damaged, or was changed after it was made."
    if problems:
        return None, f"{which} was rewritten after it was made."
    check = check_stamp(stamp, archive_imprint(update.digest), accepted)
    if check.problems or check.at is None:
        reason = " ".join(check.problems)
        return None, (
            f"{which} is not valid: {reason} If the time stamp is from a newer time-stamp authority, give the"
            " fingerprint of the authority’s certificate."
            if "authority" in reason
            else f"{which} is not valid: {reason}"
        )
    if check.at < after - CLOCK_SKEW:
        return None, f"{which} was replaced: it is older than the data that it covers."
    chain = stamp_chain(stamp, check.at, f"archive time stamp {number}")
    if problem := _chain_problem([chain]):
        return None, problem
    return (described_stamp(stamp, check.at, chain), chain), ""

def described_stamp(stamp: cms.SignedData, at: datetime, chain: Chain) -> ArchiveStamp:
    """Return the properties of a time stamp. `chain` is the chain of its certificates."""
    signer, key = stamp["signer_infos"][0], chain.certificates[0].public_key
    algorithm = f"{key.algorithm}-{key.bit_size}-{signer['digest_algorithm']['algorithm'].native}"
    authority = chain.certificates[0].subject.human_friendly
    return ArchiveStamp(
        at,
        authority,
        chain_end(chain.certificates),
        algorithm.replace("ec-", "ecdsa-"),
        tuple(fingerprints(stamp)),
    )

def read_stamp(digits: bytes, problems: list[str]) -> cms.SignedData:
    """Read a document time stamp from its hexadecimal digits. Raises DamagedSignature, ValueError or TypeError."""
    raw = decoded(digits, problems)
    content = cms.ContentInfo.load(raw, strict=True)
    if content["content_type"].native != "signed_data" or content.dump() != raw:
        raise ValueError("it is not a time stamp")
    signed: cms.SignedData = content["content"]
    return signed

def chain_end(certificates: Sequence[x509.Certificate]) -> datetime:
    """Return the earliest time at which one of the certificates expires."""
    ends: list[datetime] = [one["tbs_certificate"]["validity"]["not_after"].native for one in certificates]
    return min(ends)
''',
    "portal.reports.verification.archive_process": r'''
# From portal/reports/verification/archive_process.py

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from portal.reports.signatures.container import SignatureContainer, read_container
from portal.reports.signatures.place import find_signature
from portal.reports.verification.archive_check import ARCHIVED, ArchiveCheck, ArchiveStamp, check_archive
from portal.reports.verification.pdf_inspection import MAX_REASON, InspectionTimedOut, raise_interrupted

PROCESSOR_SECONDS: Final = 10

WALL_SECONDS: Final = 90

MEMORY: Final = 1024 * 1024 * 1024

def is_read(container: SignatureContainer, is_accepted: bool) -> bool:
    """Return whether `check_archive` will parse the data after the signature. If so, the check must run in a
    child, because anybody may have written these data.
    """
    return is_accepted and container.profile is not None and container.profile.level in ARCHIVED

def check_with(
    command: Sequence[str],
    environment: Mapping[str, str] | None,
    data: bytes,
    stamp_at: datetime | None,
    authorities: frozenset[str],
) -> ArchiveCheck:
    """Run the command as the child process, and return the result of its check. Raises InspectionTimedOut."""
    request = {"stamp_at": stamp_at.isoformat() if stamp_at else "", "authorities": sorted(authorities)}
    given = json.dumps(request).encode() + b"\n" + data
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, timeout=WALL_SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise InspectionTimedOut(
            f"The data after the signature could not be checked within {WALL_SECONDS} seconds, because this machine"
            " is busy. Try again later."
        ) from None
    raise_interrupted(done.returncode, done.stderr)
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        problem = (
            f"Checking the data after the signature took more than {PROCESSOR_SECONDS} seconds of processor time"
            f" or {MEMORY // 2**20} MB of memory."
        )
        return ArchiveCheck([problem])
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        reason = (last.partition(": ")[2] or last)[:MAX_REASON].rstrip(".")
        return ArchiveCheck([f"The data after the signature could not be checked: {reason}."])
    return _result(json.loads(done.stdout))

def answer() -> None:
    """Read a request and a file from standard input, and write the result as JSON."""
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    place = find_signature(data)
    container = read_container(data[place.first + 1 : place.start - 1])
    stamp_at = datetime.fromisoformat(request["stamp_at"]) if request["stamp_at"] else None
    found = check_archive(
        data, place, container, stamp_at, frozenset(request["authorities"]), is_accepted=True
    )
    json.dump(asdict(found), sys.stdout, default=str)

def _result(found: dict[str, Any]) -> ArchiveCheck:
    stamps = [
        ArchiveStamp(
            datetime.fromisoformat(row["at"]),
            row["authority"],
            datetime.fromisoformat(row["valid_until"]),
            row["algorithm"],
            tuple(row["certificates"]),
        )
        for row in found["stamps"]
    ]
    return ArchiveCheck(found["problems"], found["level"], stamps, found["answers"], found["lists"])
''',
    "portal.reports.verification.archive_state": r'''
# From portal/reports/verification/archive_state.py

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import Final

_MAX_TABLE_BYTES: Final = 1024 * 1024

# The length of a row of a cross-reference stream in bytes: the sum of the widths of its fields (/W [ 1 8 2 ]).
_ROW_BYTES: Final = 11

_END: Final = re.compile(rb"\nstartxref\n(\d{1,12})\n%%EOF\n\Z")

_NUMBERS: Final = re.compile(rb"/Index \[ ?([\d ]+?) ?\]")

_TABLE: Final = re.compile(rb"\d{1,9} 0 obj\n(<<\n.{1,2000}?\n>>)\nstream\n", re.DOTALL)

class UnknownForm(Exception):
    """The signed file does not have the form that Surety writes, so nothing can be appended to it. The message says
    why.
    """

@dataclass(frozen=True, slots=True)
class FileState:
    """The objects and offsets to which the next update refers.

    `size` is the number of the next object, `table` the offset of the last cross-reference stream. `catalogue`, `form`
    and `page` are the numbers of three objects: the catalogue, the interactive form (AcroForm), and the page with the
    signature fields. `objects` has the content of these objects. `identifiers` are the two strings of the file
    identifier. `store` is the object number of the document security store (DSS), or 0 if there is none.
    `certificates`, `ocsps` and `crls` are the object numbers in the lists of the DSS, and `related` has the VRI
    dictionaries of the DSS.
    """

    end: int
    size: int
    table: int
    info: int
    catalogue: int
    form: int
    page: int
    identifiers: tuple[bytes, bytes]
    objects: dict[int, bytes] = field(default_factory=dict)
    store: int = 0
    certificates: tuple[int, ...] = ()
    ocsps: tuple[int, ...] = ()
    crls: tuple[int, ...] = ()
    related: bytes = b""
    stamps: int = 0

def signed_state(data: bytes, end: int) -> FileState:
    """Return the objects and offsets of the signed file `data[:end]` to which the first update after the signature must
    refer. Raise UnknownForm if the file does not have the structure that Surety writes.

    Only the last revision of the signed file is read. Signing wrote it, so it contains all that signing changed: the
    catalogue, the interactive form (AcroForm) and the page with the signature's field.
    """
    found = _END.search(data, max(0, end - 64), end)
    if found is None:
        raise UnknownForm("its end is not that of a file that Surety has signed")
    table = int(found.group(1))
    dictionary, content = _table(data, table, end)
    offsets = _offsets(dictionary, content)
    catalogue = _reference(dictionary, b"Root")
    identifiers = re.search(rb"/ID \[ <([0-9a-f]{2,256})> <([0-9a-f]{2,256})> \]", dictionary)
    if identifiers is None:
        raise UnknownForm("it has no file identifier")
    objects = {catalogue: _object(data, offsets, catalogue, end)}
    form = _reference(objects[catalogue], b"AcroForm")
    objects[form] = _object(data, offsets, form, end)
    fields = re.search(rb"\n/Fields \[ (\d{1,9}) 0 R \]\n", objects[form])
    if fields is None:
        raise UnknownForm("its form has not exactly one field")
    page = _reference(_object(data, offsets, int(fields.group(1)), end), b"P")
    objects[page] = _object(data, offsets, page, end)
    if objects[page].count(b"\n/Annots [ ") != 1:
        raise UnknownForm("its page with the signature has no list of annotations")
    return FileState(
        end=end,
        size=_number(dictionary, b"Size"),
        table=table,
        info=_reference(dictionary, b"Info"),
        catalogue=catalogue,
        form=form,
        page=page,
        identifiers=(identifiers.group(1), identifiers.group(2)),
        objects=objects,
    )

def _table(data: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    """Return the dictionary and the content of the cross-reference stream at the offset."""
    found = _TABLE.match(data, at, end)
    if found is None or b"\n/Type /XRef\n" not in found.group(1):
        raise UnknownForm("it has no cross-reference stream at its end")
    dictionary = found.group(1)
    length = _number(dictionary, b"Length")
    if length > _MAX_TABLE_BYTES:
        raise UnknownForm("its cross-reference stream is too large")
    content = data[found.end() : found.end() + length]
    if b"\n/Filter /FlateDecode\n" in dictionary:
        content = zlib.decompressobj().decompress(content, _MAX_TABLE_BYTES)
    return dictionary, content

def _offsets(dictionary: bytes, content: bytes) -> dict[int, int]:
    index = _NUMBERS.search(dictionary)
    if index is None or b"\n/W [ 1 8 2 ]\n" not in dictionary:
        raise UnknownForm("its cross-reference stream has an unknown form")
    numbers = [int(number) for number in index.group(1).split()]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    # Check the number of objects before listing the objects, because a hostile file could state huge ranges.
    if sum(count for _, count in pairs) * _ROW_BYTES != len(content):
        raise UnknownForm("its cross-reference stream does not have as many rows as it lists objects")
    objects = [number for first, count in pairs for number in range(first, first + count)]
    rows = [content[at : at + _ROW_BYTES] for at in range(0, len(content), _ROW_BYTES)]
    return {
        number: int.from_bytes(row[1:9])
        for number, row in zip(objects, rows, strict=True)
        if row[:1] == b"\x01"
    }

def _object(data: bytes, offsets: dict[int, int], number: int, end: int) -> bytes:
    at = offsets.get(number, -1)
    head = b"%d 0 obj\n" % number
    stop = data.find(b"\nendobj\n", at, end) if at >= 0 else -1
    if stop < 0 or not data.startswith(head, at):
        raise UnknownForm(f"its object {number} is not where it should be")
    return data[at + len(head) : stop]

def _reference(dictionary: bytes, name: bytes) -> int:
    found = re.search(rb"\n/%s (\d{1,9}) 0 R\n" % name, dictionary)
    if found is None:
        raise UnknownForm(f"it has no /{name.decode()}")
    return int(found.group(1))

def _number(dictionary: bytes, name: bytes) -> int:
    found = re.search(rb"\n/%s (\d{1,9})\n" % name, dictionary)
    if found is None:
        raise UnknownForm(f"it has no /{name.decode()}")
    return int(found.group(1))
''',
    "portal.reports.verification.archive_updates": r'''
# From portal/reports/verification/archive_updates.py

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from portal.reports.verification.archive_state import FileState, UnknownForm, signed_state

# Hexadecimal digits that are reserved for the container of a document time stamp.
STAMP_DIGITS: Final = 32_000

MAX_UPDATES: Final = 64

# The maximum number of certificates, OCSP answers and CRLs in one update, and the maximum size of each.
MAX_ITEMS: Final = 40

MAX_ITEM_BYTES: Final = 4 * 1024 * 1024

_REFERENCES: Final = {
    name: re.compile(rb"\n/%s \[((?: \d{1,9} 0 R)+) \]\n" % name) for name in (b"Certs", b"OCSPs", b"CRLs")
}

_STREAM: Final = re.compile(rb"(\d{1,9}) 0 obj\n<< /Length (\d{1,9}) >>\nstream\n")

class ForeignUpdate(Exception):
    """The file was changed after signing in a way that is not permitted. The message is a sentence for people."""

@dataclass(frozen=True, slots=True)
class ValidationData:
    """Certificates, OCSP answers and CRLs (DER)."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

@dataclass(frozen=True, slots=True)
class DocumentStamp:
    """A document time stamp in an update.

    `digits` are the hexadecimal digits of the time stamp. `start` is the offset of the update, and `end` the offset
    after the update. `digest` is the SHA-256 of all bytes of the file up to `end`, except the digits and the brackets
    around them.
    """

    digits: bytes
    digest: bytes
    start: int
    end: int

    @classmethod
    def of(cls, data: bytes | bytearray, first: int, start: int, end: int | None = None) -> DocumentStamp:
        """Return the time stamp whose digits begin at `first`, in the update from `start` to `end`."""
        last = first + STAMP_DIGITS
        end = len(data) if end is None else end
        with memoryview(data) as view:
            digest = hashlib.sha256(view[: first - 1])
            digest.update(view[last + 1 : end])
        return cls(bytes(data[first:last]), digest.digest(), start, end)

type Update = ValidationData | DocumentStamp

def validation_update(state: FileState, digits: bytes, data: ValidationData) -> tuple[bytes, FileState]:
    """Return an update with validation data, and the state of the file after this update.

    The data are about the signature or time stamp whose hexadecimal digits are `digits`.
    """
    store = state.store or state.size
    first = state.size + (0 if state.store else 1)
    groups = (data.certificates, data.ocsps, data.crls)
    numbers: list[tuple[int, ...]] = []
    streams: dict[int, bytes] = {}
    for group in groups:
        numbers.append(tuple(range(first, first + len(group))))
        streams |= dict(zip(numbers[-1], map(_stream, group), strict=True))
        first += len(group)
    # ISO 32000-2, 12.8.4.3: the key of a signature in the VRI dictionary is the SHA-1 of the signature's digits. SHA-1
    # suffices, because the key only identifies the signature.
    key = hashlib.sha1(digits, usedforsecurity=False).hexdigest().upper().encode()
    related = state.related + b"/%s <<\n/Type /VRI\n%s>>\n" % (
        key,
        _arrays(zip((b"Cert", b"OCSP", b"CRL"), numbers, strict=True)),
    )
    after = replace(
        state,
        size=first,
        store=store,
        certificates=state.certificates + numbers[0],
        ocsps=state.ocsps + numbers[1],
        crls=state.crls + numbers[2],
        related=related,
        objects=dict(state.objects),
    )
    lists = ((b"Certs", after.certificates), (b"OCSPs", after.ocsps), (b"CRLs", after.crls))
    objects = {store: b"<<\n/Type /DSS\n%s/VRI <<\n%s>>\n>>" % (_arrays(lists), related), **streams}
    if not state.store:
        catalogue = _with_entry(state.objects[state.catalogue], b"/DSS %d 0 R\n" % store)
        after.objects[state.catalogue] = objects[state.catalogue] = catalogue
    return _update(after, objects)

def stamp_update(state: FileState) -> tuple[bytes, int, FileState]:
    """Return an update with space for a document time stamp, the offset of this space in the update, and the state of
    the file after the update.

    The space is filled with zeros, which the digits of the time stamp will replace.
    """
    own, value = state.size, state.size + 1
    place = b"%d 0 R " % own
    form, page = state.objects[state.form], state.objects[state.page]
    objects = {
        own: (
            b"<<\n/FT /Sig\n/T (SuretyTimeStamp%d)\n/Type /Annot\n/Subtype /Widget\n/F 132\n/Rect [ 0 0 0 0 ]\n"
            b"/P %d 0 R\n/V %d 0 R\n>>" % (state.stamps + 1, state.page, value)
        ),
        value: b"",
        state.form: _with_last(form, b"\n/Fields [ ", place),
        state.page: _with_last(page, b"\n/Annots [ ", place),
    }
    after = replace(state, size=value + 1, stamps=state.stamps + 1, objects=dict(state.objects))
    after.objects[state.form], after.objects[state.page] = objects[state.form], objects[state.page]
    head = b"<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n/Contents <"
    before = state.end + len(_body(objects, own)) + len(b"%d 0 obj\n" % value) + len(head) - 1
    start = before + STAMP_DIGITS + 2
    objects[value] = b"%s%s>\n/ByteRange [0 %d %d %010d]\n>>" % (head, b"0" * STAMP_DIGITS, before, start, 0)
    length, _ = _update(after, objects)
    behind = state.end + len(length) - start
    objects[value] = objects[value].replace(b"%010d]\n>>" % 0, b"%10d]\n>>" % behind)
    update, after = _update(after, objects)
    return update, before + 1 - state.end, after

def read_updates(data: bytes, end: int, digits: bytes) -> list[Update]:
    """Return the updates after the signed file `data[:end]`. `digits` are the hexadecimal digits of its signature.

    Raises ForeignUpdate if anything else was appended.
    """
    if end == len(data):
        return []
    try:
        state = signed_state(data, end)
    except (UnknownForm, ValueError, zlib.error):
        raise ForeignUpdate(_extended(len(data) - end)) from None
    updates: list[Update] = []
    while state.end < len(data):
        if len(updates) >= MAX_UPDATES:
            raise ForeignUpdate(f"The file has more than {MAX_UPDATES} updates.")
        update, state = _read_stamp(data, state) or _read_validation_data(data, state, digits)
        if isinstance(update, DocumentStamp):
            digits = update.digits
        updates.append(update)
    return updates

def _read_stamp(data: bytes, state: FileState) -> tuple[Update, FileState] | None:
    expected, at, after = stamp_update(state)
    end = state.end + len(expected)
    first = state.end + at
    start = first + STAMP_DIGITS
    if data[state.end : first] != expected[:at] or data[start:end] != expected[at + STAMP_DIGITS :]:
        return None
    return DocumentStamp.of(data, first, state.end, end), after

def _read_validation_data(data: bytes, state: FileState, digits: bytes) -> tuple[Update, FileState]:
    foreign = ForeignUpdate(_extended(len(data) - state.end))
    head = b"%d 0 obj\n<<\n/Type /DSS\n" % (state.store or state.size)
    if not data.startswith(head, state.end):
        raise foreign
    stop = data.find(b"\nendobj\n", state.end)
    dictionary = data[state.end : stop]
    if stop < 0:
        raise foreign
    groups: list[tuple[bytes, ...]] = []
    at = stop + len(b"\nendobj\n")
    for name in (b"Certs", b"OCSPs", b"CRLs"):
        found = _REFERENCES[name].search(dictionary)
        numbers = [int(number) for number in found.group(1).split()[::3]] if found else []
        new = [number for number in numbers if number >= state.size]
        if len(new) > MAX_ITEMS:
            raise foreign
        items = []
        for _ in new:
            stream = _STREAM.match(data, at)
            length = int(stream.group(2)) if stream else 0
            if stream is None or length > MAX_ITEM_BYTES:
                raise foreign
            items.append(data[stream.end() : stream.end() + length])
            at = stream.end() + length + len(b"\nendstream\nendobj\n")
        groups.append(tuple(items))
    found_data = ValidationData(*groups)
    expected, after = validation_update(state, digits, found_data)
    if data[state.end : after.end] != expected:
        raise foreign
    return found_data, after

def _extended(number: int) -> str:
    what = "1 byte is" if number == 1 else f"{number} bytes are"
    return (
        f"The file was extended after it was signed, or a part after the signature was changed or cut off: {what}"
        " after the last permitted part. Only validation data and archive time stamps in the form that Surety"
        " writes may stand after the signature."
    )

def _update(state: FileState, objects: dict[int, bytes]) -> tuple[bytes, FileState]:
    """Return the bytes of an update with these objects, and the state after the update.

    `state` already refers to the objects. The update begins at the offset `state.end`.
    """
    body, places, at = [], {}, state.end
    for number, content in objects.items():
        places[number] = at
        body.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
        at += len(body[-1])
    own = state.size
    places[own] = at
    numbers = sorted(places)
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number == groups[-1][0] + groups[-1][1]:
            groups[-1][1] += 1
        else:
            groups.append([number, 1])
    entries = b"".join(b"\x01" + places[number].to_bytes(8) + b"\x00\x00" for number in numbers)
    # In `body`, the digits of a time stamp are still zeros, so the identifier does not depend on the time stamp.
    identifier = hashlib.sha256(b"".join([state.identifiers[1], *body])).hexdigest()[:32].encode()
    dictionary = (
        b"<<\n/Type /XRef\n/W [ 1 8 2 ]\n/Index [ %s ]\n/Size %d\n/Root %d 0 R\n/Info %d 0 R\n"
        b"/ID [ <%s> <%s> ]\n/Prev %d\n/Length %d\n>>"
    ) % (
        b" ".join(b"%d %d" % (first, count) for first, count in groups),
        own + 1,
        state.catalogue,
        state.info,
        state.identifiers[0],
        identifier,
        state.table,
        len(entries),
    )
    body.append(b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (own, dictionary, entries))
    body.append(b"startxref\n%d\n%%%%EOF\n" % at)
    content = b"".join(body)
    after = replace(
        state,
        end=state.end + len(content),
        size=own + 1,
        table=at,
        identifiers=(state.identifiers[0], identifier),
    )
    return content, after

def _body(objects: dict[int, bytes], number: int) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])

def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)

def _arrays(lists: Iterable[tuple[bytes, tuple[int, ...]]]) -> bytes:
    """Return the entries of a PDF dictionary: for each pair of a name and object numbers, the name and a list of
    references to these objects. Pairs without object numbers are left out.
    """
    return b"".join(
        b"/%s [%s ]\n" % (name, b"".join(b" %d 0 R" % number for number in numbers))
        for name, numbers in lists
        if numbers
    )

def _with_entry(dictionary: bytes, entry: bytes) -> bytes:
    if not dictionary.endswith(b"\n>>"):
        raise UnknownForm("its catalogue has an unknown form")
    return dictionary[:-2] + entry + b">>"

def _with_last(dictionary: bytes, opening: bytes, item: bytes) -> bytes:
    """Return the dictionary with a further item in the list that starts with `opening`."""
    at = dictionary.index(opening) + len(opening)
    end = dictionary.index(b"]", at)
    return dictionary[:end] + item + dictionary[end:]
''',
    "portal.reports.verification.certificate_chains": r'''
# From portal/reports/verification/certificate_chains.py

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from asn1crypto import crl, ocsp, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import CRLValidationError, ExpiredError, InsufficientRevinfoError, NotYetValidError, OCSPValidationError, PathError, RevokedError, ValidationError
from portal.reports.signatures.cms_encoding import encoded_certificate, signature_algorithm
from portal.reports.signatures.der import end_of_element
from portal.reports.signatures.ecdsa_form import canonical, made_by
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.verification.archive_updates import ValidationData

MAX_CHAIN: Final = 8

STAMPING: Final = "time_stamping"

class ChainRefused(Exception):
    """A certificate is not accepted as valid at the time of its use. The message is a sentence for people."""

    def __init__(self, message: str, *, revoked: bool = False, unanswered: bool = False) -> None:
        super().__init__(message)
        self.revoked = revoked
        self.unanswered = unanswered

@dataclass(frozen=True, slots=True)
class Chain:
    """A certificate with its issuers up to an anchor.

    `at` is the time at which the certificate was used, `name` its name in messages. The anchor is trusted without
    revocation information. `usage` is the extended key usage that the certificate must have, or empty if it needs none.
    """

    certificates: tuple[x509.Certificate, ...]
    at: datetime
    name: str
    usage: str = ""

    @property
    def needs_answers(self) -> bool:
        """Whether revocation information is needed. This is not the case if the certificate is itself the anchor."""
        return len(self.certificates) > 1

def ordered_chain(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificate, its issuer, the issuer's issuer and so on, as far as `others` contains them."""
    path = [leaf]
    while len(path) <= MAX_CHAIN and path[-1].issuer.dump() != path[-1].subject.dump():
        issuers = [one for one in others if one.subject.dump() == path[-1].issuer.dump() and one not in path]
        if not issuers:
            break
        path.append(issuers[0])
    return path

def validate_chains(chains: Sequence[Chain], data: ValidationData) -> None:
    """Check each chain with these OCSP answers and CRLs. Raises ChainRefused, ValueError, TypeError or LookupError."""
    run_in_own_thread(lambda: asyncio.run(_validate_all(chains, data)))

async def _validate_all(chains: Sequence[Chain], data: ValidationData) -> None:
    for chain in chains:
        if chain.needs_answers:
            context = ValidationContext(
                trust_roots=[chain.certificates[-1]],
                other_certs=list(chain.certificates[1:-1]),
                moment=chain.at,
                ocsps=[answer for one in data.ocsps if not _is_late(answer := _loaded_ocsp(one), chain)],
                crls=[found for one in data.crls if not _is_late_list(found := _loaded_crl(one), chain)],
                revocation_mode="require",
                retroactive_revinfo=True,
            )
            await validate_chain(chain, context)

def _loaded_ocsp(raw: bytes) -> ocsp.OCSPResponse:
    return ocsp.OCSPResponse.load(raw, strict=True)

def _loaded_crl(raw: bytes) -> crl.CertificateList:
    return crl.CertificateList.load(raw, strict=True)

def _is_late(answer: ocsp.OCSPResponse, chain: Chain) -> bool:
    """Return whether the OCSP answer was made too late: it is about a certificate of the chain, and was made after this
    certificate had expired.

    After a revoked certificate has expired, authorities may stop reporting its revocation (RFC 5280, 5: removal from
    CRLs; RFC 6960, 4.4.4).
    """
    if answer["response_status"].native != "successful":
        return False
    rows = answer["response_bytes"]["response"].parsed["tbs_response_data"]["responses"]
    ends = {one.serial_number: _end(one) for one in chain.certificates}
    return any(
        row["cert_id"]["serial_number"].native in ends
        and row["this_update"].native > ends[row["cert_id"]["serial_number"].native]
        for row in rows
    )

def _is_late_list(found: crl.CertificateList, chain: Chain) -> bool:
    """Return whether the CRL was made too late: the chain has a certificate of the same issuer as the CRL, and the CRL
    was made after this certificate had expired.
    """
    issuer, made = found.issuer.dump(), found["tbs_cert_list"]["this_update"].native
    ends = [_end(one) for one in chain.certificates if one.issuer.dump() == issuer]
    return bool(ends) and made > min(ends)

def _end(certificate: x509.Certificate) -> datetime:
    end: datetime = certificate["tbs_certificate"]["validity"]["not_after"].native
    return end

async def validate_chain(chain: Chain, context: ValidationContext) -> None:
    """Validate the chain with the time and the revocation information that the context has. Raises ChainRefused."""
    leaf = chain.certificates[0]
    validator: Any = CertificateValidator(leaf, list(chain.certificates[1:-1]), validation_context=context)
    try:
        if chain.usage:
            await validator.async_validate_usage(set(), {chain.usage}, extended_optional=False)
        else:
            await validator.async_validate_path()
    except RevokedError as error:
        when = f"on {error.revocation_dt:%Y-%m-%d %H:%M} UTC"
        # State which came first: when a time stamp is renewed, a revocation can be years later than the use.
        order = (
            f"had been revoked {when}, before"
            if error.revocation_dt <= chain.at
            else f"was revoked {when}, after"
        )
        raise ChainRefused(f"A certificate of {chain.name} {order} it was used.", revoked=True) from None
    except (InsufficientRevinfoError, OCSPValidationError, CRLValidationError) as error:
        raise ChainRefused(
            f"No valid revocation information for the certificates of {chain.name} is available: "
            f"{_first_line(error)}",
            unanswered=True,
        ) from None
    except (ExpiredError, NotYetValidError):
        if chain.at <= (end := min(map(_end, chain.certificates))) < datetime.now(UTC):
            raise ChainRefused(
                f"A certificate of {chain.name} expired on {end:%Y-%m-%d %H:%M} UTC, after it was used."
            ) from None
        raise ChainRefused(
            f"A certificate of {chain.name} was not valid at {chain.at:%Y-%m-%d %H:%M} UTC, when it was used."
        ) from None
    except (ValidationError, PathError) as error:
        raise ChainRefused(f"The certificates of {chain.name} are not valid: {_first_line(error)}") from None

def surplus(chains: Sequence[Chain], data: ValidationData) -> str:
    """Return why the data contain more than the chains need, or how their encoding differs from the form that Surety
    writes.

    Return an empty text if the data are exactly what the chains need. The chains must be valid with the data.

    Raises ValueError, TypeError or LookupError if an OCSP answer or a CRL cannot be read.
    """
    # A chain needs at most two answers for each certificate: one about the certificate, and one about the responder of
    # that answer. Check the number of answers first, because the last check below is slow: it validates the chains once
    # for each answer.
    certificates = sum(len(chain.certificates) - 1 for chain in chains)
    if len(data.ocsps) + len(data.crls) > 2 * certificates:
        return "The validation data contain OCSP answers or CRLs that no certificate of the report needs."
    for one in (*data.ocsps, *data.crls):
        if end_of_element(one) != len(one):
            return "In the validation data, an OCSP answer or a CRL is followed by other data."
    forms = (
        [canonical_ocsp(one, chains) for one in data.ocsps],
        [canonical_crl(one, chains) for one in data.crls],
    )
    if forms != (list(data.ocsps), list(data.crls)):
        return "The validation data are not encoded as Surety encodes them."
    if list(data.ocsps) != sorted(set(data.ocsps)) or list(data.crls) != sorted(set(data.crls)):
        return "The validation data are not sorted, or contain duplicates."
    if any(_are_valid(chains, less) for less in _each_without_one(data)):
        return "The validation data contain OCSP answers or CRLs that no certificate of the report needs."
    return ""

def _each_without_one(data: ValidationData) -> list[ValidationData]:
    return [
        *(replace(data, ocsps=tuple(one for one in data.ocsps if one != left)) for left in data.ocsps),
        *(replace(data, crls=tuple(one for one in data.crls if one != left)) for left in data.crls),
    ]

def _are_valid(chains: Sequence[Chain], data: ValidationData) -> bool:
    try:
        validate_chains(chains, data)
    except ChainRefused:
        return False
    return True

def canonical_ocsp(raw: bytes, chains: Sequence[Chain]) -> bytes:
    """Return the OCSP answer in its canonical form.

    In this form, the answer contains only the certificate of its responder, or none if a chain contains it.

    Raises ValueError, TypeError or LookupError if the answer reports an error or cannot be read.
    """
    found = ocsp.OCSPResponse.load(raw, strict=True)
    if found["response_status"].native != "successful":
        raise ValueError("an OCSP answer reports an error")
    basic: Any = found["response_bytes"]["response"].parsed
    content = basic["tbs_response_data"]
    known = _certificates(chains)
    in_chains = {one.dump() for one in known}
    certificates = [one for one in basic["certs"] or () if _is_responder(one, content["responder_id"])]
    kept = [_in_one_form(one, known) for one in certificates if one.dump() not in in_chains][:1]
    algorithm = basic["signature_algorithm"]
    signature = _signature(basic["signature"].native, content.dump(), algorithm.hash_algo, [*kept, *known])
    fields = {
        "tbs_response_data": ocsp.ResponseData.load(content.dump(), strict=True),
        "signature_algorithm": signature_algorithm(algorithm, algorithm.hash_algo),
        "signature": signature,
    }
    if kept:
        fields["certs"] = kept
    encoded: bytes = ocsp.OCSPResponse(
        {
            "response_status": "successful",
            "response_bytes": {
                "response_type": "basic_ocsp_response",
                "response": ocsp.BasicOCSPResponse(fields),
            },
        }
    ).dump()
    return encoded

def _is_responder(certificate: x509.Certificate, responder: ocsp.ResponderId) -> bool:
    if responder.name == "by_name":
        return bool(responder.chosen.dump() == certificate.subject.dump())
    key = bytes(certificate.public_key["public_key"])
    # RFC 6960, 4.2.1: the identifier of a key is its SHA-1.
    return bool(responder.chosen.native == hashlib.sha1(key, usedforsecurity=False).digest())

def _in_one_form(certificate: x509.Certificate, known: Sequence[x509.Certificate]) -> x509.Certificate:
    signed = certificate["tbs_certificate"]
    value = certificate["signature_value"].native
    return encoded_certificate(
        certificate, _signature(value, signed.dump(), signed["signature"].hash_algo, known)
    )

def _certificates(chains: Sequence[Chain]) -> list[x509.Certificate]:
    return [one for chain in chains for one in chain.certificates]

def _signature(value: bytes, content: bytes, digest: str, signers: Sequence[x509.Certificate]) -> bytes:
    """Return the signature in its canonical form if an elliptic-curve key of one of the signers made it. Return
    any other signature unchanged.
    """
    for signer in signers:
        key = load_der_x509_certificate(signer.dump()).public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and made_by(key, value, content, digest):
            return canonical(value, key.curve)
    return value

def canonical_crl(raw: bytes, chains: Sequence[Chain]) -> bytes:
    """Return the CRL in its canonical form. Raises ValueError or TypeError."""
    found = crl.CertificateList.load(raw, strict=True)
    content = crl.TbsCertList.load(found["tbs_cert_list"].dump(), strict=True)
    value, digest = found["signature"].native, content["signature"].hash_algo
    encoded: bytes = crl.CertificateList(
        {
            "tbs_cert_list": content,
            # The signed content also names the algorithm, so copy the algorithm from the signed content.
            "signature_algorithm": content["signature"].copy(),
            "signature": _signature(value, content.dump(), digest, _certificates(chains)),
        }
    ).dump()
    return encoded

def _first_line(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return text if text.endswith(".") else f"{text}."
''',
    "portal.reports.verification.fingerprint_argument": r'''
# From portal/reports/verification/fingerprint_argument.py

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from portal.reports.signatures.visible import visible

def sha256_argument(text: str) -> str:
    """Convert a SHA-256 from the form that openssl prints, with or without colons, to lower-case hex."""
    digits = text.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ArgumentTypeError(
            f"{visible(text)} is not a SHA-256 fingerprint. Enter the 64 hexadecimal digits of a fingerprint."
        )
    return digits
''',
    "portal.reports.verification.pdf_inspection": r'''
# From portal/reports/verification/pdf_inspection.py

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

MAX_REASON: Final = 300

class InspectionFailed(Exception):
    """The file could not be parsed. The message is a sentence for people."""

class InspectionTimedOut(InspectionFailed):
    """The process was stopped before it had parsed the file, so nothing is known about the file.

    The machine was too busy, had too little memory, or was shutting down.
    """

@dataclass(frozen=True, slots=True)
class PdfInspection:
    """The results of parsing a PDF file.

    `signatures` is the number of signatures and time stamps. `signed_at` is the signing time by the signer's clock.
    `attachments` are the names of the attachments. `title` and `subject` are what the file states about itself. If
    `certified` is set, the file states that its signature permits no changes (DocMDP, P=1). `problems` are sentences
    about attachments that are missing, or whose SHA-256 differs from that in the report's own list (`results.json`).
    """

    signatures: int
    signed_at: datetime | None
    attachments: list[str]
    title: str = ""
    subject: str = ""
    certified: bool = False
    problems: list[str] = field(default_factory=list)

def raise_interrupted(status: int, errors: bytes) -> None:
    """Raise InspectionTimedOut if this exit status and error output show that a child process was stopped from outside,
    or failed because the machine could not start another thread or process.

    If the process used too much processor time (SIGXCPU) or raised MemoryError, the file itself is the cause, so this
    function raises nothing.
    """
    stopped = status < 0 and status != -getattr(signal, "SIGXCPU", 0)
    last = (errors.decode(errors="replace").strip().splitlines() or [""])[-1]
    if stopped or (status and ("can't start new thread" in last or last.startswith("BlockingIOError"))):
        raise InspectionTimedOut(
            "The process that reads the file was stopped before it ended, because this machine has too little memory "
            "or is shutting down. Try again later."
        )

def read_inspection(found: dict[str, Any]) -> PdfInspection:
    """Return the results that `pdf_inspector.inspect` found."""
    signed_at = datetime.fromisoformat(found["signed_at"]) if found["signed_at"] else None
    return PdfInspection(
        found["signatures"],
        signed_at,
        found["attachments"],
        found["title"],
        found["subject"],
        found["certified"],
        found["problems"],
    )
''',
    "portal.reports.verification.pdf_inspector": r'''
# From portal/reports/verification/pdf_inspector.py

from __future__ import annotations

import hashlib
import json
import zlib
from io import BytesIO
from typing import Any

MAX_NAMES = 100

MAX_NAME_LENGTH = 200

MAX_DEPTH = 8

OPEN_FILES = 64

RESULTS = "results.json"

MANIFEST = "evidence-manifest.json"

# In the `results.json` of a report, one line begins with this key. The value of the key has the hashes of the
# attachments, so only this value is parsed. A `results.json` without such a line is parsed as a whole if it has at most
# _MAX_OTHER_RESULTS bytes.
_INTEGRITY = b'\n"integrity":'

_MAX_INTEGRITY = 2**20

_MAX_OTHER_RESULTS = 16 * 2**20

_CHUNK = 2**16

def set_limits(seconds: int, memory: int) -> None:
    """Limit this process to `seconds` of processor time and `memory` bytes of address space, and forbid it to write
    files.
    """
    import resource  # imported here, because it exists only on POSIX, and the verifier also runs on other systems

    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for which, value in limits.items():
        _, hard = resource.getrlimit(which)
        limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # If possible, set the hard limit of processor time one second above the soft limit. At the soft limit, the
        # process gets the signal SIGXCPU. This signal tells the parent process that the time limit was the reason.
        most = (
            limit + 1
            if which == resource.RLIMIT_CPU and hard in (resource.RLIM_INFINITY, limit + 1)
            else limit
        )
        resource.setrlimit(which, (limit, most))

def inspect(data: bytes) -> dict[str, Any]:
    """Return a dict with what the file states about itself, and with the problems of its attachments.

    - `signatures` is the number of signatures and time stamps. `signed_at` is the signing time by the signer's
      clock.
    - `certified` is True if the signature permits no changes.
    - `title` and `subject` come from the file's information dictionary. `attachments` are the names of the attachments.
    - `hashes` is {name: SHA-256} of the attachments. `integrity` is the part of `results.json` that lists these hashes.
    - `problems` has a sentence for each attachment whose hash differs from the list, and for each attachment that is in
      the list but not in the file.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader  # imported only after the limits are set

    reader = PdfFileReader(BytesIO(data))
    signatures = list(reader.embedded_signatures)
    regular = list(reader.embedded_regular_signatures)
    signed_at = regular[-1].self_reported_timestamp if regular else None
    files = attached_files(reader.root)
    integrity = _integrity(files)
    hashes = {name: _sha256(file) for name, file in sorted(files.items())}
    return {
        "signatures": len(signatures),
        "certified": bool(regular) and _permits_nothing(reader, regular[-1]),
        "signed_at": signed_at.isoformat() if signed_at else None,
        "title": _stated(reader, "/Title"),
        "subject": _stated(reader, "/Subject"),
        "attachments": [name[:MAX_NAME_LENGTH] for name in hashes],
        "hashes": hashes,
        "integrity": integrity,
        "problems": [*_differences(listed_hashes(integrity, hashes), hashes)],
    }

def listed_hashes(integrity: dict[str, Any], names: Iterable[str]) -> dict[str, str]:
    """Return {name of an attachment: SHA-256}, as listed in `results.json`. `names` are the names of the attached
    files.
    """
    listed = dict(integrity.get("attachments") or {})
    # Reports of older versions list only the hash of the manifest. They list this hash even if the manifest is not
    # attached.
    if MANIFEST in names and integrity.get("evidence_sha256"):
        listed.setdefault(MANIFEST, integrity["evidence_sha256"])
    return listed

def _differences(listed: dict[str, str], hashes: dict[str, str]) -> Iterator[str]:
    for name, sha256 in sorted(listed.items()):
        if name not in hashes:
            yield f"{RESULTS} lists the attachment {name}, which the file does not contain."
        elif hashes[name] != sha256:
            yield f"{name} has the SHA-256 {hashes[name]}, but {RESULTS} lists {sha256}."

def attached_files(root: DictionaryObject) -> dict[str, Any]:
    """Return {name: stream} of the attachments. Raises ValueError if there are too many attachments, or if two
    attachments have the same name.
    """
    names = _entry(root, "/Names")
    tree = _entry(names, "/EmbeddedFiles") if names is not None else None
    found: dict[str, Any] = {}
    for name, stream in _files_in(tree, 0) if tree is not None else ():
        if name in found or len(found) >= MAX_NAMES:
            raise ValueError(f"more than {MAX_NAMES} attachments, or two of the same name")
        found[name] = stream
    return found

def content_of(stream: Any) -> bytes:
    """Return the content of an attachment."""
    return b"".join(_pieces(stream))

def _sha256(stream: Any) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(stream):
        digest.update(piece)
    return digest.hexdigest()

def _pieces(stream: Any) -> Iterator[bytes]:
    """Yield the content piece by piece, because an attachment of a few compressed megabytes can have hundreds
    of megabytes.
    """
    if _entry(stream, "/Filter") != "/FlateDecode" or "/DecodeParms" in stream:
        yield bytes(stream.data)
        return
    decompressor, encoded = zlib.decompressobj(), memoryview(stream.encoded_data)
    for start in range(0, len(encoded), _CHUNK):
        yield decompressor.decompress(encoded[start : start + _CHUNK])
    yield decompressor.flush()
    if not decompressor.eof:
        raise ValueError("an attachment is not complete")

def _integrity(files: dict[str, Any]) -> dict[str, Any]:
    """Return the part `integrity` of `results.json`, or an empty dict if there is no such part."""
    content = content_of(files[RESULTS]) if RESULTS in files else b"{}"
    start = content.find(_INTEGRITY)
    if start >= 0:
        begin = start + len(_INTEGRITY)
        text = content[begin : begin + _MAX_INTEGRITY].decode(errors="replace")
        found, _ = json.JSONDecoder().raw_decode(text)
    elif len(content) <= _MAX_OTHER_RESULTS:
        whole = json.loads(content)
        found = whole.get("integrity") if isinstance(whole, dict) else None
    else:
        raise ValueError(f"{RESULTS} does not have the form that Surety writes")
    return found if isinstance(found, dict) else {}

def _permits_nothing(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> bool:
    """Return whether the catalogue names this signature as the certification, and this signature permits no changes
    (ISO 32000-1, 12.8.2.2 and 12.8.4).
    """
    from pyhanko.sign.fields import MDPPerm

    permissions = _entry(reader.root, "/Perms")
    if permissions is None or "/DocMDP" not in permissions:
        return False
    is_named = permissions.raw_get("/DocMDP") == signature.sig_field.raw_get("/V")
    return is_named and signature.docmdp_level == MDPPerm.NO_CHANGES

def _stated(reader: PdfFileReader, key: str) -> str:
    """Return a text of the file's information dictionary, without control characters. Return an empty text if the
    dictionary has no such text.
    """
    info = _entry(reader.trailer, "/Info")
    text = str(_entry(info, key) or "") if info is not None else ""
    return "".join(letter for letter in text if letter.isprintable())[:MAX_NAME_LENGTH]

def _entry(node: Any, key: str) -> Any:
    """Return the value of a key, or None. A reference is resolved, which pyHanko's `get` does not do in all cases."""
    return node[key] if key in node else None  # noqa: SIM401

def _files_in(node: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > MAX_DEPTH:
        raise ValueError("the tree of attachments is too deep")
    pairs = _entry(node, "/Names") or []
    for index in range(1, len(pairs), 2):
        specification = pairs[index]
        yield str(_entry(specification, "/UF") or _entry(specification, "/F")), specification["/EF"]["/F"]
    kids = _entry(node, "/Kids") or []
    for index in range(len(kids)):  # Index the list, because iterating over it would not resolve references.
        yield from _files_in(kids[index], depth + 1)
''',
    "portal.reports.verification.signature_description": r'''
# From portal/reports/verification/signature_description.py

from __future__ import annotations

from datetime import UTC, datetime
from cryptography import x509
from portal.reports.keys.signing_identity import common_name
from portal.reports.signatures.container import SignatureContainer
from portal.reports.signatures.stamps import StampCheck
from portal.reports.signatures.visible import visible
from portal.reports.verification.archive_check import ArchiveCheck, ArchiveStamp
from portal.reports.verification.certificate_chains import ordered_chain

def chain_names(container: SignatureContainer) -> list[str]:
    """Return the names of the certificates in the signer's chain, beginning with the certificate of the signer."""
    certificates = [choice.chosen for choice in container.signed["certificates"]]
    path = ordered_chain(container.certificate, certificates)
    return [common_name(x509.load_der_x509_certificate(one.dump())) for one in path]

def revocation(archive: ArchiveCheck, at: datetime | None) -> str:
    """Return a sentence about whether the file shows that the signer's certificate was not revoked at the time `at`."""
    if not archive.level or at is None:
        return "Not checked: the file contains no valid revocation information."
    found = [
        *([f"{archive.answers} OCSP answer{'s' if archive.answers > 1 else ''}"] if archive.answers else []),
        *([f"{archive.lists} revocation list{'s' if archive.lists > 1 else ''}"] if archive.lists else []),
    ]
    if not found:
        return "Nobody can revoke the certificate, because it was not issued by an authority."
    shown = " and ".join(found)
    return f"Not revoked at {at:%Y-%m-%d %H:%M} UTC, as the file shows with {shown}."

def time_stamps(stamp: StampCheck, at: datetime | None, archive: ArchiveCheck) -> list[str]:
    """Return a line for each valid time stamp: what it covers, its time and its authority."""
    found = [f"Signature: {at:%Y-%m-%d %H:%M:%S} UTC, {visible(stamp.authority)}"] if at is not None else []
    return found + [
        f"Whole file: {one.at:%Y-%m-%d %H:%M:%S} UTC, {visible(one.authority)}" for one in archive.stamps
    ]

def archive_notes(last: ArchiveStamp) -> list[str]:
    """Return sentences that warn the reader if the last archive time stamp has expired."""
    if last.valid_until > datetime.now(UTC):
        return []
    ended = f"{last.valid_until:%Y-%m-%d}"
    return [
        f"The last archive time stamp ended on {ended}. Ask the sender for a copy with a renewed time stamp."
    ]
''',
    "portal.reports.verification.trust": r'''
# From portal/reports/verification/trust.py

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from cryptography import x509
from portal.reports.keys.signing_identity import common_name, fingerprint
from portal.reports.signatures.profile import SignatureProfile
from portal.reports.signatures.visible import visible

@dataclass(frozen=True, slots=True)
class SignedFile:
    """The record of a signed report: its id and level, and the file's SHA-256 (hex).

    `kind` is “report”, or “erasure” for a certificate of erasure.
    """

    report: str
    sha256: str
    level: str
    kind: str = "report"

@dataclass(frozen=True, slots=True)
class Stamp:
    """A valid time stamp: its time, the name of its authority, and the fingerprints of its chain."""

    at: datetime
    authority: str
    certificates: tuple[str, ...]

def no_record(_: str) -> SignedFile | None:
    """Return None, which means that there is no record of the file or report."""
    return None

@dataclass(frozen=True, slots=True)
class Trust:
    """The certificates and records with which a file is compared.

    - `certificates` are the SHA-256 fingerprints of the signing certificates that are accepted.
    - `distrusted` is {fingerprint: time since which the certificate is distrusted}. It has the certificates of
      signers and time-stamp authorities that are no longer accepted.
    - `unread` is the reason why further certificates and records could not be read. It is empty if all were read.
    - `by_file` returns the record for a file's SHA-256. `by_report` returns the record for a report's id.
    - `time_stamp_authorities` are certificate fingerprints of authorities whose archive time stamps are accepted. The
      authorities that were recorded when the report was signed are also accepted.
    - `has_records` is True if the data come from an installation. Then the records must contain each report of the
      installation.
    - `without_certificates` is the sentence that says why there are no `certificates`. `advice` is the end of a
      sentence: what people can do if they trust a fingerprint.
    """

    certificates: frozenset[str] = frozenset()
    distrusted: Mapping[str, datetime] = field(default_factory=dict)
    unread: str = ""
    time_stamp_authorities: frozenset[str] = frozenset()
    by_file: Callable[[str], SignedFile | None] = no_record
    by_report: Callable[[str], SignedFile | None] = no_record
    has_records: bool = False
    without_certificates: str = "This installation knows no certificate to compare with."
    advice: str = "verify the file with “manage.py verify_report FILE --fingerprint SHA256”"

def given_trust(certificates: Iterable[str], authorities: Iterable[str]) -> Trust:
    """Return the `Trust` for a program that runs without an installation.

    The person who runs the program gives it the fingerprints of signers and of time-stamp authorities.
    """
    return Trust(
        certificates=frozenset(certificates),
        time_stamp_authorities=frozenset(authorities),
        without_certificates="No fingerprint was given.",
        advice="repeat the command with “--fingerprint SHA256”",
    )

def signer_problem(certificate: x509.Certificate, trust: Trust) -> str:
    """Return why reports of this signer are refused, or an empty string."""
    own = fingerprint(certificate)
    if own in trust.distrusted:
        return (
            f"Since {trust.distrusted[own]:%Y-%m-%d}, this installation no longer trusts the certificate of"
            f" “{common_name(certificate)}”. Ask for a new report."
        )
    if own in trust.certificates or not trust.certificates or trust.unread:
        return ""
    return (
        f"The certificate of the signer “{common_name(certificate)}” (SHA-256 {own}) is not one of the certificates"
        f" expected here. If you trust this certificate, {trust.advice}."
    )

def stamp_problem(stamps: Sequence[Stamp], trust: Trust) -> str:
    """Return why a time stamp of a distrusted authority is refused, or an empty string.

    `stamps` are in the order in which they were made. A stamp of a distrusted authority is still accepted under one
    condition: before that authority was distrusted, an authority that is still trusted made an archive time stamp that
    covers the stamp.
    """
    for number, stamp in enumerate(stamps):
        since = _distrusted_since(stamp, trust)
        if since is None:
            continue
        later = stamps[number + 1 :]
        if not any(other.at < since and _distrusted_since(other, trust) is None for other in later):
            return (
                f"Since {since:%Y-%m-%d}, this installation no longer trusts the time-stamp authority"
                f" “{visible(stamp.authority)}”, so nothing proves when the report was signed. Ask for a new"
                " report."
            )
    return ""

def _distrusted_since(stamp: Stamp, trust: Trust) -> datetime | None:
    times = [trust.distrusted[own] for own in stamp.certificates if own in trust.distrusted]
    return min(times, default=None)

def unknown_signer(certificate: x509.Certificate, trust: Trust) -> str:
    """Return why Surety cannot decide whether the signer is accepted, or an empty text if Surety can decide."""
    own = fingerprint(certificate)
    if own in trust.certificates or own in trust.distrusted or (trust.certificates and not trust.unread):
        return ""
    reason = trust.unread or trust.without_certificates
    return (
        f"The file has not changed since “{common_name(certificate)}” signed it, but anybody can sign under this"
        f" name. {reason} Ask the sender of the report for the fingerprint of the signing certificate. Use"
        f" another channel than the one through which you got the report. Then {trust.advice}."
    )

def record_problem(record: SignedFile | None, profile: SignatureProfile | None, trust: Trust) -> str:
    """Return a sentence if the installation has recorded another file for the report, otherwise an empty string.

    `record` is the record of the file that is verified, or None. `profile` states the report's id.
    """
    if record is not None or profile is None or not profile.report:
        return ""
    recorded = trust.by_report(profile.report)
    if recorded is None:
        return ""
    return (
        f"The file differs from the file that was signed as report {profile.report}. For the signed file, this"
        f" installation recorded the SHA-256 {recorded.sha256}."
    )

def level_problem(record: SignedFile | None, level: str, trust: Trust) -> tuple[str, bool]:
    """Check the PAdES level of a signature that does not state its intended level.

    Only older versions of Surety made such signatures. Return two values. The first says why the level is refused or
    cannot be judged; it is empty for an accepted level. The second is True if only the installation that made the
    report can judge the level.
    """
    if record is not None:
        if level != record.level:
            return f"The report was signed as PAdES {record.level}, but the file is PAdES {level}.", False
        return "", False
    sentence = (
        "The signature does not state its intended level, so the verification cannot notice whether a time"
        " stamp was removed or added."
    )
    if trust.has_records and not trust.unread:
        return f"{sentence} This installation has no record of the file.", False
    return f"{sentence} Only the installation that made the report can verify it.", True
''',
    "portal.reports.verification.verify": r'''
# From portal/reports/verification/verify.py

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import async_validate_cms_signature
from pyhanko_certvalidator import ValidationContext
from portal.reports.keys.signing_identity import common_name, fingerprint, is_self_signed
from portal.reports.signatures.container import DamagedSignature, SignatureContainer, read_container
from portal.reports.signatures.ecdsa_form import is_canonical
from portal.reports.signatures.place import NotSigned, SignaturePlace, find_signature
from portal.reports.signatures.pyhanko_thread import run_in_own_thread
from portal.reports.signatures.stamps import CLOCK_SKEW, MAX_DELAY, StampCheck, check_stamp, imprint_of
from portal.reports.signatures.visible import visible
from portal.reports.verification.archive_check import ARCHIVED, ArchiveCheck, check_archive
from portal.reports.verification.pdf_inspection import PdfInspection
from portal.reports.verification.signature_description import archive_notes, chain_names, revocation, time_stamps
from portal.reports.verification.trust import SignedFile, Stamp, Trust, level_problem, record_problem, signer_problem, stamp_problem, unknown_signer

MAX_BYTES = 64 * 1024 * 1024

# Errors that the parsers of signatures and certificates raise for damaged bytes.
DAMAGE = (
    SignatureValidationError, x509.InvalidVersion, UnsupportedAlgorithm, ValueError, LookupError, TypeError,
    AttributeError, ArithmeticError, RecursionError, NotImplementedError,
)  # fmt: skip

class Verdict(StrEnum):
    """The result of verification. UNUSABLE means that the file is not a PDF, or is too large to be read."""

    VALID = "valid"
    INVALID = "invalid"
    UNDECIDED = "cannot be judged"
    UNUSABLE = "unusable"

@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The result of verifying a file. `problems` and `notes` are sentences for people.

    - `problems` say why a file is not `valid`. `notes` are remarks that do not change the verdict; an invalid file has
      none.
    - `level` is the level of PAdES that the file reaches. `signed_at` comes from the time stamp or, for B-B, from the
      signer's clock.
    - `fingerprint` is the SHA-256 of the signer's certificate. `sha256` is the SHA-256 of the file.
    - `attachments` are the names of the embedded files. `inspected`: the file was parsed.
    - `title` and `subject` are what the file states about itself; only an inspected file has them.
    - `recorded` is True if the file is bit for bit a file that this installation signed. `kind` is then “report” or
      “erasure”.
    - `certified`: the signature states that the file permits no changes (DocMDP, P=1). Older versions of Surety signed
      without this statement, and their files remain valid.
    - `intended_level` is the level that the signature states. It is empty for signatures of older versions of Surety.
    - `chain` are the names of the certificates from the signer to the root. `revocation` is a sentence about whether
      these certificates had been revoked when the file was signed.
    - `time_stamps` are texts about the time stamps, the oldest first. `valid_until` is the earliest day (UTC) on which
      a certificate of the last archive time stamp expires. It is empty if there is no archive time stamp.
    - `timed_out`: the process that reads the file was stopped before it ended, for example because the machine was too
      busy. The verdict is UNDECIDED.
    """

    verdict: Verdict
    problems: list[str] = field(default_factory=list)
    signer: str = ""
    self_signed: bool = False
    level: str = ""
    signed_at: datetime | None = None
    authority: str = ""
    covers_whole_file: bool = False
    sha256: str = ""
    attachments: list[str] = field(default_factory=list)
    inspected: bool = False
    fingerprint: str = ""
    notes: list[str] = field(default_factory=list)
    recorded: bool = False
    kind: str = ""
    title: str = ""
    subject: str = ""
    timed_out: bool = False
    certified: bool = False
    intended_level: str = ""
    chain: list[str] = field(default_factory=list)
    revocation: str = ""
    time_stamps: list[str] = field(default_factory=list)
    valid_until: str = ""

    @property
    def valid(self) -> bool:
        return self.verdict == Verdict.VALID

    @property
    def coverage(self) -> str:
        """Return in words how much of the file the signature covers, to be printed after “whole file”."""
        if not self.covers_whole_file:
            return "NOT covered"
        if self.level in ARCHIVED:
            return (
                "covered, except the validation data and time stamps after the signature, which were checked"
            )
        return "covered"

    @property
    def unusable(self) -> bool:
        """Return whether the file is not a PDF, or is too large to be read."""
        return self.verdict == Verdict.UNUSABLE

def judge_inspection(result: VerificationResult, found: PdfInspection) -> VerificationResult:
    """Return the result for the signature, with the facts and problems that were found in the parsed file."""
    expected = max(1, len(result.time_stamps) if result.intended_level in ARCHIVED else 1)
    if found.signatures != expected:
        problem = (
            f"The file has {found.signatures} signatures instead of {expected if expected > 1 else 'one'}."
        )
        return replace(result, verdict=Verdict.INVALID, problems=[problem], notes=[])
    if result.certified and not found.certified:
        problem = (
            "The signature states that the file permits no changes, but the file does not state this. So Surety did"
            " not sign the file in this form."
        )
        return replace(result, verdict=Verdict.INVALID, problems=[problem], notes=[], certified=False)
    if found.problems:
        problems = [visible(problem) for problem in found.problems]
        return replace(result, verdict=Verdict.INVALID, problems=problems, notes=[])
    signed_at = result.signed_at or found.signed_at
    return replace(
        result,
        attachments=found.attachments,
        inspected=True,
        signed_at=signed_at,
        title=found.title,
        subject=found.subject,
    )

def verify_signature(
    data: bytes, trust: Trust, check: Callable[..., ArchiveCheck] = check_archive
) -> VerificationResult:
    """Verify the bytes, the signature, the certificate and the time stamp, without parsing the PDF.

    `check` checks the bytes after the signature, and its errors are passed on. The default `check` runs in this
    process, so a hostile file could block it: use the default only for files of this installation. The other
    checks of this function take time in proportion to the file's size.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if problem := _unusable(data):
        return VerificationResult(Verdict.UNUSABLE, [problem], sha256=sha256)
    try:
        place = find_signature(data)
    except NotSigned as error:
        return VerificationResult(Verdict.INVALID, [str(error)], sha256=sha256)
    try:
        container = read_container(data[place.first + 1 : place.start - 1])
        return _judge(data, place, container, trust, sha256, check)
    except DamagedSignature as error:
        problem = str(error)
    except DAMAGE as error:
        problem = f"The signature is damaged: {_reason(error)}."
    return VerificationResult(Verdict.INVALID, [*place.problems, problem], sha256=sha256)

def _judge(
    data: bytes,
    place: SignaturePlace,
    container: SignatureContainer,
    trust: Trust,
    sha256: str,
    check: Callable[..., ArchiveCheck],
) -> VerificationResult:
    profile = container.profile
    certificate = x509.load_der_x509_certificate(container.certificate.dump())
    record = trust.by_file(sha256)
    stamp = _check_stamp(container)
    stamp_at = None if container.stamp is None or stamp.problems else stamp.at
    signed_at = stamp.at if container.stamp is not None else profile.signed_at if profile else None
    undecided = [unknown_signer(certificate, trust)]
    problems = [
        *place.problems,
        *_integrity_problems(container, place),
        *container.problems,
        *stamp.problems,
        _form_problem(container, certificate, record),
        record_problem(record, profile, trust),
        _time_problem(certificate, signed_at),
        signer_problem(certificate, trust),
    ]
    is_accepted = not any(problems) and not any(undecided)
    archive = check(data, place, container, stamp_at, trust.time_stamp_authorities, is_accepted)
    problems += [*archive.problems, stamp_problem(_stamps(stamp, stamp_at, archive), trust)]
    if any(undecided) and profile is not None and profile.level in ARCHIVED:
        undecided.append(
            "The data after the signature (revocation information and time stamps) were not checked."
        )
    level = archive.level or ("B-B" if container.stamp is None else "B-T")
    if profile is None:
        problem, open_question = level_problem(record, level, trust)
        (undecided if open_question else problems).append(problem)
    problems, undecided = list(filter(None, problems)), list(filter(None, undecided))
    verdict = Verdict.INVALID if problems else Verdict.UNDECIDED if undecided else Verdict.VALID
    self_signed = is_self_signed(certificate)
    notes = [] if problems else _notes(self_signed=self_signed, level=level, record=record, trust=trust)
    if not problems and archive.stamps:
        notes += archive_notes(archive.stamps[-1])
    return VerificationResult(
        verdict=verdict,
        problems=problems or undecided,
        signer=common_name(certificate),
        self_signed=self_signed,
        level=level,
        signed_at=signed_at,
        authority=stamp.authority,
        covers_whole_file=not place.problems and not archive.problems,
        sha256=sha256,
        fingerprint=fingerprint(certificate),
        notes=notes,
        recorded=record is not None,
        kind=record.kind if record is not None else "",
        certified=profile is not None and profile.certified,
        intended_level=profile.level if profile is not None else "",
        chain=chain_names(container),
        revocation=revocation(archive, stamp_at),
        time_stamps=time_stamps(stamp, stamp_at, archive),
        valid_until=f"{archive.stamps[-1].valid_until:%Y-%m-%d}" if archive.stamps else "",
    )

def _stamps(stamp: StampCheck, at: datetime | None, archive: ArchiveCheck) -> list[Stamp]:
    first = [] if at is None else [Stamp(at, stamp.authority, stamp.certificates)]
    return first + [Stamp(one.at, one.authority, one.certificates) for one in archive.stamps]

def _unusable(data: bytes) -> str:
    if not data:
        return "The file is empty."
    if len(data) > MAX_BYTES:
        return (
            f"The file was not read, because it is larger than {MAX_BYTES // 2**20} MB. Verify it with another tool, "
            "such as pdfsig."
        )
    if data.startswith(b"PK"):
        return (
            "The file is a ZIP file, not a PDF. If the file is an evidence bundle, verify the report.pdf in it, or"
            " judge the evidence of the bundle again with surety-verify.pyz."
        )
    if not data.startswith(b"%PDF-"):
        return "The file is not a PDF."
    return ""

def _integrity_problems(container: SignatureContainer, place: SignaturePlace) -> list[str]:
    context = ValidationContext(trust_roots=[container.certificate], allow_fetching=False)
    status = run_in_own_thread(
        lambda: asyncio.run(
            async_validate_cms_signature(
                container.signed, raw_digest=place.digest, validation_context=context
            )
        )
    )
    problems = []
    if not status.intact:
        problems.append("The file was changed after signing: its hash is not the hash in the signature.")
    if not status.valid:
        problems.append("The signature was not made with the key of its certificate.")
    return problems

def _check_stamp(container: SignatureContainer) -> StampCheck:
    if container.stamp is None:
        return StampCheck([])
    profile = container.profile
    pinned = profile.time_stamp_authorities if profile else None
    check = check_stamp(container.stamp, imprint_of(container.signer["signature"].native), pinned)
    if profile is None or check.problems or check.at is None:
        return check
    if not profile.signed_at - CLOCK_SKEW <= check.at <= profile.signed_at + MAX_DELAY:
        problem = (
            f"The time stamp was replaced: its time is {check.at:%Y-%m-%d %H:%M} UTC, but the report states"
            f" {profile.signed_at:%Y-%m-%d %H:%M} UTC as the time of signing."
        )
        return replace(check, problems=[problem])
    return check

def _form_problem(
    container: SignatureContainer, certificate: x509.Certificate, record: SignedFile | None
) -> str:
    """Return why the encoding of the signature is refused, or an empty text if the encoding is accepted.

    A file whose SHA-256 is recorded is unchanged, so the form of its signature does not matter.
    """
    if record is not None or is_canonical(container.signer["signature"].native, certificate.public_key()):
        return ""
    return "After signing, the signature was replaced by an equivalent signature in another form."

def _time_problem(certificate: x509.Certificate, signed_at: datetime | None) -> str:
    if signed_at is None:
        return ""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if signed_at > datetime.now(UTC) + CLOCK_SKEW:
        return f"The signing time is in the future: {signed_at:%Y-%m-%d %H:%M} UTC."
    if not start <= signed_at <= end:
        return (
            f"The file was signed at {signed_at:%Y-%m-%d %H:%M} UTC, but the certificate is valid only from"
            f" {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC."
        )
    return ""

def _notes(*, self_signed: bool, level: str, record: SignedFile | None, trust: Trust) -> list[str]:
    notes = []
    if self_signed:
        notes.append(
            "The certificate is self-signed. It shows that the file has not changed, but not who signed the file."
        )
    if level == "B-B":
        notes.append(
            "The signature has no time stamp, so the time of signing comes from the clock of the signer."
        )
    if trust.has_records and record is None:
        notes.append(
            "This installation has no record of this file, so it could not compare the hash of the file with a"
            " recorded hash."
        )
    if not trust.has_records:
        notes.append(
            "This check does not know whether the report was revoked or superseded. To find out, look up the SHA-256"
            " of the file on the page Verify of the Surety installation that issued the report."
        )
    return notes

def _reason(error: BaseException) -> str:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    # Do not show pyHanko's text: it contains the whole name of the certificate, and terms that only pyHanko's source
    # code explains.
    if reason.startswith("Signing certificate attribute does not match"):
        return "its certificate is not the one that the signature names"
    return reason
''',
}


class Modules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import the modules of this file, and never modules of the same name that are installed."""

    def find_spec(self, name, path=None, target=None):
        """Return the specification of a module of this file; None for every other module."""
        package = any(module.startswith(name + ".") for module in MODULES)
        if not package and name not in MODULES:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=package)

    def exec_module(self, module):
        """Execute the module's text. A package has none."""
        name = module.__name__
        code = compile(MODULES.get(name, ""), f"<{name} in {__file__}>", "exec")
        exec(code, module.__dict__)  # noqa: S102 # nosec B102


def refuse(text):
    """End the program before anything was judged."""
    print(text, file=sys.stderr)
    sys.exit(NOT_JUDGED)


def start():
    """Run the program. The file is also the script of its child process, which gets the search path of its parent."""
    if sys.argv[1:2] in (["--inspect-from-standard-input"], ["--check-from-standard-input"]):
        sys.path[:] = [path for path in json.loads(sys.argv[2]) if foreign(path)]
    if importlib.util.find_spec("pyhanko") is None:
        refuse("This program requires pyHanko. Install it with: python -m pip install pyhanko")
    sys.meta_path.insert(0, Modules())
    from portal.reports.offline.program import main

    return main(sys.argv[1:], __file__)


if __name__ == "__main__":
    if sys.version_info < (3, 12):
        refuse("This program requires Python 3.12 or newer.")
    try:
        status = start()
        sys.stdout.flush()
    except BrokenPipeError:
        # The program that reads the output, such as `head`, has ended. Redirect stdout to the null device, so that
        # Python does not fail again when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = READER_GONE
    except Exception:
        traceback.print_exc()
        status = NOT_JUDGED
    sys.exit(status)
