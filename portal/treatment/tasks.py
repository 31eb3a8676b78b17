"""Celery's way in: after each assessment, and once a minute for what is due by the clock."""

from __future__ import annotations

from typing import Final

import structlog
from celery import shared_task
from django.utils import timezone

from assessments.actions.dispatch import enqueue
from assessments.tasks import WHILE_THE_DATABASE_IS_AWAY
from portal.treatment.actions.exception_words import REFRESH
from portal.treatment.actions.settle import settle
from portal.treatment.selectors.due import not_taken_in, something_due
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.selectors import tenant_ids

log = structlog.get_logger(__name__)

AFTER_ASSESSMENT: Final = "portal.treatment.tasks.after_assessment"


@shared_task(name=AFTER_ASSESSMENT, **WHILE_THE_DATABASE_IS_AWAY)
def after_assessment(tenant_id: str, assessment_id: str) -> None:
    """Owners, exceptions, notices and figures, after an assessment has ended (`SURETY_AFTER_ASSESSMENT`)."""
    settle(tenant_id=tenant_id, assessment_id=assessment_id)


@shared_task(name=REFRESH, **WHILE_THE_DATABASE_IS_AWAY)
def refresh(tenant_id: str) -> None:
    """The same, when a date has passed."""
    settle(tenant_id=tenant_id)


@shared_task(name="portal.treatment.tasks.tick")
def tick() -> None:
    """Send a task for each tenant for which something is due, and for the assessments whose message was lost.

    One task a tenant: what fails for one does not keep the others waiting.
    """
    for tenant_id in tenant_ids():
        now = timezone.now()
        with tenant_scope(tenant_id):
            tenant = Tenant.objects.get(pk=tenant_id)
            lost = not_taken_in(tenant, now)
            due = not lost and something_due(tenant, now)
            for assessment_id in lost:
                enqueue(AFTER_ASSESSMENT, tenant_id, assessment_id)
            if due:
                enqueue(REFRESH, tenant_id)
        if lost or due:
            log.info("treatment tick", tenant=str(tenant_id), lost=len(lost), due=due)
