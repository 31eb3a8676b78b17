"""Celery tasks of customers that leave."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from portal.leaving.actions import delete_old_exports, resend_lost, run_export
from portal.leaving.task_names import DELETE_EXPORTS, RUN_EXPORT
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Tenant
from tenants.scope import tenant_scope


@shared_task(name=RUN_EXPORT)
def export(tenant_id: str, export_id: str) -> None:
    """Write an export. A second message for the same export does no harm."""
    run_export(tenant_id=UUID(tenant_id), export_id=UUID(export_id))


@shared_task(name=DELETE_EXPORTS, **RETRY_ON_DATABASE_ERRORS)
def delete_exports(tenant_id: str) -> None:
    """Delete a tenant's exports that have expired."""
    with tenant_scope(tenant_id):
        delete_old_exports(tenant_id=UUID(tenant_id))


@shared_task(name="portal.leaving.tasks.tick")
def tick() -> None:
    """Run every ten minutes: resend lost exports, and delete expired ones, tenant by tenant."""
    for_each_tenant(_enqueue_due)


def _enqueue_due(tenant: Tenant) -> None:
    resend_lost(tenant=tenant)
    enqueue(DELETE_EXPORTS, tenant.pk)
