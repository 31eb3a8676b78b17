"""Celery tasks of the portfolio reports."""

from typing import Any

from celery import Task, shared_task
from django.conf import settings

from portal.portfolio_reports.actions import BUILDS, build_requested
from portal.portfolio_reports.renewal import due_reports, note_failure, renew
from portal.portfolio_reports.retention import delete_old
from portal.portfolio_reports.task_names import BUILD, RENEW
from portal.reports.tasks import RENEWAL_SECONDS, SECONDS_TO_FAIL
from tenants.actors import System
from tenants.dispatch import enqueue
from tenants.errors import SuretyError
from tenants.models import Organization
from tenants.scope import organization_scope
from tenants.selectors import organization_ids


@shared_task(bind=True, name=BUILD, time_limit=settings.SURETY_REPORT_SECONDS + SECONDS_TO_FAIL)
def build(self: Task[Any, Any], organization_id: str, report_id: str) -> None:
    """Build a requested report, unless another worker is already building it."""
    build_requested(
        organization_id=organization_id, report_id=report_id, worker=str(self.request.hostname or "")
    )


@shared_task(name="portal.portfolio_reports.tasks.tick")
def tick() -> None:
    """Run every minute. Continue builds whose worker or message was lost, or mark them as failed."""
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            BUILDS.recover(Organization.objects.get(pk=organization_id))


@shared_task(name="portal.portfolio_reports.tasks.delete_all_old")
def delete_all_old() -> None:
    """Run once a day: delete old reports of every organization."""
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            delete_old(Organization.objects.get(pk=organization_id))


@shared_task(name="portal.portfolio_reports.tasks.renew_time_stamps")
def renew_time_stamps() -> None:
    """Run every night: renew the archive time stamps that are due."""
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            for report in due_reports(Organization.objects.get(pk=organization_id)):
                enqueue(RENEW, organization_id, report.pk)


@shared_task(name=RENEW, time_limit=RENEWAL_SECONDS)
def renew_report(organization_id: str, report_id: str) -> None:
    """Renew the archive time stamp of a report. If the renewal fails, notify the administrators of the organization;
    the renewal is then tried again in the next night.
    """
    by = System("time stamps")
    try:
        renew(organization_id=organization_id, report_id=report_id, by=by)
    except SuretyError as error:
        note_failure(organization_id=organization_id, report_id=report_id, reason=error.message, by=by)
