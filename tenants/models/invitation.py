"""Define invitations by email. An invitation offers a role that becomes a membership when the person accepts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from tenants import rls
from tenants.auditors.review_periods import ReviewPeriod
from tenants.ids import uuid7
from tenants.isolation.managers import MembershipManager
from tenants.models.membership import review_period_is_valid, role_matches_place
from tenants.models.organization import Organization
from tenants.models.tenant import Tenant
from tenants.protection import Protection
from tenants.references import CompositeReference
from tenants.roles import Role


class Invitation(models.Model):
    """An invitation of an email address to a role.

    - `token_hash`: the SHA-256 in hex of the mailed link's token, which is not stored
    - `access_from`, `access_until`: start (null for at once) and end of the membership
    - `review_first`, `review_last`: the review period of the membership
    - `expires_at`: when the link expires; `mailed_at`: when the mail server last accepted the mail

    Invitations to several customers can share a token. One mail then has one link for all these invitations, and the
    person accepts them together. A trigger refuses changes of the email address, organization, tenant,
    role and periods.
    """

    protection = Protection.SECRET

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=40, choices=Role)
    access_from = models.DateTimeField(null=True, blank=True)
    access_until = models.DateTimeField(null=True, blank=True)
    review_first = models.DateField(null=True, blank=True)
    review_last = models.DateField(null=True, blank=True)
    token_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    mailed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token_hash", "tenant"], nulls_distinct=False, name="tenants_invitation_token"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="tenants_invitation_role"),
            models.CheckConstraint(condition=role_matches_place(), name="tenants_invitation_place"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="tenants_invitation_email_lower"),
            models.CheckConstraint(
                condition=~Q(role=Role.AUDITOR) | Q(access_until__isnull=False),
                name="tenants_invitation_auditor_ends",
            ),
            models.CheckConstraint(
                condition=Q(access_from__isnull=True)
                | Q(access_until__isnull=True)
                | Q(access_until__gt=F("access_from")),
                name="tenants_invitation_access_period",
            ),
            models.CheckConstraint(
                condition=review_period_is_valid(), name="tenants_invitation_review_period"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="tenants_invitation_period"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=False) | Q(accepted_by__isnull=True),
                name="tenants_invitation_accepted",
            ),
            CompositeReference(
                name="tenants_invitation_tenant_organization",
                columns=("tenant_id", "organization_id"),
                table="tenants_tenant",
                targets=("id", "organization_id"),
            ),
            rls.RowLevelSecurity(
                name="tenants_invitation_rls", using=rls.TENANT_OR_ORGANIZATION, read=rls.INVITATION_READ
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def review_period(self) -> ReviewPeriod | None:
        """Return the offered review period of an auditor. Return None if the invitation offers none."""
        return ReviewPeriod.between(self.review_first, self.review_last)
