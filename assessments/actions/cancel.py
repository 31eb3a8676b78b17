"""Cancel an assessment: waiting units end immediately, running units at their next heartbeat."""

from django.db import transaction
from django.utils import timezone

from assessments.actions.units.finish import end_unit
from assessments.errors import NotActive
from assessments.models import Assessment, Unit
from tenants import journal
from tenants.actors import Actor
from tenants.locks import Lock, lock


@transaction.atomic
def cancel(*, assessment: Assessment, by: Actor) -> Assessment:
    """Cancel the assessment. Units that have ended keep their results. Raise NotActive if the assessment has ended."""
    lock(Lock.VERDICTS, assessment.tenant_id)
    assessment = Assessment.objects.select_for_update().get(pk=assessment.pk)
    if not assessment.is_active:
        raise NotActive(f"Assessment {assessment.number} has already ended, so it cannot be cancelled.")
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
        end_unit(unit=unit, state=Unit.State.CANCELLED)
    assessment.refresh_from_db()
    return assessment
