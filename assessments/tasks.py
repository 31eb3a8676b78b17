"""Celery's way in: each task opens one tenant's scope or calls an action that does."""

from typing import Any
from uuid import UUID

import structlog
from celery import Task, shared_task
from django.db import InterfaceError, OperationalError

from assessments.actions.lease import Busy
from assessments.actions.preflight import run_requested
from assessments.actions.prepare import prepare as prepare_action
from assessments.actions.recover import recover, start_due
from assessments.actions.run_unit import run_unit as run_unit_action
from tenants.models import Tenant, TenantKey
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

# A failed task's message is gone, and the tick finds lost work only after a minute. Celery retries these
# errors by itself, after 1, 2, 4, 8, 8, ... seconds.
WHILE_THE_DATABASE_IS_AWAY: dict[str, Any] = {
    "autoretry_for": (OperationalError, InterfaceError),
    "max_retries": None,
    "retry_backoff": 1,
    "retry_backoff_max": 8,
    "retry_jitter": False,
}


@shared_task(bind=True, name="assessments.tasks.prepare", **WHILE_THE_DATABASE_IS_AWAY)
def prepare(self: Task[Any, Any], tenant_id: str, assessment_id: str) -> None:
    """Find the subscriptions of an assessment and make its units."""
    prepare_action(tenant_id=tenant_id, assessment_id=assessment_id)


@shared_task(bind=True, name="assessments.tasks.run_unit", **WHILE_THE_DATABASE_IS_AWAY)
def run_unit(self: Task[Any, Any], tenant_id: str, unit_id: str) -> None:
    """Collect, judge and write one unit; comes again later while another worker holds it."""
    try:
        run_unit_action(tenant_id=tenant_id, unit_id=unit_id, worker=str(self.request.hostname or ""))
    except Busy as busy:
        raise self.retry(countdown=busy.seconds, exc=None) from None


@shared_task(name="assessments.tasks.preflight", **WHILE_THE_DATABASE_IS_AWAY)
def preflight(tenant_id: str, service_principal_id: str, person_id: str) -> None:
    """Ask what a service principal may read, for the page that waits for it."""
    run_requested(
        tenant_id=UUID(tenant_id), service_principal_id=UUID(service_principal_id), person_id=UUID(person_id)
    )


@shared_task(name="assessments.tasks.tick")
def tick() -> None:
    """Once a minute: what is stranded or due, tenant by tenant."""
    for tenant_id in TenantKey.objects.values_list("tenant_id", flat=True):
        with tenant_scope(tenant_id):
            tenant = Tenant.objects.get(pk=tenant_id)
            sent, started = recover(tenant=tenant), start_due(tenant=tenant)
        if sent or started:
            log.info("tick", tenant=str(tenant_id), sent=sent, started=bool(started))
