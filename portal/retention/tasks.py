"""Celery tasks of retention."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from celery import shared_task

from portal.retention.actions.policy import announce_defaults, announce_pending
from portal.retention.actions.runs import WORKER, carry_out, request_run, resend_lost
from portal.retention.selectors import ending_hold, hold_of, pending_rules
from portal.retention.task_names import ANNOUNCE, RUN
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import tenant_scope


@shared_task(name=RUN, **RETRY_ON_DATABASE_ERRORS)
def run(tenant_id: str, run_id: str) -> None:
    """Carry out a run that previews a policy or deletes data. A second message for the same run does no harm."""
    carry_out(tenant_id=UUID(tenant_id), run_id=UUID(run_id))


@shared_task(name=ANNOUNCE, **RETRY_ON_DATABASE_ERRORS)
def announce(tenant_id: str) -> None:
    """Announce shorter periods and lifted holds to administrators of a tenant and its organization."""
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        announce_pending(tenant=tenant)
    announce_defaults(organization_id=tenant.organization_id)


@shared_task(name="portal.retention.tasks.start_all")
def start_all() -> None:
    """For each tenant, start a run that deletes the tenant's old data. Runs every day.

    Each tenant has its own run, so that no tenant delays another tenant.
    """
    for_each_tenant(_start)


@shared_task(name="portal.retention.tasks.tick")
def tick() -> None:
    """Send the tasks of lost runs again. Announce shorter periods and lifted holds that were not announced at once.
    Runs every ten minutes.
    """
    for_each_tenant(_enqueue_due)


@shared_task(name="portal.notify.tasks.prune_all")
def prune_all() -> None:
    """Run `start_all`. Earlier versions used this task's name, so queued messages may contain it."""
    start_all()


@shared_task(name="portal.notify.tasks.prune", **RETRY_ON_DATABASE_ERRORS)
def prune(tenant_id: str) -> None:
    """Start a run that deletes a tenant's old data.

    Earlier versions used this task's name, so queued messages may contain it.
    """
    with tenant_scope(tenant_id):
        _start(Tenant.objects.get(pk=tenant_id))


def _start(tenant: Tenant) -> None:
    if hold_of(tenant) is None:
        with suppress(Conflict):  # A Conflict means that an earlier run is still active.
            request_run(tenant=tenant, by=WORKER, dry_run=False)


def _enqueue_due(tenant: Tenant) -> None:
    resend_lost(tenant=tenant)
    if pending_rules(tenant) or ending_hold(tenant):
        enqueue(ANNOUNCE, tenant.pk)
