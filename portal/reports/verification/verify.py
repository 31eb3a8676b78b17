"""Verify offline that a PDF is a report that has not changed since it was signed.

    verify_pdf(data, trust) -> VerificationResult

First the bytes are checked without a PDF parser. There must be exactly one signature, which covers every byte of the
signed file except the signature itself. Then the hash, the container, the certificate and the time stamp are checked.
Then the PDF is parsed in a separate process, but only if it was signed with a known certificate.

`Trust` has the data with which the file is compared. Without such data, a correctly signed file is neither valid nor
invalid, because anybody can change a report and sign it again with another certificate.

pyHanko's difference analysis is not used, because it takes minutes on a tagged file. It is not needed either: the
only permitted additions after the signature have one form, which `portal.reports.verification.archive_updates` checks.
"""

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
from portal.reports.verification.archive_process import check_in_process
from portal.reports.verification.pdf_inspection import (
    InspectionFailed,
    InspectionTimedOut,
    PdfInspection,
    inspect_pdf,
)
from portal.reports.verification.signature_description import (
    archive_notes,
    chain_names,
    revocation,
    time_stamps,
)
from portal.reports.verification.trust import (
    SignedFile,
    Stamp,
    Trust,
    level_problem,
    record_problem,
    signer_problem,
    stamp_problem,
    unknown_signer,
)

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


def verify_pdf(data: bytes, trust: Trust) -> VerificationResult:
    """Verify a signed report. Raises nothing for invalid input."""
    try:
        result = verify_signature(data, trust, check_in_process)
    except InspectionTimedOut as error:
        sha256 = hashlib.sha256(data).hexdigest()
        return VerificationResult(Verdict.UNDECIDED, [str(error)], sha256=sha256, timed_out=True)
    if not result.valid:
        return result
    try:
        found = inspect_pdf(data)
    except InspectionTimedOut as error:
        return replace(result, verdict=Verdict.UNDECIDED, problems=[str(error)], notes=[], timed_out=True)
    except InspectionFailed as error:
        return replace(result, verdict=Verdict.INVALID, problems=[str(error)], notes=[])
    return judge_inspection(result, found)


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
