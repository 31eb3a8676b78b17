"""Planned changes: time windows and tickets that were entered in advance."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal.changes.models.rule import MAX_PATTERN
from tenants.models import TenantOwned
from tenants.protection import Protection


class PlannedChange(TenantOwned):
    """A time window in which changes of a scope are expected.

    The scope has four of the conditions of a `WatchRule`: subscriptions, and globs of resource groups, resource types
    and actors. A planned change covers only changes after it was entered and before it was cancelled.
    """

    protection = Protection.CONFIDENTIAL

    name = models.CharField(max_length=120)
    ticket = models.CharField(max_length=120, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    units = ArrayField(models.CharField(max_length=MAX_PATTERN), default=list, blank=True)
    groups = ArrayField(models.CharField(max_length=MAX_PATTERN), default=list, blank=True)
    types = ArrayField(models.CharField(max_length=MAX_PATTERN), default=list, blank=True)
    actors = ArrayField(models.CharField(max_length=MAX_PATTERN), default=list, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta(TenantOwned.Meta):
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="changes_plannedchange_tenant_id"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="changes_plannedchange_times"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "ends_at"], name="changes_plannedchange_ends")]

    def __str__(self) -> str:
        return self.name
