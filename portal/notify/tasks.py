"""Celery's way in. Messages are hints: what is lost with the broker, the tick finds in the database."""

from __future__ import annotations

from typing import Any, Final

from celery import Task, shared_task

from assessments.actions.dispatch import enqueue
from assessments.tasks import WHILE_THE_DATABASE_IS_AWAY
from portal.notify.actions import prune as pruning
from portal.notify.delivery import is_due, send_due
from portal.notify.emit import SEND
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.selectors import tenant_ids

PRUNE: Final = "portal.notify.tasks.prune"


@shared_task(bind=True, name=SEND, **WHILE_THE_DATABASE_IS_AWAY)
def send(self: Task[Any, Any], tenant_id: str) -> None:
    """Mail and post what is due in a tenant."""
    send_due(tenant_id=tenant_id)


@shared_task(name="portal.notify.tasks.tick")
def tick() -> None:
    """Once a minute: have sent what is due, tenant by tenant: digests, tries again, what was lost."""
    for tenant_id in tenant_ids():
        with tenant_scope(tenant_id):
            if is_due(Tenant.objects.get(pk=tenant_id)):
                enqueue(SEND, tenant_id)


@shared_task(name=PRUNE, **WHILE_THE_DATABASE_IS_AWAY)
def prune(tenant_id: str) -> None:
    """Forget what a tenant was told long ago."""
    pruning.prune(tenant_id=tenant_id)


@shared_task(name="portal.notify.tasks.prune_all")
def prune_all() -> None:
    """Once a day: a task for each tenant, so that one's many rows do not keep the others waiting."""
    for tenant_id in tenant_ids():
        enqueue(PRUNE, tenant_id)
