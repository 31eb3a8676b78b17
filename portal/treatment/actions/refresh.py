"""Bring a tenant's treatments up to date after an assessment or when a date has passed.

The steps, in this order: store the final figures of the previous day, assign owners by rules, update exceptions and
attestations, notify people, store the figures of today, delete orphaned files.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from assessments.models import Assessment
from portal.notify import assessment_ended
from portal.treatment.actions.campaign_notices import remind
from portal.treatment.actions.figures.snapshots import close_day, take_snapshot
from portal.treatment.actions.files.orphans import delete_orphan_files
from portal.treatment.actions.owners.former_owner_notices import notify_former_owners
from portal.treatment.actions.owners.notices import notify_overdue, notify_reopened
from portal.treatment.actions.owners.rules import apply_rules
from portal.treatment.actions.schedule_notices import notify_of_schedule
from portal.treatment.actions.transitions import TransitionCounts, apply_transitions
from portal.treatment.selectors.refresh_triggers import unreported_assessments
from portal.treatment.timeline import SURETY
from tenants.models import Tenant
from tenants.scope import tenant_scope


def refresh_treatments(
    *, tenant_id: UUID | str, assessment_id: UUID | str | None = None, now: datetime | None = None
) -> TransitionCounts:
    """Bring a tenant's treatments up to date. Call this function while no scope (`tenants.scope`) is open.

    Each step commits separately, and a second run changes nothing. People are notified of the ended assessment
    `assessment_id`, and of all ended assessments that no snapshot includes yet. Afterwards, this function takes a
    snapshot that includes them.
    """
    now = now or timezone.now()
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        close_day(tenant=tenant, now=now)
    with tenant_scope(tenant_id):
        apply_rules(tenant=tenant, by=SURETY)
        done = apply_transitions(tenant=tenant, now=now)
    with tenant_scope(tenant_id):
        assessments, through = unreported_assessments(tenant)
        if assessment_id is not None and all(str(row.pk) != str(assessment_id) for row in assessments):
            assessments = [Assessment.objects.get(pk=assessment_id), *assessments]
        for assessment in assessments:
            notify_reopened(tenant=tenant, assessment=assessment, now=now)
            assessment_ended(tenant, assessment)
        notify_overdue(tenant=tenant, now=now)
        notify_former_owners(tenant=tenant, now=now)
        remind(tenant=tenant, now=now)
        notify_of_schedule(tenant=tenant, now=now)
    with tenant_scope(tenant_id):
        take_snapshot(tenant=tenant, now=now, through=through)
        delete_orphan_files(tenant)
    return done
