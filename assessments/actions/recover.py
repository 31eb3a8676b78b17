"""Recover periodically: if a worker has died or a message was lost, send the message for the work again."""

from django.db import transaction
from django.utils import timezone

from assessments.actions.task_names import PREPARE, RUN_UNIT
from assessments.actions.units.dispatch import LOST_AFTER, dispatch
from assessments.models import Assessment, Unit
from tenants.dispatch import enqueue
from tenants.locks import Lock, lock
from tenants.models import Tenant


@transaction.atomic
def recover(*, tenant: Tenant) -> int:
    """Resend the messages of waiting work and of units whose lease has expired. Return the number of messages.

    Sending a message twice is harmless, because only one worker can claim a unit.
    """
    lock(Lock.VERDICTS, tenant.pk)
    now = timezone.now()
    sent = 0
    queued = Assessment.objects.filter(
        tenant=tenant, state=Assessment.State.QUEUED, created_at__lt=now - LOST_AFTER
    )
    for assessment in queued:
        enqueue(PREPARE, tenant.pk, assessment.pk)
        sent += 1
    for assessment in Assessment.objects.filter(tenant=tenant, state=Assessment.State.RUNNING):
        sent += dispatch(assessment)
    expired = Unit.objects.filter(
        tenant=tenant,
        assessment__state=Assessment.State.RUNNING,
        state=Unit.State.RUNNING,
        lease_until__lt=now,
    )
    for unit in expired:
        enqueue(RUN_UNIT, tenant.pk, unit.pk)
        sent += 1
    return sent
