"""Define memberships. A membership is the role of a person in a tenant or organization, for a period."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tenants import rls
from tenants.auditors.review_periods import ReviewPeriod
from tenants.ids import uuid7
from tenants.isolation.managers import MembershipManager
from tenants.models.organization import Organization
from tenants.models.tenant import Tenant
from tenants.protection import Protection
from tenants.references import CompositeReference
from tenants.roles import NEEDS_SECOND_ADMINISTRATOR, ORGANIZATION_ROLES, Role

# Confirmation states in which the role of a membership is not valid.
UNCONFIRMED = ("waiting", "refused")


def role_matches_place() -> Q:
    """Return the condition that organization roles have no tenant, and that all other roles have a tenant."""
    whole = sorted(str(role) for role in ORGANIZATION_ROLES)
    return Q(role__in=whole, tenant__isnull=True) | ~Q(role__in=whole) & Q(tenant__isnull=False)


def review_period_is_valid() -> Q:
    """Return the condition that only auditors have a review period, and that its two days are in order of time."""
    without = Q(review_first__isnull=True, review_last__isnull=True)
    return without | Q(role=Role.AUDITOR, review_first__isnull=False, review_last__gte=F("review_first"))


class Membership(models.Model):
    """A person's role in one tenant, or in the organization and all its tenants if `tenant` is null.

    The role is valid from `valid_from` until just before `valid_until`; if `valid_until` is null, the role has no end.
    Ended rows stay as the register of past access. `granted_by` is the person who granted the role or invited the
    member, or null if Surety or its operator did so. An auditor with `review_first` and `review_last` reads only
    records of these days (UTC).

    A role in NEEDS_SECOND_ADMINISTRATOR gives no right until it is confirmed. A trigger refuses roles that people grant
    to themselves, confirmations by the granter or by the person with the role, and changes of `valid_until` to a later
    time.
    """

    protection = Protection.PERSONAL

    class Confirmation(models.TextChoices):
        NOT_NEEDED = "not_needed", "Not needed"
        WAITING = "waiting", "Waiting for a second administrator"
        CONFIRMED = "confirmed", "Confirmed by a second administrator"
        REFUSED = "refused", "Refused"
        OPERATOR = "operator", "Confirmed by the operator of the server"
        EARLIER = "earlier", "Granted before a second administrator was required"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(
        Tenant, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=40, choices=Role)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    review_first = models.DateField(null=True, blank=True)
    review_last = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmation = models.CharField(max_length=20, choices=Confirmation, default=Confirmation.NOT_NEEDED)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="tenants_membership_role"),
            models.CheckConstraint(condition=role_matches_place(), name="tenants_membership_place"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="tenants_membership_period",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.AUDITOR) | Q(valid_until__isnull=False),
                name="tenants_membership_auditor_ends",
                violation_error_message="An auditor's access must end: enter an end date.",
            ),
            models.CheckConstraint(
                condition=~Q(granted_by=F("person")), name="tenants_membership_not_by_self"
            ),
            models.CheckConstraint(
                condition=review_period_is_valid(), name="tenants_membership_review_period"
            ),
            models.CheckConstraint(
                condition=~Q(role__in=sorted(map(str, NEEDS_SECOND_ADMINISTRATOR)))
                | ~Q(confirmation="not_needed"),
                name="tenants_membership_second_administrator",
            ),
            models.CheckConstraint(
                condition=~Q(confirmation="confirmed")
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="tenants_membership_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("granted_by")) & ~Q(confirmed_by=F("person"))
                | Q(confirmation="refused"),
                name="tenants_membership_confirmed_by_other",
            ),
            CompositeReference(
                name="tenants_membership_tenant_organization",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
            rls.RowLevelSecurity(
                name="tenants_membership_rls", using=rls.TENANT_OR_ORGANIZATION, read=rls.MEMBERSHIP_READ
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.person_id}"

    @property
    def has_started(self) -> bool:
        """Return whether the membership has begun. The role may still wait for confirmation."""
        return self.valid_from <= timezone.now()

    @property
    def review_period(self) -> ReviewPeriod | None:
        """Return the review period of an auditor. Return None if the membership has none."""
        return ReviewPeriod.between(self.review_first, self.review_last)

    @staticmethod
    def valid_at(moment: datetime) -> Q:
        """Return the condition that selects memberships whose role is valid at `moment`. An unconfirmed role is not
        valid.
        """
        period = Q(valid_from__lte=moment) & (Q(valid_until__isnull=True) | Q(valid_until__gt=moment))
        return period & ~Q(confirmation__in=UNCONFIRMED)
