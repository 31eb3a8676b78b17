"""Sign a rendered report, store the signed file, and read stored files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.core.files.base import ContentFile
from django.db import transaction

from assessments.version import VERSION
from portal.reports.errors import ReportTooLarge, SigningUnavailable
from portal.reports.keys.signing_identity import SigningIdentity, ensure_signing_identity
from portal.reports.models import SignedReport
from portal.reports.records.known_certificates import refuse_distrusted, remember_certificate
from portal.reports.render import RenderedReport
from portal.reports.signatures.stamps import pinned_authorities_pem
from portal.reports.signed_build import SignedBuild
from portal.reports.signing.archive import last_stamp
from portal.reports.signing.sign import sign
from portal.reports.verification.trust import Trust
from portal.reports.verification.verify import MAX_BYTES, verify_signature
from tenants.errors import NotFound

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedContent:
    """The signed PDF, with its number of pages and the results of verifying it: SHA-256, PAdES level and signing time.

    `page_content` is what the report's page in the portal shows, None if the report has no such page.
    """

    content: bytes
    pages: int
    page_content: dict[str, Any] | None
    sha256: str
    level: str
    signed_at: datetime


def usable_identity() -> SigningIdentity:
    """Return the key and certificate that sign reports. Raise SigningUnavailable if they cannot be used."""
    signing = ensure_signing_identity()
    refuse_distrusted(signing.certificate)
    return signing


def sign_rendered(
    rendered: RenderedReport,
    page_content: dict[str, Any] | None,
    signing: SigningIdentity,
    *,
    report: str,
    level: str,
    smaller: str,
    enter: Callable[[SignedBuild.Step], None],
) -> SignedContent:
    """Sign a rendered report, verify it and return it.

    `enter` is called before each step, and may raise BuildStopped. `report` is the report's id. `level` is the
    PAdES level that the report states. If the report is too large to be verified, the error ends with `smaller`, a
    sentence that says how to make the report smaller.
    """
    enter(SignedBuild.Step.SIGNING)
    reason = f"Report {report} as created by Surety {VERSION}"
    content = sign(rendered.content, signing, reason=reason, report=report)
    if len(content) > MAX_BYTES:
        raise ReportTooLarge(
            f"The report would have {len(content) / 2**20:.1f} MB, but Surety verifies only files of at most"
            f" {MAX_BYTES // 2**20} MB. {smaller}"
        )
    enter(SignedBuild.Step.CHECKING)
    check = verify_signature(content, Trust(certificates=frozenset({signing.fingerprint})))
    if not check.valid or check.level != level or check.signed_at is None:
        raise SigningUnavailable(
            f"Surety signed the report, but could not verify the signature: {' '.join(check.problems)} Check"
            " the certificate of the signer and the time-stamp authority."
        )
    return SignedContent(content, rendered.pages, page_content, check.sha256, check.level, check.signed_at)


@contextmanager
def stored(report: SignedBuild, signed: SignedContent, signing: SigningIdentity) -> Iterator[None]:
    """Store the signed file and its record (`SignedReport`), and mark the report as ready.

    The code in the caller's `with` block runs in the same transaction.
    """
    content, report.pages = signed.content, signed.pages
    report.size = len(content)
    report.sha256 = signed.sha256
    report.level = signed.level
    report.signer = signing.name[:300]
    report.self_made = signing.self_signed
    report.page_content = signed.page_content
    stamp = last_stamp(content)
    if stamp is not None:
        report.archive_until, report.archive_algorithm = stamp.valid_until, stamp.algorithm
    report.state, report.step, report.lease_until = SignedBuild.State.READY, "", None
    storage = report.file.storage
    report.file.save(report.file_name, ContentFile(content), save=False)
    name = str(report.file.name)
    try:
        with transaction.atomic():
            report.save()
            remember_certificate(signing.certificate)
            SignedReport.objects.create(
                report=report.pk,
                sha256=report.sha256,
                level=report.level,
                certificate=signing.fingerprint,
                time_stamp_authorities=pinned_authorities_pem(),
                signed_at=signed.signed_at,
            )
            yield
    except BaseException:
        storage.delete(name)  # After the rollback, no row refers to the file, so delete it.
        raise


def _content(report: SignedBuild) -> bytes:
    """Return the content of the report's file. Raises FileNotFoundError."""
    try:
        with report.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        # If a renewal of the time stamp has replaced the file since the row was read, read the new file.
        before = str(report.file.name)
        report.refresh_from_db(fields=["file", "sha256"])
        if str(report.file.name) == before:
            raise
        with report.file.open("rb") as file:
            content = file.read()
    return content


def require_file(report: SignedBuild) -> None:
    """Raise NotFound if the report has no file."""
    if report.state != SignedBuild.State.READY:
        raise NotFound(
            "This report has no file, because the report is still being built, was cancelled or could not be built."
        )


def unchanged_file(report: SignedBuild, refused: Callable[[dict[str, Any]], None]) -> bytes | None:
    """Return the report's file.

    If the file is missing, or its SHA-256 differs from the recorded SHA-256, call `refused` with details for the
    journal, and return None.
    """
    try:
        content = _content(report)
    except FileNotFoundError:
        found = ""
    else:
        found = hashlib.sha256(content).hexdigest()
        if found == report.sha256:
            return content
    refused({"sha256": report.sha256, "found": found or "no file"})
    log.error("report_file_refused", report=str(report.pk), sha256=report.sha256, found=found)
    return None
