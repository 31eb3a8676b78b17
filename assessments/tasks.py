"""Celery tasks of assessments. Each task opens a transaction that sees the rows of one tenant (`tenants.scope`), or
calls an action that opens such a transaction.
"""

from typing import Any
from uuid import UUID

import structlog
from celery import Task, shared_task
from django.conf import settings

from assessments.actions.check_finding import run_check
from assessments.actions.credentials.attempts import run_attempt
from assessments.actions.credentials.managing_attempts import run_managing_attempt
from assessments.actions.credentials.preflight import run_requested
from assessments.actions.names import refresh_names as refresh_names_action
from assessments.actions.prepare import prepare as prepare_action
from assessments.actions.recover import recover
from assessments.actions.scans.folder import import_from_folder, unknown_folders, waiting_files
from assessments.actions.scans.imports import match_again
from assessments.actions.schedules import resume, start_due
from assessments.actions.task_names import (
    CHECK_FINDING,
    IMPORT_SCANS,
    MATCH_SCANS,
    REFRESH_NAMES,
    RESUME_SCHEDULE,
    TRY_CREDENTIAL,
    TRY_MANAGING_CREDENTIAL,
    WATCH,
)
from assessments.actions.units.lease import Busy
from assessments.actions.units.run import run_unit as run_unit_action
from assessments.actions.watch.run import run_watch
from assessments.actions.watch.turns import send_due
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Tenant
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)


@shared_task(bind=True, name="assessments.tasks.prepare", **RETRY_ON_DATABASE_ERRORS)
def prepare(self: Task[Any, Any], tenant_id: str, assessment_id: str) -> None:
    """Find the subscriptions of an assessment and create its units."""
    prepare_action(tenant_id=tenant_id, assessment_id=assessment_id)


@shared_task(bind=True, name="assessments.tasks.run_unit", **RETRY_ON_DATABASE_ERRORS)
def run_unit(self: Task[Any, Any], tenant_id: str, unit_id: str) -> None:
    """Read one unit of an assessment, judge it and store the verdicts. If the unit cannot run now (`Busy`), for example
    because another worker holds it, retry later.
    """
    try:
        run_unit_action(tenant_id=tenant_id, unit_id=unit_id, worker=str(self.request.hostname or ""))
    except Busy as busy:
        raise self.retry(countdown=busy.seconds, exc=None) from None


@shared_task(bind=True, name=CHECK_FINDING, **RETRY_ON_DATABASE_ERRORS)
def check_finding(
    self: Task[Any, Any], tenant_id: str, finding_id: str, _earlier_person_id: str = ""
) -> None:
    """Judge the subject of one finding again, while a page waits for the result.

    `_earlier_person_id` is the id of the requester in messages that were queued before an upgrade. It is ignored,
    because it can be forged.
    """
    try:
        run_check(tenant_id=UUID(tenant_id), finding_id=UUID(finding_id))
    except Busy as busy:
        raise self.retry(countdown=busy.seconds, exc=None) from None


@shared_task(name=REFRESH_NAMES, **RETRY_ON_DATABASE_ERRORS)
def refresh_names(tenant_id: str, assessment_id: str) -> None:
    """Read missing names of people, applications and other objects from Microsoft Graph, and delete names that are no
    longer used. This runs after each assessment (`SURETY_AFTER_ASSESSMENT`).
    """
    refresh_names_action(tenant_id=UUID(tenant_id))


@shared_task(name=MATCH_SCANS, **RETRY_ON_DATABASE_ERRORS)
def match_scans(tenant_id: str, assessment_id: str) -> None:
    """Match the entries of imported scans with the virtual machines that now exist. This runs after each assessment
    (`SURETY_AFTER_ASSESSMENT`)."""
    match_again(tenant_id=UUID(tenant_id))


@shared_task(name=IMPORT_SCANS, **RETRY_ON_DATABASE_ERRORS)
def import_scans(tenant_id: str) -> None:
    """Import the files in the customer's folder below `SURETY_SCAN_FOLDER`."""
    with tenant_scope(tenant_id):
        done = import_from_folder(tenant=Tenant.objects.select_related("organization").get(pk=tenant_id))
    if done:
        log.info("scan folder", tenant=tenant_id, files=done)


@shared_task(name="assessments.tasks.look_for_scans")
def look_for_scans() -> None:
    """Enqueue a task for each customer who has files to import in their folder below `SURETY_SCAN_FOLDER`. Log a
    warning for each folder there that belongs to no customer. This task runs every few minutes.
    """
    if not settings.SURETY_SCAN_FOLDER:
        return
    expected: set[tuple[str, str]] = set()

    def import_waiting(tenant: Tenant) -> None:
        expected.add((tenant.organization.slug, tenant.slug))
        if waiting_files(tenant):
            enqueue(IMPORT_SCANS, tenant.pk)

    for_each_tenant(import_waiting)
    for folder in unknown_folders(expected):
        log.warning("scan folder belongs to no customer", path=str(folder))


@shared_task(name="assessments.tasks.preflight", **RETRY_ON_DATABASE_ERRORS)
def preflight(tenant_id: str, service_principal_id: str, _earlier_person_id: str = "") -> None:
    """Check which data a service principal may read, while a page of the settings waits for the result.

    `_earlier_person_id` is the id of the requester in messages that were queued before an upgrade. It is ignored,
    because it can be forged.
    """
    run_requested(tenant_id=UUID(tenant_id), service_principal_id=UUID(service_principal_id))


@shared_task(name=RESUME_SCHEDULE, **RETRY_ON_DATABASE_ERRORS)
def resume_schedule(tenant_id: str) -> None:
    """If the schedule of a customer is paused, sign in with the service principals that Entra refused. Start an
    assessment if Entra now accepts one of these service principals.
    """
    resume(tenant_id=UUID(tenant_id))


@shared_task(name=TRY_CREDENTIAL, **RETRY_ON_DATABASE_ERRORS)
def try_credential(tenant_id: str, attempt_id: str) -> None:
    """Sign in with a new or stored credential, while a page waits for the result."""
    run_attempt(tenant_id=UUID(tenant_id), attempt_id=UUID(attempt_id))


@shared_task(name=TRY_MANAGING_CREDENTIAL, **RETRY_ON_DATABASE_ERRORS)
def try_managing_credential(organization_id: str, attempt_id: str) -> None:
    """Sign in with a credential of an organization's own service principal, while a page waits for the result."""
    run_managing_attempt(organization_id=UUID(organization_id), attempt_id=UUID(attempt_id))


@shared_task(bind=True, name=WATCH, **RETRY_ON_DATABASE_ERRORS)
def watch(self: Task[Any, Any], tenant_id: str, watch_id: str) -> None:
    """Read the activity log of a subscription or the audit log of a directory. In a subscription, also judge again the
    resources that somebody changed.
    """
    try:
        run_watch(tenant_id=UUID(tenant_id), watch_id=UUID(watch_id))
    except Busy as busy:
        raise self.retry(countdown=busy.seconds, exc=None) from None


@shared_task(name="assessments.tasks.tick")
def tick() -> None:
    """For each tenant, send lost messages again, start due assessments, and start due turns of the watch. This runs
    once a minute.
    """
    for_each_tenant(_recover_and_start_due)


def _recover_and_start_due(tenant: Tenant) -> None:
    sent, started = recover(tenant=tenant), start_due(tenant=tenant)
    sent += send_due(tenant=tenant)
    if sent or started:
        log.info("tick", tenant=str(tenant.pk), sent=sent, started=bool(started))
