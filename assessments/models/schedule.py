"""When a tenant is assessed by itself."""

from django.db import models

from tenants.models import TenantOwned


class Schedule(TenantOwned):
    """One per tenant: every `every_hours` hours; `next_at` is when the tick starts the next one."""

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
