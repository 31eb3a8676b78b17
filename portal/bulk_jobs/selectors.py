"""The bulk jobs that a person can see."""

from __future__ import annotations

from django.db.models import QuerySet

from portal.bulk_jobs.models import BulkJob
from tenants import scope
from tenants.models import Tenant
from tenants.roles import Capability


def visible_jobs(tenant: Tenant) -> QuerySet[BulkJob]:
    """Return the jobs of the tenant that the person in scope can see: all of them, or only those that the person has
    started.
    """
    rows = BulkJob.objects.filter(tenant=tenant).select_related("by", "batch", "exception")
    current = scope.current()
    if current.may(Capability.VIEW_ALL, tenant.pk):
        return rows
    if current.person is None or not current.may(Capability.VIEW, tenant.pk):
        return rows.none()
    return rows.filter(by=current.person.pk)
