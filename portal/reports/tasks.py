"""Celery tasks of the reports."""

from typing import Any, Final

from celery import Task, shared_task
from django.conf import settings

from portal.reports.actions import build_requested
from portal.reports.builds import BUILD, recover
from tenants.dispatch import for_each_tenant
from tenants.models import Tenant

SECONDS_TO_FAIL: Final = 15
"""Seconds after the end of a build's time that its heartbeat gets to let the report fail."""


# Celery kills the process of a build that hangs: rendering in native code cannot be ended in any other way.
@shared_task(bind=True, name=BUILD, time_limit=settings.SURETY_REPORT_SECONDS + SECONDS_TO_FAIL)
def build(self: Task[Any, Any], tenant_id: str, report_id: str) -> None:
    """Build a requested report, unless another worker builds it."""
    build_requested(tenant_id=tenant_id, report_id=report_id, worker=str(self.request.hostname or ""))


@shared_task(name="portal.reports.tasks.tick")
def tick() -> None:
    """Run every minute: continue or fail builds whose worker or message was lost."""
    for_each_tenant(_recover)


def _recover(tenant: Tenant) -> None:
    recover(tenant=tenant)
