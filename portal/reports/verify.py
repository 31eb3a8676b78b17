"""Is this PDF what was signed? Answers without a database and without the network.

    verify_pdf(data) -> VerificationResult

Valid means: one signature, over every byte of the file but its own place, cryptographically right, by a
certificate that was in force then and, on an installation that signs, by one that this installation has used
(anybody can change a report and sign it again with a certificate of their own). On a machine that has never
signed there is nothing to compare with: the result names the certificate's fingerprint instead.

pyHanko's difference analysis is not used: it takes minutes on a tagged file, and a file in which anything
follows the signature is refused as a whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from cryptography import x509
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext

from portal.reports.pyhanko_thread import run_in_own_thread
from portal.reports.signature_layout import padding_problem
from portal.reports.signing_identity import common_name, fingerprint, is_self_signed, known_certificates

MAX_BYTES = 64 * 1024 * 1024

# What a parser of foreign bytes raises when they are damaged: each means that the file is not as it was signed.
DAMAGE = (
    PdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, EOFError,
    OSError, NotImplementedError,
)  # fmt: skip
_HEX = re.compile(rb"<[0-9A-Fa-f\s]*>")


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What was found out. `problems` is empty exactly when `valid`; each is a sentence for a person.

    `level` B-B or B-T, `signed_at` as the signature itself says (or the time stamp, for B-T), `fingerprint`
    the SHA-256 of the signer's certificate, `sha256` that of the file, `attachments` the names of the files
    inside. `notes` qualify a valid result. `unusable`: it is no PDF that could be judged at all.
    """

    valid: bool
    problems: list[str]
    signer: str = ""
    self_signed: bool = False
    level: str = ""
    signed_at: datetime | None = None
    covers_whole_file: bool = False
    sha256: str = ""
    attachments: list[str] = field(default_factory=list)
    fingerprint: str = ""
    notes: list[str] = field(default_factory=list)
    unusable: bool = False


