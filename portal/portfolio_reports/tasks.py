"""Celery tasks of the portfolio reports."""

from typing import Any

from celery import Task, shared_task
from django.conf import settings

from portal.portfolio_reports.actions import BUILDS, build_requested
from portal.portfolio_reports.retention import delete_old
from portal.portfolio_reports.task_names import BUILD
from portal.reports.tasks import SECONDS_TO_FAIL
from tenants.models import Organization
from tenants.scope import organization_scope
from tenants.selectors import organization_ids


@shared_task(bind=True, name=BUILD, time_limit=settings.SURETY_REPORT_SECONDS + SECONDS_TO_FAIL)
def build(self: Task[Any, Any], organization_id: str, report_id: str) -> None:
    """Build a requested report, unless another worker builds it."""
    build_requested(
        organization_id=organization_id, report_id=report_id, worker=str(self.request.hostname or "")
    )


@shared_task(name="portal.portfolio_reports.tasks.tick")
def tick() -> None:
    """Run every minute: continue or fail builds whose worker or message was lost."""
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            BUILDS.recover(Organization.objects.get(pk=organization_id))


@shared_task(name="portal.portfolio_reports.tasks.delete_all_old")
def delete_all_old() -> None:
    """Run once a day: delete old reports of every organization."""
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            delete_old(Organization.objects.get(pk=organization_id))
