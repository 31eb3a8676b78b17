"""Building reports: at once (`build_report`), or by a worker (`request_report`)."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max

from assessments.models import Assessment
from assessments.selectors import latest
from portal.reports.attachments import Attached, attach
from portal.reports.build import gather, moment_of, unit_manifests
from portal.reports.errors import NothingToReport
from portal.reports.facts import ReportFacts
from portal.reports.models import Report
from portal.reports.render import render
from portal.reports.sign import planned_level, sign
from portal.reports.signing_identity import SigningIdentity, ensure_signing_identity
from tenants import journal
from tenants.actors import Actor, System
from tenants.errors import NotFound, SuretyError, invalid
from tenants.locks import Lock, lock
from tenants.models import Person, Tenant
from tenants.scope import tenant_scope

WORKER = System("report worker")
MAX_CLASSIFICATION = 60


@transaction.atomic
def build_report(
    *, tenant: Tenant, by: Actor, assessment: Assessment | None = None, classification: str = "Confidential"
) -> Report:
    """Gather, render, sign and store a report now, inside the tenant's scope.

    About `assessment`, the newest that finished by default. Raises NothingToReport where there is none,
    SigningUnusable where the certificate or the time-stamp authority fails; then nothing is left behind.
    """
    report = _new(tenant, by, assessment, classification)
    identity = ensure_signing_identity()
    facts, attached = _gather(report, identity)
    _store(report, _signed(facts, attached, identity), identity, by)
    return report


@transaction.atomic
def request_report(
    *, tenant: Tenant, by: Actor, assessment: Assessment | None = None, classification: str = "Confidential"
) -> Report:
    """Note a report and have a worker build it: its `state` goes from building to ready or failed."""
    report = _new(tenant, by, assessment, classification)
    journal.record(
        tenant=tenant,
        actor=by,
        action="report.requested",
        target=f"report:{report.number}",
        details={"report": report.pk, "assessment": report.assessment.number},
    )
    from portal.reports.tasks import build  # the task imports this module

    tenant_id, report_id = str(tenant.pk), str(report.pk)
    transaction.on_commit(lambda: build.delay(tenant_id, report_id))
    return report


def build_requested(*, tenant_id: UUID | str, report_id: UUID | str) -> None:
    """What the worker does. Rendering holds no transaction; delivered twice, the report is stored once."""
    try:
        with tenant_scope(tenant_id):
            report = _waiting(report_id)
            if report is None:
                return
            identity = ensure_signing_identity()
            facts, attached = _gather(report, identity)
        signed = _signed(facts, attached, identity)
        with tenant_scope(tenant_id):
            report = _waiting(report_id, lock=True)
            if report is not None:
                _store(report, signed, identity, WORKER)
    except SuretyError as error:
        _failed(tenant_id, report_id, error.message)
    except Exception as error:
        # Said to who asked, and then raised: it is a fault of ours that belongs into the log.
        _failed(tenant_id, report_id, f"The report could not be built ({type(error).__name__}). See the log.")
        raise


def _new(tenant: Tenant, by: Actor, assessment: Assessment | None, classification: str) -> Report:
    words = " ".join(classification.split())
    if not words or len(words) > MAX_CLASSIFICATION:
        raise invalid("classification", f"Give a classification of 1 to {MAX_CLASSIFICATION} characters.")
    chosen = assessment or latest(tenant)
    if chosen is None:
        raise NothingToReport(
            f"{tenant.name} has no assessment that has finished. Start one, then build the report."
        )
    if chosen.tenant_id != tenant.pk:
        raise NotFound("There is no such assessment, or you have no access to it.")
    if chosen.is_active:
        raise NothingToReport(
            f"Assessment {chosen.number} is still running. Wait for its end, then try again."
        )
    lock(Lock.REPORT_NUMBERS, tenant.pk)
    number = (Report.objects.filter(tenant=tenant).aggregate(last=Max("number"))["last"] or 0) + 1
    person = by if isinstance(by, Person) else None
    return Report.objects.create(
        tenant=tenant,
        number=number,
        title=f"Azure compliance report for {tenant.name}"[:300],
        classification=words,
        requested_by=person,
        requested_as=_named(by)[:320],
        assessment=chosen,
        as_of=moment_of(chosen),
    )


def _named(actor: Actor) -> str:
    """Who asked, as the report prints it."""
    if isinstance(actor, System):
        return f"Surety ({actor.name})"
    return f"{actor.name} <{actor.email}>" if actor.name else actor.email


def _waiting(report_id: UUID | str, *, lock: bool = False) -> Report | None:
    rows = Report.objects.filter(pk=report_id, state=Report.State.BUILDING)
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.select_related("tenant__organization", "assessment").first()


def _gather(report: Report, identity: SigningIdentity) -> tuple[ReportFacts, list[Attached]]:
    return attach(gather(report, identity), report.tenant, unit_manifests(report.assessment))


def _signed(facts: ReportFacts, attached: list[Attached], identity: SigningIdentity) -> tuple[bytes, int]:
    rendered = render(facts, attached)
    reason = f"Report {facts.identity.report_id} as Surety {facts.identity.product_version} made it"
    return sign(rendered.content, identity, reason=reason), rendered.pages


def _store(report: Report, signed: tuple[bytes, int], identity: SigningIdentity, by: Actor) -> None:
    content, report.pages = signed
    report.size = len(content)
    report.sha256 = hashlib.sha256(content).hexdigest()
    report.level = planned_level()
    report.signer = identity.name[:300]
    report.self_made = identity.self_signed
    report.state = Report.State.READY
    storage = report.file.storage
    report.file.save(report.file_name, ContentFile(content), save=False)
    name = str(report.file.name)
    try:
        with transaction.atomic():
            report.save()
            journal.record(
                tenant=report.tenant,
                actor=by,
                action="report.built",
                target=f"report:{report.number}",
                details={
                    "report": report.pk,
                    "assessment": report.assessment.number,
                    "sha256": report.sha256,
                    "size": report.size,
                    "level": report.level,
                    "signer": report.signer,
                },
            )
    except BaseException:
        storage.delete(name)  # the transaction takes the row back; nothing would know of the file
        raise


def _failed(tenant_id: UUID | str, report_id: UUID | str, message: str) -> None:
    with tenant_scope(tenant_id):
        report = _waiting(report_id, lock=True)
        if report is None:
            return
        report.state, report.error = Report.State.FAILED, message
        report.save(update_fields=["state", "error"])
        journal.record(
            tenant=report.tenant,
            actor=WORKER,
            action="report.failed",
            target=f"report:{report.number}",
            details={"report": report.pk, "error": message},
        )
