"""Build a report now with `build_report`, or let a worker build it with `request_report`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Unpack
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.changes.actions.record import wait_until_recorded
from portal.reports.attachment_files import Attachment
from portal.reports.attachments.files import attach, unit_manifests
from portal.reports.builds import (
    BUILD,
    CUSTOMER_BUILDS,
    WORKER,
    BuildLease,
    BuildStopped,
    claim,
    occupies_worker,
)
from portal.reports.create import Choices, create_report
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import SigningIdentity
from portal.reports.models import Report
from portal.reports.page_content import content_of_facts
from portal.reports.parts import identity
from portal.reports.parts.part import ReportFacts
from portal.reports.records.register import supersede
from portal.reports.render import render
from portal.reports.signed_content import (
    SignedContent,
    sign_rendered,
    stored,
    unchanged_file,
    usable_identity,
)
from tenants import journal
from tenants.actors import Actor
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.models import Tenant

log = structlog.get_logger(__name__)

MAX_BUILDING: Final = 3
"""The maximum number of a customer's reports that workers build at the same time."""
LOST_AFTER: Final = timedelta(hours=1)
"""A report that has been building for longer than this counts towards `MAX_BUILDING` only while a worker holds its
lease.
"""


@transaction.atomic
def build_report(*, tenant: Tenant, by: Actor, **choices: Unpack[Choices]) -> Report:
    """Gather, render, sign and store a report now, inside the tenant's scope.

    Raises NoFinishedAssessment if there is no assessment to report, and SigningUnavailable if the certificate or the
    time-stamp authority cannot be used. In both cases nothing is stored.
    """
    report = create_report(tenant, by, choices)
    signing = usable_identity()
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
    """Raise Conflict if too many other reports of the customer occupy workers. A cancelled report can occupy a worker
    for some time, too.

    Without this limit, reports and mails of other customers would have to wait. The caller holds the lock on report
    numbers, so that no other request of the customer is checked at the same time.
    """
    now = timezone.now()
    recent = Q(state=Report.State.BUILDING, created_at__gt=now - LOST_AFTER)
    counted = Report.objects.filter(recent | occupies_worker(now), tenant=report.tenant)
    if counted.exclude(pk=report.pk).count() >= MAX_BUILDING:
        raise Conflict(
            f"{MAX_BUILDING} reports of {report.tenant.name} are already being built, which is the maximum. Wait"
            " until one is ready. A cancelled report counts until its worker has stopped, which can take some"
            " minutes.",
            code="reports_building",
        )


def build_requested(*, tenant_id: UUID | str, report_id: UUID | str, worker: str = "") -> None:
    """Build a requested report. Do nothing if another worker is building it, or if its build has ended.

    No transaction is open while the report is rendered and signed. If the database connection is lost, the build ends,
    and a periodic task later sends the message that starts the build again.
    """
    lease = claim(tenant_id=tenant_id, report_id=report_id, worker=worker)
    if lease is not None:
        CUSTOMER_BUILDS.carry_out(lease, _build)


def _build(lease: BuildLease) -> None:
    # A schedule requests a report as soon as an assessment has ended. At this time, Surety has perhaps not recorded the
    # changes of resources. Record them, or wait for the task that is recording them: otherwise, the report would say
    # that no resource changed.
    wait_until_recorded(tenant_id=lease.owner_id)
    with lease.scope():
        report = lease.rows().select_related("tenant__organization", "assessment").first()
        if report is None:
            raise BuildStopped
        signing = usable_identity()
        facts, attachments = _gather(report, signing)
    signed = _render_and_sign(facts, attachments, signing, lease.enter)
    with lease.scope():
        _store(lease.held(), signed, signing, WORKER)


def _gather(report: Report, signing: SigningIdentity) -> tuple[ReportFacts, list[Attachment]]:
    return attach(gather_facts(report, signing), report.tenant, unit_manifests(report.assessment))


def _render_and_sign(
    facts: ReportFacts,
    attachments: list[Attachment],
    signing: SigningIdentity,
    enter: Callable[[Report.Step], None] = lambda step: None,
) -> SignedContent:
    """Return the signed report. At the beginning of each step, call `enter` with the step. `enter` may raise
    BuildStopped.
    """
    enter(Report.Step.RENDERING)
    rendered = render(facts, attachments)
    report = facts.of(identity.PART).identity
    return sign_rendered(
        rendered,
        content_of_facts(facts, rendered.headings),
        signing,
        report=report.report_id,
        level=report.level,
        smaller="Build the report on an assessment of fewer subscriptions, or export the findings.",
        enter=enter,
    )


def _store(report: Report, signed: SignedContent, signing: SigningIdentity, by: Actor) -> None:
    with stored(report, signed, signing):
        details = {
            "kind": report.kind,
            "assessment": report.assessment.number,
            "sha256": report.sha256,
            "size": report.size,
            "level": report.level,
            "signer": report.signer,
        }
        CUSTOMER_BUILDS.record(report, by, "built", details)
        supersede(report, by)


def read_file(*, report: Report, by: Actor) -> bytes | None:
    """Return the report's file.

    If the file is missing or differs from the signed file, write a journal entry and return None.
    """
    return unchanged_file(report, lambda details: CUSTOMER_BUILDS.record(report, by, "file_refused", details))
