"""The bulk jobs that a person can see."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from portal.bulk_jobs.bulk_actions.registry import bulk_actions
from portal.bulk_jobs.models import BulkJob
from portal.treatment.actions.undo import UNDO_WINDOW
from tenants import scope
from tenants.errors import NotFound, PermissionDenied
from tenants.models import Tenant
from tenants.roles import Capability


def visible_jobs(tenant: Tenant) -> QuerySet[BulkJob]:
    """Return the jobs of the tenant that the person in scope can see: all jobs, or only their own."""
    rows = BulkJob.objects.filter(tenant=tenant).select_related("by", "batch", "exception")
    current = scope.current()
    if current.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if current.person is None or not current.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(by=current.person.pk)


def may_act(job: BulkJob) -> bool:
    """Return whether the person in scope has the right that the job's action needs. Cancelling and undoing
    the job need the same right.
    """
    try:
        bulk_actions()[job.action].require(job.tenant)
    except (PermissionDenied, NotFound):
        return False
    return True


def undo_until(job: BulkJob) -> datetime | None:
    """Return the time until which the job can be undone, or None if the job cannot be undone. The time may have
    passed.
    """
    if job.is_active or job.batch is None or not job.batch.count or job.batch.undone_at is not None:
        return None
    return job.batch.at + UNDO_WINDOW
