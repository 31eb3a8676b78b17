"""Periodic recovery: if a worker has died or a message was lost, send the message for the work again."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from assessments.actions.task_names import PREPARE, RUN_UNIT
from assessments.models import Assessment, Unit
from tenants.dispatch import enqueue
from tenants.models import Tenant

# A message that no worker has taken after this time counts as lost.
LOST_AFTER = timedelta(seconds=45)


@transaction.atomic
def recover(*, tenant: Tenant) -> int:
    """Resend the messages of waiting work and of units whose lease has expired. Return the number sent.

    Sending a message twice is harmless, because only one worker can claim a unit.
    """
    now = timezone.now()
    sent = 0
    queued = Assessment.objects.filter(
        tenant=tenant, state=Assessment.State.QUEUED, created_at__lt=now - LOST_AFTER
    )
    for assessment in queued:
        enqueue(PREPARE, tenant.pk, assessment.pk)
        sent += 1
    running = Unit.objects.filter(tenant=tenant, assessment__state=Assessment.State.RUNNING)
    expired = running.filter(state=Unit.State.RUNNING, lease_until__lt=now)
    waiting = running.filter(state=Unit.State.WAITING, assessment__started_at__lt=now - LOST_AFTER, attempt=0)
    for unit in [*expired, *waiting]:
        enqueue(RUN_UNIT, tenant.pk, unit.pk)
        sent += 1
    return sent
