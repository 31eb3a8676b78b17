"""Recover periodically: if a worker has died or a message was lost, send the message for the work again. If an upgrade
has interrupted an assessment, start it again.
"""

import structlog
from django.db import transaction
from django.utils import timezone

from assessments.actions.start import start
from assessments.actions.task_names import PREPARE, RUN_UNIT
from assessments.actions.units.dispatch import LOST_AFTER, dispatch
from assessments.actions.units.finish import WORKER, end_unit
from assessments.actions.units.lease import has_other_catalogue
from assessments.models import Assessment, Unit
from tenants.actions.organizations import lock_settings
from tenants.dispatch import enqueue
from tenants.errors import Conflict
from tenants.locks import Lock, lock
from tenants.models import Tenant

log = structlog.get_logger(__name__)


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
        is_interrupted = assessment.units_ended and has_other_catalogue(assessment)
        if is_interrupted and assessment.cancel_requested_at is None:
            sent += _start_again(tenant, assessment)
        else:
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


def _start_again(tenant: Tenant, assessment: Assessment) -> int:
    """Cancel the remaining units of an assessment that an upgrade has interrupted, and start another assessment. So all
    units of an assessment are judged with the catalogue of the same release.

    While a worker of the earlier release still runs a unit, do nothing. Return the number of sent messages.
    """
    lock_settings([tenant])
    now = timezone.now()
    rows = Unit.objects.select_for_update().filter(assessment=assessment).exclude(state__in=Unit.ENDED)
    units = list(rows.order_by("pk"))
    if any(
        unit.state == Unit.State.RUNNING and unit.lease_until and unit.lease_until > now for unit in units
    ):
        return 0
    for unit in units:
        end_unit(unit=unit, state=Unit.State.CANCELLED)
    try:
        start(tenant=tenant, by=WORKER, trigger=Assessment.Trigger(assessment.trigger), only=assessment.only)
    except Conflict as error:
        # The customer may have been archived, or its last service principal disabled.
        log.warning("assessment not started again", assessment=str(assessment.pk), code=error.code)
        return 0
    return 1
