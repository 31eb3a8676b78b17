"""Define the tasks of treatment. They refresh treatments after assessments and decisions, and when a date has passed.
They also notify owners of new campaigns.
"""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task
from django.utils import timezone

from portal.treatment.actions.campaign_notices import announce_campaign as notify_of_campaign
from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.selectors.campaigns import unannounced
from portal.treatment.selectors.refresh_triggers import MESSAGE_LOST_AFTER, missed_assessments, needs_refresh
from portal.treatment.task_names import AFTER_ASSESSMENT, ANNOUNCE_CAMPAIGN, REFRESH
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Tenant
from tenants.scope import organization_scope
from tenants.selectors import organization_ids

log = structlog.get_logger(__name__)


@shared_task(name=AFTER_ASSESSMENT, **RETRY_ON_DATABASE_ERRORS)
def after_assessment(tenant_id: str, assessment_id: str) -> None:
    """Refresh a tenant's treatments after an assessment (see `SURETY_AFTER_ASSESSMENT`)."""
    refresh_treatments(tenant_id=tenant_id, assessment_id=assessment_id)


@shared_task(name=REFRESH, **RETRY_ON_DATABASE_ERRORS)
def refresh(tenant_id: str) -> None:
    """Refresh a tenant's treatments after a decision, or when a date has passed."""
    refresh_treatments(tenant_id=tenant_id)


@shared_task(name=ANNOUNCE_CAMPAIGN, **RETRY_ON_DATABASE_ERRORS)
def announce_campaign(organization_id: str, campaign_id: str) -> None:
    """Notify owners that a campaign has started. Running this task twice for a campaign does no harm."""
    notify_of_campaign(organization_id=UUID(organization_id), campaign_id=UUID(campaign_id))


@shared_task(name="portal.treatment.tasks.tick")
def tick() -> None:
    """Enqueue the tasks that are due. Runs once a minute.

    Tasks are due for tenants in which a date has passed (such as the end of an exception). Tasks are also due for
    assessments and campaigns if the broker has lost the message that should have started the task. A failure in one
    tenant does not delay other tenants.
    """
    for_each_tenant(_enqueue_due)
    before = timezone.now() - MESSAGE_LOST_AFTER
    for organization_id in organization_ids():
        with organization_scope(organization_id):
            for campaign_id in unannounced(before):
                enqueue(ANNOUNCE_CAMPAIGN, organization_id, campaign_id)


def _enqueue_due(tenant: Tenant) -> None:
    now = timezone.now()
    lost = missed_assessments(tenant, now)
    due = not lost and needs_refresh(tenant, now)
    for assessment_id in lost:
        enqueue(AFTER_ASSESSMENT, tenant.pk, assessment_id)
    if due:
        enqueue(REFRESH, tenant.pk)
    if lost or due:
        log.info("treatment tick", tenant=str(tenant.pk), lost=len(lost), due=due)
