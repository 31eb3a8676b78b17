"""Store the history of retention policies. Each decision is one row, which never changes afterwards."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tenants import rls
from tenants.models import OrganizationOwned, TenantOwned
from tenants.protection import Protection


class _Rule(models.Model):
    """A decision about how long one kind of data is kept.

    A trigger sets `decided_at` and `effective_at`: a longer period takes effect at once, a shorter period after seven
    days. A further decision within the seven days cancels the shorter period. Of the decisions that have taken effect,
    the latest counts. The application's database role can neither update nor delete rows.
    """

    append_only = True

    class Mode(models.TextChoices):
        DAYS = "days", "Delete after a number of days"
        KEEP = "keep", "Keep without limit"
        DEFAULT = "default", "Default"

    kind = models.CharField(max_length=20)
    mode = models.CharField(max_length=10, choices=Mode)
    days = models.PositiveIntegerField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField()
    effective_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"

    @property
    def text(self) -> str:
        """Return the decision as text: a number of days, “keep” or “default”."""
        return str(self.days) if self.mode == self.Mode.DAYS else str(self.mode)


class RetentionRule(_Rule, TenantOwned):
    """A decision for one customer. If its mode is “default”, the organization's decision applies to the customer."""

    protection = Protection.INTERNAL

    class Meta(TenantOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(mode="days", days__isnull=False) | ~Q(mode="days") & Q(days__isnull=True),
                name="retention_rule_days",
            )
        ]
        indexes = [models.Index(fields=["tenant", "kind", "-decided_at"], name="retention_rule_newest")]


class OrganizationRetentionRule(_Rule, OrganizationOwned):
    """A decision of an organization about how long one kind of data of its customers is kept.

    The decision applies to customers without a decision of their own. All customers of the organization can read it.
    """

    protection = Protection.INTERNAL

    class Meta(OrganizationOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(mode="days", days__isnull=False) | ~Q(mode="days") & Q(days__isnull=True),
                name="retention_organizationrule_days",
            ),
            rls.RowLevelSecurity(
                name="%(app_label)s_%(class)s_rls", using=rls.ORGANIZATION, read=rls.ORGANIZATION_OWNED_READ
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "kind", "-decided_at"], name="retention_orgrule_newest")
        ]
