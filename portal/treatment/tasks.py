"""The tasks of treatment: after each assessment, and once a minute for dates that have passed."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from portal.treatment.actions.refresh import refresh_treatments
from portal.treatment.selectors.refresh_triggers import missed_assessments, needs_refresh
from portal.treatment.task_names import AFTER_ASSESSMENT, REFRESH
from tenants.dispatch import RETRY_ON_DATABASE_ERRORS, enqueue, for_each_tenant
from tenants.models import Tenant

log = structlog.get_logger(__name__)


@shared_task(name=AFTER_ASSESSMENT, **RETRY_ON_DATABASE_ERRORS)
def after_assessment(tenant_id: str, assessment_id: str) -> None:
    """Refresh a tenant's treatments after an assessment (see `SURETY_AFTER_ASSESSMENT`)."""
    refresh_treatments(tenant_id=tenant_id, assessment_id=assessment_id)


@shared_task(name=REFRESH, **RETRY_ON_DATABASE_ERRORS)
def refresh(tenant_id: str) -> None:
    """Refresh a tenant's treatments after a decision, or when a date has passed."""
    refresh_treatments(tenant_id=tenant_id)


@shared_task(name="portal.treatment.tasks.tick")
def tick() -> None:
    """Run once a minute: enqueue a task for each tenant with something due, and for each missed assessment.

    One task per tenant, so that a failure in one tenant does not delay the others.
    """
    for_each_tenant(_enqueue_due)


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
