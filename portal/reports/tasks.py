"""Celery tasks of the reports."""

from typing import Any

from celery import Task, shared_task

from portal.reports.actions import build_requested
from portal.reports.builds import BUILD, recover
from tenants.dispatch import for_each_tenant
from tenants.models import Tenant


@shared_task(bind=True, name=BUILD)
def build(self: Task[Any, Any], tenant_id: str, report_id: str) -> None:
    """Build a requested report, unless another worker builds it."""
    build_requested(tenant_id=tenant_id, report_id=report_id, worker=str(self.request.hostname or ""))


@shared_task(name="portal.reports.tasks.tick")
def tick() -> None:
    """Run every minute: continue or fail builds whose worker or message was lost."""
    for_each_tenant(_recover)


def _recover(tenant: Tenant) -> None:
    recover(tenant=tenant)
