"""Verifying that a PDF is unchanged since it was signed, without a database and without the network.

    verify_pdf(data) -> VerificationResult

A report is valid if all of this is true:

- It has exactly one signature, which covers every byte of the file except its own place.
- The signature is cryptographically correct, and its certificate was valid at the time of signing.
- The certificate is one of the expected ones: by default those that this installation has signed with, because
  anybody can change a report and sign it again with another certificate. An installation that has never signed
  expects none; the result then gives the fingerprint to compare by hand.

pyHanko's difference analysis is not used. It takes minutes on a tagged file, and a file with anything after the
signature is refused anyway.
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

# Exceptions that the parsers raise for damaged bytes.
DAMAGE = (
    PdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, EOFError,
    OSError, NotImplementedError,
)  # fmt: skip
_HEX = re.compile(rb"<[0-9A-Fa-f\s]*>")


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """The result of verifying a file. `problems` and `notes` are sentences for people.

    - `problems` is empty if and only if the file is `valid`; `notes` qualify a valid result.
    - `level` is B-B or B-T. `signed_at` comes from the time stamp (B-T) or from the signer's clock (B-B).
    - `fingerprint` is the SHA-256 of the signer's certificate, `sha256` that of the file.
    - `attachments` are the names of the embedded files.
    - `unusable`: the file is not a PDF, or too large to be read.
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
    """Verify a signed report. Raises nothing for invalid input.

    `expected` are the certificates to accept, by default those that this installation has signed with. An empty
    `expected` accepts every signer; the result names the signer in any case.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if problem := _unusable(data):
        return VerificationResult(False, [problem], sha256=sha256, unusable=True)
    try:
        reader = PdfFileReader(BytesIO(data))
        signatures = list(reader.embedded_signatures)
        attachments = _attachments(reader)
    except DAMAGE as error:
        return VerificationResult(False, [f"The file is damaged: {_reason(error)}."], sha256=sha256)
    if not signatures:
        problem = "The file has no signature. It is not a report signed by Surety, or another program has rewritten it."
        return VerificationResult(False, [problem], sha256=sha256, attachments=attachments)
    accepted = known_certificates() if expected is None else list(expected)
    try:
        return _verify_signature(data, signatures, attachments, sha256, accepted)
    except DAMAGE as error:
        problem = f"The signature is damaged: {_reason(error)}."
        return VerificationResult(False, [problem], sha256=sha256, attachments=attachments)


def _unusable(data: bytes) -> str:
    if not data:
        return "The file is empty."
    if len(data) > MAX_BYTES:
        return (
            f"The file was not read, because it is larger than {MAX_BYTES // 2**20} MB. Verify it with another tool, "
            "such as pdfsig."
        )
    if not data.startswith(b"%PDF-"):
        return "The file is not a PDF."
    return ""


def _verify_signature(
    data: bytes,
    signatures: list[EmbeddedPdfSignature],
    attachments: list[str],
    sha256: str,
    accepted: list[x509.Certificate],
) -> VerificationResult:
    signature = signatures[-1]
    problems = [] if len(signatures) == 1 else [f"The file has {len(signatures)} signatures instead of one."]
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
        problems.append(f"The signature cannot be verified: {_reason(error)}.")
    else:
        stamp = status.timestamp_validity
        if not status.intact:
            problems.append("The file was changed after it was signed: its hash is not the signed hash.")
        if not status.valid:
            problems.append("The signature was not made with the key of its certificate.")
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
        notes=_notes(self_signed=self_signed, stamped=stamp is not None, compared=bool(accepted)),
    )


def _uncovered(data: bytes, signature: EmbeddedPdfSignature) -> list[str]:
    """Return why the signature does not cover the whole file except its own hex string; empty if it does."""
    numbers = [int(number) for number in signature.byte_range]
    if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:
        return ["The signature does not cover the start of the file."]
    _, first, start, second = numbers
    if start + second > len(data):
        return [f"The file was cut off: {_byte_count(start + second - len(data))} missing at its end."]
    if start + second < len(data):
        added = _byte_count(len(data) - start - second)
        return [
            f"The file was extended after it was signed: {added} after the part that the signature covers."
        ]
    if start - first < 2 or not _HEX.fullmatch(data, first, start):
        return ["The signature does not cover the whole file."]
    problem = padding_problem(data, first, start)
    return [problem] if problem else []


def _certificate_problems(
    certificate: x509.Certificate, signed_at: datetime | None, accepted: list[x509.Certificate]
) -> list[str]:
    problems = []
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if signed_at is None:
        problems.append("The signature has no signing time.")
    elif not start <= signed_at <= end:
        problems.append(
            f"The file was signed on {signed_at:%Y-%m-%d}, when the certificate was not valid "
            f"({start:%Y-%m-%d} to {end:%Y-%m-%d})."
        )
    if accepted and fingerprint(certificate) not in {fingerprint(known) for known in accepted}:
        problems.append(
            f"The signer “{common_name(certificate)}” used a certificate that is not one of those expected here "
            f"(SHA-256 {fingerprint(certificate)}). If you trust this certificate, verify the file with "
            "“manage.py verify_report FILE --certificate CERTIFICATE.pem”."
        )
    return problems


def _notes(*, self_signed: bool, stamped: bool, compared: bool) -> list[str]:
    notes = []
    if self_signed:
        notes.append(
            "The certificate is self-signed. It shows that the file is unchanged, not who signed it."
        )
    if not stamped:
        notes.append("The signature has no time stamp. The signing time comes from the signer’s clock.")
    if not compared:
        notes.append(
            "This installation has no certificates to compare with. To be sure who signed, compare the fingerprint "
            "with the one that the sender of the report tells you through another channel."
        )
    return notes


def _attachments(reader: PdfFileReader) -> list[str]:
    """Return the names of the embedded files, from the name tree in the PDF's catalogue."""
    names = _entry(reader.root, "/Names")
    tree = _entry(names, "/EmbeddedFiles") if isinstance(names, DictionaryObject) else None
    return sorted(_names_in(tree, 0)) if isinstance(tree, DictionaryObject) else []


def _entry(node: DictionaryObject, key: str) -> Any:
    """Return a dictionary's value with references resolved, which pyHanko's `get` does not always do."""
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


def _byte_count(number: int) -> str:
    return f"{number} byte is" if number == 1 else f"{number} bytes are"


def _reason(error: BaseException) -> str:
    return str(error).rstrip(".") or type(error).__name__
