"""What follows an ended assessment or a passed date, in order: the day before's last figures, owners, exceptions,
notices, the day's figures.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from assessments.models import Assessment
from portal.notify import assessment_ended
from portal.treatment.actions.exceptions.audit import SURETY
from portal.treatment.actions.former_owner_notices import notify_former_owners
from portal.treatment.actions.orphan_files import delete_orphan_files
from portal.treatment.actions.owner_notices import notify_overdue, notify_reopened
from portal.treatment.actions.rules import apply_rules
from portal.treatment.actions.snapshots import close_day, take_snapshot
from portal.treatment.actions.transitions import TransitionCounts, apply_transitions
from portal.treatment.selectors.refresh_triggers import unreported_assessments
from tenants.models import Tenant
from tenants.scope import tenant_scope


def refresh_treatments(
    *, tenant_id: UUID | str, assessment_id: UUID | str | None = None, now: datetime | None = None
) -> TransitionCounts:
    """Bring a tenant's treatments up to date; call it without an open scope, as often as you like.

    Each step commits by itself, so that what fails later takes nothing back; repeated, each does nothing more.
    `assessment_id`: an assessment that ended, whose news are told; so are those of every other that no figures
    include yet, since the figures of this moment will include it and nothing sends it again after that.
    """
    now = now or timezone.now()
    with tenant_scope(tenant_id):
        tenant = Tenant.objects.get(pk=tenant_id)
        close_day(tenant=tenant, now=now)
    with tenant_scope(tenant_id):
        apply_rules(tenant=tenant, by=SURETY)
        done = apply_transitions(tenant=tenant, now=now)
    with tenant_scope(tenant_id):
        news, through = unreported_assessments(tenant)
        if assessment_id is not None and all(str(row.pk) != str(assessment_id) for row in news):
            news = [Assessment.objects.get(pk=assessment_id), *news]
        for assessment in news:
            notify_reopened(tenant=tenant, assessment=assessment, now=now)
            assessment_ended(tenant, assessment)
        notify_overdue(tenant=tenant, now=now)
        notify_former_owners(tenant=tenant, now=now)
    with tenant_scope(tenant_id):
        take_snapshot(tenant=tenant, now=now, through=through)
        delete_orphan_files(tenant)
    return done
