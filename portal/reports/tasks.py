"""Celery tasks of the reports."""

from typing import Any, Final

from celery import Task, shared_task
from django.conf import settings

from portal.reports.actions import build_requested
from portal.reports.builds import BUILD, recover
from portal.reports.renewal import RENEW, due_reports, renew
from portal.reports.renewal_failures import note_failure
from tenants.actors import System
from tenants.dispatch import enqueue, for_each_tenant
from tenants.errors import SuretyError
from tenants.models import Tenant

SECONDS_TO_FAIL: Final = 15
"""The time limit of a task exceeds the time limit of its build by this number of seconds. In this time, the heartbeat
marks the report as failed. Then Celery ends the process.
"""


# If a build hangs, Celery kills its process. Rendering runs in native code, which cannot be stopped in another way.
@shared_task(bind=True, name=BUILD, time_limit=settings.SURETY_REPORT_SECONDS + SECONDS_TO_FAIL)
def build(self: Task[Any, Any], tenant_id: str, report_id: str) -> None:
    """Build a requested report. Do nothing if another worker already builds it, or if the build has ended."""
    build_requested(tenant_id=tenant_id, report_id=report_id, worker=str(self.request.hostname or ""))


# The time limit of a renewal in seconds. The limit is long, because a renewal can send requests to several servers, and
# may have to wait for each answer.
RENEWAL_SECONDS: Final = 1800


@shared_task(name="portal.reports.tasks.tick")
def tick() -> None:
    """Send lost builds to workers again, or mark them as failed. Runs every minute.

    A build is lost if its worker has stopped, or if no worker received its message.
    """
    for_each_tenant(_recover)


@shared_task(name="portal.reports.tasks.renew_time_stamps")
def renew_time_stamps() -> None:
    """Start the renewal of all archive time stamps that are due. Runs every night."""
    for_each_tenant(_renew)


def _renew(tenant: Tenant) -> None:
    for report in due_reports(tenant):
        enqueue(RENEW, tenant.pk, report.pk)


@shared_task(name=RENEW, time_limit=RENEWAL_SECONDS)
def renew_report(tenant_id: str, report_id: str) -> None:
    """Renew the archive time stamp of a report.

    If the renewal fails, notify administrators. The next night, a task tries again.
    """
    by = System("time stamps")
    try:
        renew(tenant_id=tenant_id, report_id=report_id, by=by)
    except SuretyError as error:
        note_failure(tenant_id=tenant_id, report_id=report_id, reason=error.message, by=by)


def _recover(tenant: Tenant) -> None:
    recover(tenant=tenant)
