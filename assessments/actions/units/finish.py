"""End units. An assessment counts its ended units; the last unit to end finishes the assessment."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F
from django.utils import timezone

from assessments.actions.units.finding_texts import delete_unused_texts
from assessments.actions.units.unread_units import record_unread_units
from assessments.models import Assessment, Finding, Unit
from assessments.scoring import summarize
from tenants import journal
from tenants.actors import System
from tenants.dispatch import enqueue

# The actor in journal entries of workers.
WORKER = System("assessment worker")


def end_unit(*, unit: Unit, state: Unit.State, **fields: Any) -> None:
    """End a unit. The caller has locked the unit's row and holds `Lock.VERDICTS`."""
    for name, value in fields.items():
        setattr(unit, name, value)
    unit.state = state
    unit.ended_at = timezone.now()
    unit.lease_until = None
    unit.step = ""
    unit.save()
    Assessment.objects.filter(pk=unit.assessment_id).update(units_ended=F("units_ended") + 1)
    assessment = Assessment.objects.select_for_update().get(pk=unit.assessment_id)
    if assessment.is_active and assessment.units_ended == assessment.units_total:
        finish(assessment)


def finish(assessment: Assessment) -> None:
    """Finish an assessment whose units have all ended: set its state and summary, and record its end in the journal.

    The caller holds `Lock.VERDICTS`. After the commit, the tasks in `SURETY_AFTER_ASSESSMENT` get the ids of tenant and
    assessment.
    """
    units = list(Unit.objects.filter(assessment=assessment).values_list("state", "requests", "throttled"))
    was_cancelled = any(state == Unit.State.CANCELLED for state, _, _ in units)
    assessment.state = Assessment.State.CANCELLED if was_cancelled else Assessment.State.FINISHED
    assessment.ended_at = timezone.now()
    if was_cancelled:
        record_unread_units(assessment, assessment.ended_at)
    assessment.summary = {
        **tenant_summary(assessment.tenant_id),
        "units": {name: sum(1 for state, _, _ in units if state == name) for name in Unit.State.values},
        "requests": sum(requests for _, requests, _ in units),
        "throttled": sum(throttled for _, _, throttled in units),
    }
    assessment.save(update_fields=["state", "ended_at", "summary"])
    delete_unused_texts(assessment.tenant_id)
    journal.record(
        tenant=assessment.tenant,
        actor=WORKER,
        action="assessment.end",
        target=f"assessment:{assessment.number}",
        details={"state": assessment.result, "counts": assessment.summary["counts"]},
    )
    for task in settings.SURETY_AFTER_ASSESSMENT:
        enqueue(task, assessment.tenant_id, assessment.pk)


def tenant_summary(tenant_id: UUID) -> dict[str, Any]:
    """Return score, coverage and counts of the tenant's current findings."""
    rows = (
        Finding.objects.filter(tenant_id=tenant_id, gone_at__isnull=True)
        .values_list("section", "severity", "outcome")
        .annotate(count=Count("*"))
        .order_by()
    )
    return summarize(rows)
