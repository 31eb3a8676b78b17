"""Schedules of recurring assessments."""

from django.db import models

from tenants.models import TenantOwned


class Schedule(TenantOwned):
    """A tenant's schedule: an assessment every `every_hours` hours. The periodic task starts the next at `next_at`."""

    every_hours = models.PositiveIntegerField(default=24)
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="assessments_schedule_once"),
            models.CheckConstraint(condition=models.Q(every_hours__gte=1), name="assessments_schedule_hours"),
        ]

    def __str__(self) -> str:
        return f"every {self.every_hours} h"
