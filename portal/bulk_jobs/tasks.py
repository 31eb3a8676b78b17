"""Celery tasks of bulk jobs. A periodic task (“tick”) sends lost messages again."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from portal.bulk_jobs.actions.requests import delete_old_jobs
from portal.bulk_jobs.actions.run import run_jobs
from portal.bulk_jobs.models import BulkJob
from portal.bulk_jobs.task_names import RUN
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue
from tenants.scope import organization_scope
from tenants.selectors import organization_ids, tenant_ids


@shared_task(name=RUN, **RETRY_ON_DATABASE_ERRORS)
def run(organization_id: str) -> None:
    """Work on the jobs of an organization for some seconds. Do nothing if another worker is already doing so."""
    run_jobs(organization_id=UUID(organization_id))


@shared_task(name="portal.bulk_jobs.tasks.tick")
def tick() -> None:
    """Run once a minute: enqueue a task for each organization with an unfinished job."""
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            if BulkJob.objects.filter(state__in=BulkJob.ACTIVE).exists():
                enqueue(RUN, organization_id)


@shared_task(name="portal.bulk_jobs.tasks.delete_all_old", **RETRY_ON_DATABASE_ERRORS)
def delete_all_old() -> None:
    """Run once a day: delete the jobs that ended more than 30 days ago."""
    for tenant_id in tenant_ids():
        delete_old_jobs(tenant_id)
