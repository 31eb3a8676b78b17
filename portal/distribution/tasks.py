"""Celery tasks of the distribution of reports."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from celery import shared_task

from portal.distribution.actions.deliveries import are_due, send_due
from portal.distribution.actions.runs import is_due, run_due
from portal.distribution.actions.schedules import follow_origin
from portal.distribution.models import OrganizationReportSchedule
from portal.distribution.task_names import RUN, SEND
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Tenant
from tenants.scope import organization_scope
from tenants.selectors import organization_ids

FOLLOW: Final = "portal.distribution.tasks.follow"


@shared_task(name="portal.distribution.tasks.tick")
def tick() -> None:
    """Run every minute: send a task for each organization, and for each customer with something to do."""
    for organization_id in organization_ids():
        enqueue(FOLLOW, organization_id)
    for_each_tenant(_enqueue_due)


def _enqueue_due(tenant: Tenant) -> None:
    if is_due(tenant):
        enqueue(RUN, tenant.pk)
    if are_due(tenant):
        enqueue(SEND, tenant.pk)


@shared_task(name=RUN, **RETRY_ON_DATABASE_ERRORS)
def run(tenant_id: str) -> None:
    """Create due runs of a customer, request their reports, and note the builds that have ended."""
    run_due(tenant_id=UUID(tenant_id))


@shared_task(name=SEND, **RETRY_ON_DATABASE_ERRORS)
def send(tenant_id: str) -> None:
    """Send the due mails with reports of a customer."""
    send_due(tenant_id=UUID(tenant_id))


@shared_task(name=FOLLOW, **RETRY_ON_DATABASE_ERRORS)
def follow(organization_id: str) -> None:
    """Copy the schedules of an organization to its new customers, and remove copies that no longer apply."""
    with organization_scope(UUID(organization_id)):
        for row in OrganizationReportSchedule.objects.order_by("pk"):
            follow_origin(row)
