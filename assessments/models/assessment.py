"""Assessments. An assessment judges a tenant at one time. It has one unit for each subscription and each directory."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tenants.auditors.review_periods import ReviewPeriod
from tenants.models import TenantOwned
from tenants.protection import Protection


class Assessment(TenantOwned):
    """One assessment of a tenant. `number` counts the assessments of the tenant, from 1.

    `units_total` is set once the subscriptions are known. When `units_ended` reaches `units_total`, the assessment is
    finished, and `summary` gets counts and scores (`assessments.scoring`).

    An assessment with the trigger WATCH reads only what somebody changed. It takes all other data from the previous
    assessment (docs/adr/0020-watch.md).
    """

    protection = Protection.CONFIDENTIAL

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        CANCELLED = "cancelled", "Cancelled"

    class Trigger(models.TextChoices):
        MANUAL = "manual", "Started by a person"
        SCHEDULE = "schedule", "Scheduled"
        RETRY = "retry", "Retry of failed parts"
        WATCH = "watch", "Changes that the watch found"
        WATCH_FULL = "watch_full", "Too many changes for the watch"

    # The triggers of assessments that the watch causes. Each such assessment covers one subscription.
    BY_WATCH = (Trigger.WATCH, Trigger.WATCH_FULL)

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    trigger = models.CharField(max_length=20, choices=Trigger, default=Trigger.MANUAL)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    units_total = models.PositiveIntegerField(default=0)
    units_ended = models.PositiveIntegerField(default=0)
    catalogue_hash = models.CharField(max_length=64)
    product_version = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict, help_text="the tenant's overrides at the start, by control")
    only = models.JSONField(default=list, help_text="scope ids of the units, if only some are judged")
    summary = models.JSONField(default=dict)
    details_deleted_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="when evidence of it, or changes needed to state its verdicts, were deleted",
    )

    class Meta(TenantOwned.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="assessments_assessment_number"),
            models.UniqueConstraint(fields=["tenant", "id"], name="assessments_assessment_tenant_id"),
            # Permit only one active assessment: two would overwrite each other's findings.
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(state__in=["queued", "running"]),
                name="assessments_assessment_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(units_ended__lte=F("units_total")), name="assessments_assessment_units"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], ended_at__isnull=True)
                | Q(state__in=["finished", "cancelled"], ended_at__isnull=False),
                name="assessments_assessment_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"Assessment {self.number}"

    @classmethod
    def in_review(cls, period: ReviewPeriod) -> Q:
        """Return the condition of a query for the assessments that ended in the review period of an auditor."""
        return Q(ended_at__gte=period.start, ended_at__lt=period.end)

    @property
    def is_active(self) -> bool:
        """Whether the assessment is queued or running."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def result(self) -> str:
        """The state of the assessment. If the assessment is finished but units failed, the result is ``partial`` (some
        units failed) or ``failed`` (all units failed) instead.
        """
        units = self.summary.get("units", {})
        if self.state == self.State.FINISHED and units.get("failed"):
            return "partial" if units.get("done") else "failed"
        return str(self.state)
