"""Celery tasks that record changes: after each assessment, and once a minute from new readings of the logs."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from portal.changes.actions.overdue import notify_overdue, overdue_changes
from portal.changes.actions.record import needs_recording, record_changes
from portal.changes.task_names import AFTER_ASSESSMENT, RECORD
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Tenant
from tenants.scope import tenant_scope


@shared_task(name=AFTER_ASSESSMENT, **RETRY_ON_DATABASE_ERRORS)
def after_assessment(tenant_id: str, assessment_id: str) -> None:
    """Record the changes that are not recorded yet, such as those that the assessment found. The setting
    `SURETY_AFTER_ASSESSMENT` lists this task.
    """
    del assessment_id
    record_changes(tenant_id=tenant_id)


@shared_task(name=RECORD, **RETRY_ON_DATABASE_ERRORS)
def record(tenant_id: str) -> None:
    """Record the new changes of a customer, and notify the owners of overdue changes.

    The new changes come from readings of logs, or from an assessment whose message for `after_assessment` was lost.
    """
    record_changes(tenant_id=tenant_id)
    with tenant_scope(tenant_id):
        notify_overdue(tenant=Tenant.objects.get(pk=tenant_id), now=timezone.now())


@shared_task(name="portal.changes.tasks.tick")
def tick() -> None:
    """Run once a minute: enqueue a task for each tenant with something to record or an overdue change."""
    for_each_tenant(_enqueue_due)


def _enqueue_due(tenant: Tenant) -> None:
    if needs_recording(tenant) or overdue_changes(tenant, timezone.now()).exists():
        enqueue(RECORD, tenant.pk)
