"""Exceptions: failures accepted for a limited time by someone other than the requester."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThanOrEqual

from assessments.models import Finding
from portal.treatment.models.matching import Matching
from tenants.auditors.review_periods import ReviewPeriod
from tenants.ids import first_uuid7
from tenants.models import TenantOwned
from tenants.protection import Protection
from tenants.references import same_tenant

# Exceptions and attestations that end within this time are shown as ending soon.
ENDING_SOON: Final = timedelta(days=30)


class FindingException(Matching, TenantOwned):
    """An exception. Its usual states are, in this order: requested, approved (until its start), active, expired. It can
    also be refused, withdrawn, returned or revoked.

    - In the state `returned`, an approver must decide again, because observed values have changed since the approval or
      the rule matches more findings than approved (`returned_because`). Unchanged findings stay covered.
    - `decided_by` and `requested_by` are different people. The database ensures this.
    - `maximum` is the maximum number of findings that an exception with a rule may cover.
    - `cap_days` is the maximum duration under the policy when the exception was requested. The database refuses an end
      that would exceed this duration.
    """

    protection = Protection.CONFIDENTIAL

    class Scope(models.TextChoices):
        FINDING = "finding", "One finding"
        LIST = "list", "A list of findings"
        RULE = "rule", "A rule"

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved"
        ACTIVE = "active", "Active"
        RETURNED = "returned", "Returned"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"
        REVOKED = "revoked", "Revoked"

    class Because(models.TextChoices):
        CHANGED = "changed", "Observed values changed"
        GROWN = "grown", "More findings match than approved"

    # In these states, the exception covers the findings whose observed value equals the approved value.
    IN_FORCE = (State.ACTIVE, State.RETURNED)
    # An approved exception covers findings from its start on, even before the worker has made it active.
    COVERING = (State.APPROVED, *IN_FORCE)
    # In these states, the exception waits for an approver.
    PENDING = (State.REQUESTED, State.RETURNED)
    ENDED = (State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.REVOKED)

    number = models.PositiveIntegerField()
    scope = models.CharField(max_length=10, choices=Scope)
    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED)
    reason = models.TextField()
    compensating_control = models.TextField(blank=True)
    maximum = models.PositiveIntegerField()
    cap_days = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    decisions = models.PositiveIntegerField(
        default=0, editable=False, help_text="approvals; a trigger counts them"
    )
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_because = models.CharField(max_length=10, choices=Because, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="when it reached a final state")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    end_note = models.TextField(blank=True)
    notice_at = models.DateTimeField(
        null=True, blank=True, help_text="when people were notified of the coming end"
    )

    class Meta(TenantOwned.Meta):
        verbose_name = "exception"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "id"], name="treatment_exception_tenant_id"),
            models.UniqueConstraint(fields=["tenant", "number"], name="treatment_exception_number"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="treatment_exception_period"
            ),
            # Adding days to `starts_at` would depend on the session's time zone, in which a day may have 23 hours. So
            # compare durations.
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    F("ends_at") - F("starts_at"),
                    models.ExpressionWrapper(
                        F("cap_days") * models.Value(timedelta(days=1)), output_field=models.DurationField()
                    ),
                ),
                name="treatment_exception_cap",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="treatment_exception_reason"),
            models.CheckConstraint(condition=Q(maximum__gte=1), name="treatment_exception_maximum"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="treatment_exception_four_eyes",
                violation_error_message="An exception must be decided by someone other than its requester.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="treatment_exception_decided",
            ),
            # Only these two states are possible without a decision: the exception waits for its first decision, or it
            # was withdrawn before that.
            models.CheckConstraint(
                condition=Q(state__in=["requested", "withdrawn"]) | Q(decided_by__isnull=False),
                name="treatment_exception_approved",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["refused", "withdrawn", "expired", "revoked"], ended_at__isnull=False)
                | Q(state__in=["requested", "approved", "active", "returned"], ended_at__isnull=True),
                name="treatment_exception_ended",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | Q(returned_at__isnull=False) & ~Q(returned_because=""),
                name="treatment_exception_returned",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "ends_at"], name="treatment_exception_state"),
            models.Index(fields=["tenant", "requested_by"], name="treatment_exception_asker"),
        ]

    @classmethod
    def in_review(cls, period: ReviewPeriod, *, of: str = "") -> Q:
        """Return the query condition for exceptions that were undecided or in force in the period. `of` is
        the prefix of the relation to the exception, such as `exception__`.
        """
        within = Q((f"{of}requested_at__lt", period.end), (f"{of}ends_at__gt", period.start))
        return within & (Q((f"{of}ended_at__isnull", True)) | Q((f"{of}ended_at__gt", period.start)))

    @classmethod
    def ends_within(cls, period: timedelta, now: datetime) -> Q:
        """Return the query condition for exceptions in force that end at most `period` after `now`."""
        return Q(state__in=cls.IN_FORCE, ends_at__gt=now, ends_at__lte=now + period)

    def ends_soon(self, now: datetime) -> bool:
        """Return whether the exception is active and ends soon. A new exception for the same findings can then be
        requested.
        """
        return self.state == self.State.ACTIVE and now < self.ends_at <= now + ENDING_SOON

    def __str__(self) -> str:
        return f"Exception {self.number}"


class ExceptionItem(TenantOwned):
    """A finding in the scope of an exception.

    - `approved_*`: the observed value at the approval. These columns are empty before the approval. The finding is
      covered while the hash of its observed value is `approved_sha256`.
    - `changed_at`: when a value other than the approved value was found, so that a new decision is needed
    - `added_at`: when the finding was added because the rule began to match it after the approval; None for all other
      items
    """

    protection = Protection.CONFIDENTIAL

    exception = models.ForeignKey(FindingException, on_delete=models.CASCADE, related_name="items")
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    requested_sha256 = models.CharField(max_length=64)
    requested_observed = models.JSONField(default=dict)
    approved_sha256 = models.CharField(max_length=64, blank=True)
    approved_observed = models.JSONField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    # How many approvals the exception had when the approved value was written. One trigger sets this number. At the
    # commit, another trigger requires that the exception now has more approvals. So approved values change only
    # together with an approval.
    decisions_before = models.PositiveIntegerField(null=True, editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["exception", "finding"], name="treatment_exceptionitem_once"),
            same_tenant("exception_id", "treatment_findingexception"),
            same_tenant("finding_id", "assessments_finding"),
            models.CheckConstraint(
                condition=Q(approved_sha256="", approved_at__isnull=True)
                | ~Q(approved_sha256="") & Q(approved_at__isnull=False),
                name="treatment_exceptionitem_approved",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "finding"], name="treatment_exceptionitem_of")]

    @classmethod
    def in_review(cls, period: ReviewPeriod) -> Q:
        """Return the query condition for items that existed before the end of the period, if their exception was
        undecided or in force in the period.

        An approval after the period overwrites `approved_at` of existing items, and adds further items. Only
        `added_at` and the time in the id (UUIDv7) tell them apart.
        """
        never = Q(approved_at__isnull=True)
        approved = Q(approved_at__lt=period.end)
        added = Q(added_at__lt=period.end)
        requested = Q(added_at__isnull=True, pk__lt=first_uuid7(period.end))
        return FindingException.in_review(period, of="exception__") & (never | approved | added | requested)

    @classmethod
    def changed_in_review(cls, period: ReviewPeriod) -> Q:
        """Return the query condition for items for which a value other than the approved value was found before the end
        of the period.
        """
        return FindingException.in_review(period, of="exception__") & Q(changed_at__lt=period.end)

    def __str__(self) -> str:
        return f"{self.exception_id}: {self.finding_id}"
