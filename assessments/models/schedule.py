"""Schedules of recurring assessments."""

from django.db import models
from django.db.models import Q

from tenants.models import TenantOwned
from tenants.protection import Protection


class Schedule(TenantOwned):
    """The schedule of a tenant's assessments. The periodic task starts the next assessment at `next_at`.

    - `rule`: a timetable as text (`assessments.timing.timetable`); if empty, the organization's default applies
      (`Organization.default_schedule`)
    - `enabled`: whether assessments are scheduled
    - `computed_for`: the rule and time zone from which `next_at` was computed; when one of them changes, `next_at` is
      computed again
    - `missed_count`: number of assessments that were not started because no worker was running; the first of them was
      due at `missed_from`, the last at `missed_until`; Surety noticed at `missed_at` that they were missed
    """

    protection = Protection.INTERNAL

    class Outcome(models.TextChoices):
        STARTED = "started", "Started"
        CAUGHT_UP = "caught_up", "Started late, because no worker was running at the scheduled time"
        RUNNING = "running", "Not started, because another assessment was still running"
        NO_PRINCIPAL = "no_principal", "Not started, because no service principal is registered"
        PAUSED = "paused", "Not started, because Entra refused all service principals"

    rule = models.CharField(max_length=250, blank=True)
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True, blank=True)
    computed_for = models.CharField(max_length=330, blank=True)
    last_due_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    missed_count = models.PositiveIntegerField(default=0)
    missed_from = models.DateTimeField(null=True, blank=True)
    missed_until = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    paused_since = models.DateTimeField(null=True, blank=True)
    watch = models.BooleanField(
        null=True, blank=True, help_text="watch changes between assessments; null: the organization's default"
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="assessments_schedule_once"),
            models.CheckConstraint(
                condition=Q(
                    missed_count=0,
                    missed_from__isnull=True,
                    missed_until__isnull=True,
                    missed_at__isnull=True,
                )
                | Q(
                    missed_count__gte=1,
                    missed_from__isnull=False,
                    missed_until__isnull=False,
                    missed_at__isnull=False,
                ),
                name="assessments_schedule_missed",
            ),
        ]

    def __str__(self) -> str:
        return self.rule or "default of the organization"