def verify_pdf(data: bytes, *, expected: Iterable[x509.Certificate] | None = None) -> VerificationResult:
    """Verify a signed report. `expected` are the certificates to accept, this installation's own by default.

    An empty `expected` accepts every signer (the result still names who it was). Never raises for bad input.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if problem := _unusable(data):
        return VerificationResult(False, [problem], sha256=sha256, unusable=True)
    try:
        reader = PdfFileReader(BytesIO(data))
        signatures = list(reader.embedded_signatures)
        attachments = _attachments(reader)
    except DAMAGE as error:
        return VerificationResult(False, [f"The file is damaged: {_said(error)}."], sha256=sha256)
    if not signatures:
        problem = "The file carries no signature: it is not a report that Surety signed, or it was rewritten."
        return VerificationResult(False, [problem], sha256=sha256, attachments=attachments)
    accepted = known_certificates() if expected is None else list(expected)
    try:
        return _judge(data, signatures, attachments, sha256, accepted)
    except DAMAGE as error:
        problem = f"The signature is damaged: {_said(error)}."
        return VerificationResult(False, [problem], sha256=sha256, attachments=attachments)


def _unusable(data: bytes) -> str:
    if not data:
        return "The file is empty."
    if len(data) > MAX_BYTES:
        return (
            f"The file has {len(data) / 2**20:.0f} MB, more than the {MAX_BYTES // 2**20} MB that a report can "
            "have: it was not read."
        )
    if not data.startswith(b"%PDF-"):
        return "The file is not a PDF."
    return ""


def _judge(
    data: bytes,
    signatures: list[EmbeddedPdfSignature],
    attachments: list[str],
    sha256: str,
    accepted: list[x509.Certificate],
) -> VerificationResult:
    signature = signatures[-1]
    problems = (
        [] if len(signatures) == 1 else [f"The file carries {len(signatures)} signatures instead of one."]
    )
    uncovered = _uncovered(data, signature)
    problems += uncovered
    certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    stamp = None
    try:
        status = run_in_own_thread(
            lambda: validate_pdf_signature(signature, context, context, skip_diff=True)
        )
    except SignatureValidationError as error:
        problems.append(f"The signature cannot be accepted: {_said(error)}.")
    else:
        stamp = status.timestamp_validity
        if not status.intact:
            problems.append(
                "The file was changed after it was signed: its content no longer has the signed hash."
            )
        if not status.valid:
            problems.append("The signature was not made with the key of the certificate in it.")
        if stamp is not None and not (stamp.intact and stamp.valid):
            problems.append("The time stamp does not belong to this signature.")
    signed_at = stamp.timestamp if stamp is not None else signature.self_reported_timestamp
    problems += _certificate_problems(certificate, signed_at, accepted)
    self_signed = is_self_signed(certificate)
    return VerificationResult(
        valid=not problems,
        problems=problems,
        signer=common_name(certificate),
        self_signed=self_signed,
        level="B-B" if stamp is None else "B-T",
        signed_at=signed_at,
        covers_whole_file=not uncovered,
        sha256=sha256,
        attachments=attachments,
        fingerprint=fingerprint(certificate),
        notes=_notes(self_signed, stamp is not None, bool(accepted)),
    )


def _uncovered(data: bytes, signature: EmbeddedPdfSignature) -> list[str]:
    """Why the signature does not cover the whole file, which is all but the hex string of the signature."""
    numbers = [int(number) for number in signature.byte_range]
    if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:
        return ["The signature covers parts of the file that do not begin at its start."]
    _, first, start, second = numbers
    if start + second > len(data):
        return [f"The file was cut short: {start + second - len(data)} signed bytes at its end are missing."]
    if start + second < len(data):
        added = len(data) - start - second
        return [f"The file was extended after it was signed: {added} bytes at its end are not covered."]
    if start - first < 2 or not _HEX.fullmatch(data, first, start):
        return ["The signature leaves out more of the file than its own place."]
    problem = padding_problem(data, first, start)
    return [problem] if problem else []


def _certificate_problems(
    certificate: x509.Certificate, signed_at: datetime | None, accepted: list[x509.Certificate]
) -> list[str]:
    problems = []
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if signed_at is None:
        problems.append("The signature does not say when it was made.")
    elif not start <= signed_at <= end:
        problems.append(
            f"It was signed on {signed_at:%Y-%m-%d}, outside the certificate's time "
            f"({start:%Y-%m-%d} to {end:%Y-%m-%d})."
        )
    if accepted and fingerprint(certificate) not in {fingerprint(known) for known in accepted}:
        problems.append(
            f"It was signed by “{common_name(certificate)}” with a certificate that is not one of those expected "
            f"here (SHA-256 {fingerprint(certificate)}). If you know that certificate, verify with "
            "“manage.py verify_report FILE --certificate CERTIFICATE.pem”."
        )
    return problems


def _notes(self_signed: bool, stamped: bool, compared: bool) -> list[str]:
    notes = []
    if self_signed:
        notes.append("The certificate is self-made: it proves that nothing was changed, not who signed.")
    if not stamped:
        notes.append("There is no time stamp: the time of signing is what the signer's clock said.")
    if not compared:
        notes.append(
            "This machine knows no certificate to expect: compare the fingerprint with the one that whoever "
            "gave you the report names."
        )
    return notes


def _attachments(reader: PdfFileReader) -> list[str]:
    """Names of the embedded files, from the name tree of the catalogue."""
    names = _entry(reader.root, "/Names")
    tree = _entry(names, "/EmbeddedFiles") if isinstance(names, DictionaryObject) else None
    return sorted(_names_in(tree, 0)) if isinstance(tree, DictionaryObject) else []


def _entry(node: DictionaryObject, key: str) -> Any:
    """A dictionary's value, references followed (`get` of pyHanko does not always)."""
    if key not in node:
        return None
    return node[key]


def _names_in(node: DictionaryObject, depth: int) -> list[str]:
    if depth > 8:
        raise PdfError("the tree of attachments is too deep")
    found: list[str] = []
    pairs = _entry(node, "/Names")
    if isinstance(pairs, ArrayObject):
        for index in range(1, len(pairs), 2):
            specification = pairs[index]
            name = _entry(specification, "/UF") or _entry(specification, "/F")
            found.append(str(name))
    kids = _entry(node, "/Kids")
    if isinstance(kids, ArrayObject):
        for kid in kids:
            found.extend(_names_in(kid, depth + 1))
    return found


def _said(error: BaseException) -> str:
    return str(error).rstrip(".") or type(error).__name__
