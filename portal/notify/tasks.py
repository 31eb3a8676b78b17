"""Celery tasks that send notifications.

A periodic task (“tick”) finds due rows in the database, so no work is lost if the broker loses a message.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from celery import Task, shared_task

from portal.notify.actions import credential_notices, exclusion_notices, managing_credential_notices
from portal.notify.delivery import is_due, send_due
from portal.notify.publish import SEND
from tenants.actions.exclusion_rules import has_ended_rules
from tenants.actions.subscriptions import has_ended_exclusions
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Tenant
from tenants.scope import organization_scope
from tenants.selectors import organization_ids

CREDENTIALS: Final = "portal.notify.tasks.credentials"
NEW_EXCLUSIONS: Final = "portal.notify.tasks.new_exclusions"
MANAGING_CREDENTIALS: Final = "portal.notify.tasks.managing_credentials"
EXCLUSIONS: Final = "portal.notify.tasks.exclusions"


@shared_task(bind=True, name=SEND, **RETRY_ON_DATABASE_ERRORS)
def send(self: Task[Any, Any], tenant_id: str) -> None:
    """Send the due mails and posts of a tenant."""
    send_due(tenant_id=tenant_id)


@shared_task(name="portal.notify.tasks.tick")
def tick() -> None:
    """Run once a minute. For each tenant, enqueue the tasks that send due messages, publish notices about credentials,
    end exclusions of subscriptions, and announce new exclusions. For each organization, enqueue the task that publishes
    notices about the organization's own credentials.
    """
    for_each_tenant(_enqueue_due)
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            if managing_credential_notices.are_due(organization_id):
                enqueue(MANAGING_CREDENTIALS, organization_id)


def _enqueue_due(tenant: Tenant) -> None:
    if credential_notices.are_due(tenant):
        enqueue(CREDENTIALS, tenant.pk)
    if has_ended_exclusions(tenant) or has_ended_rules(tenant):
        enqueue(EXCLUSIONS, tenant.pk)
    if exclusion_notices.has_new_exclusions(tenant):
        enqueue(NEW_EXCLUSIONS, tenant.pk)
    if is_due(tenant):
        enqueue(SEND, tenant.pk)


@shared_task(name=CREDENTIALS, **RETRY_ON_DATABASE_ERRORS)
def credentials(tenant_id: str) -> None:
    """Notify a tenant's administrators of credentials that expire soon or were refused."""
    credential_notices.publish_credential_notices(tenant_id=UUID(tenant_id))


@shared_task(name=MANAGING_CREDENTIALS, **RETRY_ON_DATABASE_ERRORS)
def managing_credentials(organization_id: str) -> None:
    """Notify an organization's administrators that the organization's own credentials expire soon or were refused."""
    managing_credential_notices.publish_managing_credential_notices(organization_id=UUID(organization_id))


@shared_task(name=EXCLUSIONS, **RETRY_ON_DATABASE_ERRORS)
def exclusions(tenant_id: str) -> None:
    """Include a tenant's subscriptions whose exclusion or exclusion rule has ended, and notify the tenant's
    administrators.
    """
    exclusion_notices.end_exclusions(tenant_id=UUID(tenant_id))


@shared_task(name=NEW_EXCLUSIONS, **RETRY_ON_DATABASE_ERRORS)
def new_exclusions(tenant_id: str) -> None:
    """Notify a tenant's administrators of subscriptions that were assessed before and that a rule now excludes."""
    exclusion_notices.announce_exclusions(tenant_id=UUID(tenant_id))
