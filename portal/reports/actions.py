"""Building reports: immediately with `build_report`, or by a worker with `request_report`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Unpack
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from portal.reports.archive import last_stamp
from portal.reports.attachment_files import Attachment
from portal.reports.attachments import attach, unit_manifests
from portal.reports.builds import (
    BUILD,
    WORKER,
    BuildLease,
    BuildStopped,
    Heartbeat,
    claim,
    fail,
    occupies_worker,
)
from portal.reports.create import Choices, create_report
from portal.reports.errors import ReportTooLarge, SigningUnavailable
from portal.reports.gather import gather_facts
from portal.reports.known_certificates import refuse_distrusted, remember_certificate
from portal.reports.models import Report, SignedReport
from portal.reports.page_content import content_of_facts
from portal.reports.parts import identity
from portal.reports.parts.part import ReportFacts
from portal.reports.register import supersede
from portal.reports.render import render
from portal.reports.sign import sign
from portal.reports.signature_stamps import pinned_authorities_pem
from portal.reports.signing_identity import SigningIdentity, ensure_signing_identity
from portal.reports.trust import Trust
from portal.reports.verify import MAX_BYTES, verify_signature
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict, SuretyError
from tenants.models import Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

MAX_BUILDING: Final = 3
"""How many reports of a customer workers may build at the same time."""
LOST_AFTER: Final = timedelta(hours=1)
"""A report that is still being built after this time counts towards the limit only while a worker holds its lease."""


@dataclass(frozen=True, slots=True)
class SignedContent:
    """The signed PDF, its number of pages, what its page shows, and the results of verifying it: SHA-256, PAdES level,
    signing time."""

    content: bytes
    pages: int
    page_content: dict[str, Any]
    sha256: str
    level: str
    signed_at: datetime


@transaction.atomic
def build_report(*, tenant: Tenant, by: Actor, **choices: Unpack[Choices]) -> Report:
    """Gather, render, sign and store a report now, inside the tenant's scope.

    Raises NoFinishedAssessment if there is no assessment to report, and SigningUnavailable if the certificate or the
    time-stamp authority cannot be used. In both cases nothing is stored.
    """
    report = create_report(tenant, by, choices)
    signing = _signing_identity()
    facts, attachments = _gather(report, signing)
    _store(report, _render_and_sign(facts, attachments, signing), signing, by)
    return report


@transaction.atomic
def request_report(*, tenant: Tenant, by: Actor, **choices: Unpack[Choices]) -> Report:
    """Create a report for a worker to build. Its state changes from building to ready, failed or cancelled.

    Raise Conflict while workers build `MAX_BUILDING` reports of the customer.
    """
    report = create_report(tenant, by, choices)
    _refuse_above_limit(report)
    journal.record(
        tenant=tenant,
        actor=by,
        action="report.requested",
        target=f"report:{report.number}",
        details={"report": report.pk, "kind": report.kind, "assessment": report.assessment.number},
    )
    enqueue(BUILD, tenant.pk, report.pk)
    return report


def _refuse_above_limit(report: Report) -> None:
    """Raise Conflict if too many other reports of the customer are being built, or were cancelled and occupy a worker.

    A report takes seconds to minutes, during which reports and mails of other customers wait. The lock on report
    numbers is held, so no other request counts at the same time.
    """
    now = timezone.now()
    recent = Q(state=Report.State.BUILDING, created_at__gt=now - LOST_AFTER)
    counted = Report.objects.filter(recent | occupies_worker(now), tenant=report.tenant)
    if counted.exclude(pk=report.pk).count() >= MAX_BUILDING:
        raise Conflict(
            f"{MAX_BUILDING} reports of {report.tenant.name} are already being built. Wait until one is ready. A"
            f" cancelled report counts until its worker has stopped, which can take some minutes.",
            code="reports_building",
        )


def build_requested(*, tenant_id: UUID | str, report_id: UUID | str, worker: str = "") -> None:
    """Build a requested report. Do nothing if another worker builds it, or if its build has ended.

    No transaction is open while the report is rendered and signed, which takes seconds to minutes. If the database
    is lost, the periodic task sends the message again.
    """
    lease = claim(tenant_id=tenant_id, report_id=report_id, worker=worker)
    if lease is None:
        return
    try:
        with Heartbeat(lease):
            _build(lease)
    except BuildStopped:
        lease.release()
        log.info("report_build_stopped", report=str(lease.report_id), attempt=lease.attempt)
    except SuretyError as error:
        _mark_failed(lease, error.message)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        # An unexpected error is a defect: show it to the requester, and raise it again so that it is logged.
        _mark_failed(
            lease,
            f"The report could not be built because of an internal error ({type(error).__name__}). "
            "Ask the operator to look at the worker’s log.",
        )
        raise


def _build(lease: BuildLease) -> None:
    with tenant_scope(lease.tenant_id):
        report = lease.rows().select_related("tenant__organization", "assessment").first()
        if report is None:
            raise BuildStopped
        signing = _signing_identity()
        facts, attachments = _gather(report, signing)
    signed = _render_and_sign(facts, attachments, signing, lease.enter)
    with tenant_scope(lease.tenant_id):
        _store(lease.held(), signed, signing, WORKER)


def _mark_failed(lease: BuildLease, message: str) -> None:
    try:
        with tenant_scope(lease.tenant_id):
            fail(lease.held(), message)
    except BuildStopped:
        lease.release()


def _signing_identity() -> SigningIdentity:
    signing = ensure_signing_identity()
    refuse_distrusted(signing.certificate)
    return signing


def _gather(report: Report, signing: SigningIdentity) -> tuple[ReportFacts, list[Attachment]]:
    return attach(gather_facts(report, signing), report.tenant, unit_manifests(report.assessment))


def _render_and_sign(
    facts: ReportFacts,
    attachments: list[Attachment],
    signing: SigningIdentity,
    enter: Callable[[Report.Step], None] = lambda step: None,
) -> SignedContent:
    """Return the signed report. Call `enter` with each step that begins; it may raise BuildStopped."""
    enter(Report.Step.RENDERING)
    rendered = render(facts, attachments)
    report = facts.of(identity.PART).identity
    reason = f"Report {report.report_id} as created by Surety {report.product_version}"
    enter(Report.Step.SIGNING)
    content = sign(rendered.content, signing, reason=reason, report=report.report_id)
    if len(content) > MAX_BYTES:
        raise ReportTooLarge(
            f"The report would have {len(content) / 2**20:.1f} MB, and Surety verifies files up to "
            f"{MAX_BYTES // 2**20} MB. Build it on an assessment of fewer subscriptions, or export the findings."
        )
    enter(Report.Step.CHECKING)
    check = verify_signature(content, Trust(certificates=frozenset({signing.fingerprint})))
    if not check.valid or check.level != report.level or check.signed_at is None:
        raise SigningUnavailable(
            f"The signed report did not pass Surety's own verification: {' '.join(check.problems)} Check"
            " the signing certificate and the time-stamp authority."
        )
    return SignedContent(
        content,
        rendered.pages,
        content_of_facts(facts, rendered.headings),
        check.sha256,
        check.level,
        check.signed_at,
    )


def _store(report: Report, signed: SignedContent, signing: SigningIdentity, by: Actor) -> None:
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
    report.state, report.step, report.lease_until = Report.State.READY, "", None
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
            journal.record(
                tenant=report.tenant,
                actor=by,
                action="report.built",
                target=f"report:{report.number}",
                details={
                    "report": report.pk,
                    "kind": report.kind,
                    "assessment": report.assessment.number,
                    "sha256": report.sha256,
                    "size": report.size,
                    "level": report.level,
                    "signer": report.signer,
                },
            )
            supersede(report, by)
    except BaseException:
        storage.delete(name)  # After the rollback, no row refers to the file, so delete it.
        raise


def _content(report: Report) -> bytes:
    """Return the content of the file. Raises FileNotFoundError."""
    try:
        with report.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        # A renewal of the time stamp may have replaced the file since the row was read.
        before = str(report.file.name)
        report.refresh_from_db(fields=["file", "sha256"])
        if str(report.file.name) == before:
            raise
        with report.file.open("rb") as file:
            content = file.read()
    return content


def read_file(*, report: Report, by: Actor) -> bytes | None:
    """Return the report's file.

    If the file is missing or differs from the signed file, write a journal entry and return None.
    """
    try:
        content = _content(report)
    except FileNotFoundError:
        found = ""
    else:
        found = hashlib.sha256(content).hexdigest()
        if found == report.sha256:
            return content
    journal.record(
        tenant=report.tenant,
        actor=by,
        action="report.file_refused",
        target=f"report:{report.number}",
        details={"report": report.pk, "sha256": report.sha256, "found": found or "no file"},
    )
    log.error("report_file_refused", report=str(report.pk), sha256=report.sha256, found=found)
    return None
