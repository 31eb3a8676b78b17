"""Celery tasks of the distribution of reports."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from celery import shared_task

from portal.distribution.actions import portfolio_deliveries, portfolio_runs
from portal.distribution.actions.deliveries import are_due, send_due
from portal.distribution.actions.runs import is_due, run_due
from portal.distribution.actions.schedules import sync_copies
from portal.distribution.models import OrganizationReportSchedule
from portal.distribution.task_names import RUN, RUN_PORTFOLIO, SEND, SEND_PORTFOLIO
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Organization, Tenant
from tenants.scope import organization_scope
from tenants.selectors import organization_ids

SYNC_COPIES: Final = "portal.distribution.tasks.follow"


@shared_task(name="portal.distribution.tasks.tick")
def tick() -> None:
    """Run every minute. For each organization, enqueue the task that copies its schedules to its customers. For
    organizations and customers with due runs or mails, enqueue the tasks that carry these out.
    """
    for organization_id in organization_ids():
        enqueue(SYNC_COPIES, organization_id)
        _enqueue_due_portfolios(organization_id)
    for_each_tenant(_enqueue_due)


def _enqueue_due(tenant: Tenant) -> None:
    if is_due(tenant):
        enqueue(RUN, tenant.pk)
    if are_due(tenant):
        enqueue(SEND, tenant.pk)


def _enqueue_due_portfolios(organization_id: UUID) -> None:
    with organization_scope(organization_id):
        organization = Organization.objects.get(pk=organization_id)
        if portfolio_runs.is_due(organization):
            enqueue(RUN_PORTFOLIO, organization_id)
        if portfolio_deliveries.are_due(organization):
            enqueue(SEND_PORTFOLIO, organization_id)


@shared_task(name=RUN, **RETRY_ON_DATABASE_ERRORS)
def run(tenant_id: str) -> None:
    """Create due runs of a customer, request their reports, and record the builds that have ended."""
    run_due(tenant_id=UUID(tenant_id))


@shared_task(name=SEND, **RETRY_ON_DATABASE_ERRORS)
def send(tenant_id: str) -> None:
    """Send the due mails with reports of a customer."""
    send_due(tenant_id=UUID(tenant_id))


@shared_task(name=SYNC_COPIES, **RETRY_ON_DATABASE_ERRORS)
def sync_copies_of_schedules(organization_id: str) -> None:
    """Copy the schedules of an organization to its new customers, and remove copies that no longer apply."""
    with organization_scope(UUID(organization_id)):
        for row in OrganizationReportSchedule.objects.order_by("pk"):
            sync_copies(row)


@shared_task(name=RUN_PORTFOLIO, **RETRY_ON_DATABASE_ERRORS)
def run_portfolio(organization_id: str) -> None:
    """Create due runs of portfolio reports, request the reports, and record the builds that have ended."""
    portfolio_runs.run_due(organization_id=UUID(organization_id))


@shared_task(name=SEND_PORTFOLIO, **RETRY_ON_DATABASE_ERRORS)
def send_portfolio(organization_id: str) -> None:
    """Send the due mails with portfolio reports of an organization."""
    portfolio_deliveries.send_due(organization_id=UUID(organization_id))
