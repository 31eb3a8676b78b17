"""Cancelling: what waits ends at once, what runs ends at its next heartbeat; what is written stays."""

from django.db import transaction
from django.utils import timezone

from assessments.actions.finish import unit_ended
from assessments.errors import NotActive
from assessments.models import Assessment, Unit
from tenants import journal
from tenants.actors import Actor
from tenants.locks import Lock, lock


@transaction.atomic
def cancel(*, assessment: Assessment, by: Actor) -> Assessment:
    """Ask an assessment to end. Raises NotActive when it has ended already."""
    lock(Lock.VERDICTS, assessment.tenant_id)
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if not assessment.is_active:
        raise NotActive(f"Assessment {assessment.number} has ended already.")
    now = timezone.now()
    assessment.cancel_requested_at = assessment.cancel_requested_at or now
    if assessment.state == Assessment.State.QUEUED:
        assessment.state = Assessment.State.CANCELLED
        assessment.ended_at = now
    assessment.save(update_fields=["cancel_requested_at", "state", "ended_at"])
    journal.record(
        tenant=assessment.tenant,
        actor=by,
        action="assessment.cancel",
        target=f"assessment:{assessment.number}",
        details={},
    )
    for unit in Unit.objects.select_for_update().filter(assessment=assessment, state=Unit.State.WAITING):
        unit_ended(unit=unit, state=Unit.State.CANCELLED)
    assessment.refresh_from_db()
    return assessment
